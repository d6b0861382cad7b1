import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { useAction, useResource } from '../../api/resource';
import type { App, Secret } from '../../api/types';
import { useApps } from '../../app/apps';
import { useInterval } from '../../app/interval';
import { useOnChange } from '../../app/live';
import { useReasonAgainst } from '../../app/session';
import {
  Badge,
  Button,
  Callout,
  Card,
  Copyable,
  count,
  Dialog,
  ErrorNote,
  FormDialog,
  formatNumber,
  Loading,
  TableFrame,
  TimeAgo,
  useToast,
} from '../../ui';
import { messageOf } from '../../api/error';
import { aboutSecret, RetireSecret } from './retire';
import { RevealSecret } from './reveal';
import { RotationGuide } from './rotation';

/** How often the use of secrets is asked for while they are looked at. */
const kUsageEveryMs = 3000;
/** What the server allows; said before it has to refuse. */
const kLiveSecretsMax = 16;

export function SecretsCard({ app }: { app: App }) {
  const key = app.api_key;
  const reason = useReasonAgainst('operator');
  const { reload: reloadApps } = useApps();
  const toast = useToast();
  const secrets = useResource(`secrets ${key}`, async (signal) => {
    return (await api.get<{ secrets: Secret[] }>(appPath(key, 'secrets'), { signal })).secrets;
  });
  const reload = () => {
    secrets.reload();
    reloadApps();
  };
  useOnChange(key, secrets.reload);
  useInterval(secrets.reload, kUsageEveryMs);

  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState<string | null>(null);
  const [revealing, setRevealing] = useState<Secret | null>(null);
  const [retiring, setRetiring] = useState<Secret | null>(null);

  const unretire = (secret: Secret) =>
    api.post(appPath(key, 'secrets', String(secret.id), 'unretire')).then(
      () => {
        reload();
        toast({ about: aboutSecret(app, secret), title: `Secret ${secret.id} stays` });
      },
      (thrown: unknown) =>
        toast({ title: 'The secret is still going', detail: messageOf(thrown), tone: 'danger' }),
    );

  const live = secrets.data?.filter((secret) => secret.state !== 'retired') ?? [];
  const newest = live[0];
  const older = live.slice(1);
  const full = live.length >= kLiveSecretsMax;
  return (
    <Card
      title="API secrets"
      description="What your backend signs tokens with. Several can live side by side, so that a secret is exchanged without losing a request."
      flush
      actions={
        <Button
          icon="refresh"
          reason={reason ?? (full ? `At most ${kLiveSecretsMax} secrets live at once.` : undefined)}
          onClick={() => setAdding(true)}
        >
          Rotate the secret…
        </Button>
      }
    >
      {newest && older.length > 0 && (
        <RotationGuide newest={newest} older={older} reason={reason} onRetire={setRetiring} />
      )}
      {secrets.data === undefined && secrets.error === undefined && <Loading />}
      <ErrorNote error={secrets.error} retry={secrets.reload} />
      {secrets.data && (
        <TableFrame label="API secrets">
          <thead>
            <tr>
              <th scope="col">Secret</th>
              <th scope="col">State</th>
              <th scope="col" className="not-narrow">
                Created
              </th>
              <th scope="col" className="not-narrow">
                Last used
              </th>
              <th scope="col" className="cell-number not-narrow">
                Tokens seen
              </th>
              <th scope="col" className="cell-number not-narrow">
                Connections
              </th>
              <th scope="col">
                <span className="visually-hidden">What to do with it</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {secrets.data.map((secret) => (
              <tr key={secret.id}>
                <th scope="row">
                  Secret {secret.id}
                </th>
                <td>
                  <State secret={secret} />
                  <span className="only-narrow small soft">
                    Used <TimeAgo at={secret.usage.last_used_at} none="not yet" />:{' '}
                    {count(secret.usage.tokens_seen, 'token')},{' '}
                    {count(secret.usage.connections, 'connection')}
                  </span>
                </td>
                <td className="not-narrow">
                  <TimeAgo at={secret.created_at} />
                </td>
                <td className="not-narrow">
                  <TimeAgo at={secret.usage.last_used_at} none="not yet" />
                </td>
                <td className="cell-number not-narrow">
                  {formatNumber(secret.usage.tokens_seen)}
                </td>
                <td className="cell-number not-narrow">
                  {formatNumber(secret.usage.connections)}
                </td>
                <td className="cell-actions">
                  {secret.state !== 'retired' && (
                    <span className="row">
                      <Button small icon="eye" reason={reason} onClick={() => setRevealing(secret)}>
                        Show
                      </Button>
                      {secret.state === 'retiring' ? (
                        <Button small icon="undo" reason={reason} onClick={() => void unretire(secret)}>
                          Keep it
                        </Button>
                      ) : (
                        <Button
                          small
                          reason={
                            reason ??
                            (live.filter((other) => other.state === 'live').length < 2
                              ? 'The last secret stays: rotate it first.'
                              : undefined)
                          }
                          onClick={() => setRetiring(secret)}
                        >
                          Retire…
                        </Button>
                      )}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
      {adding && (
        <AddSecret
          app={app}
          onClose={() => setAdding(false)}
          onAdded={(text) => {
            setAdding(false);
            setAdded(text);
            reload();
          }}
        />
      )}
      {added !== null && <AddedSecret text={added} onClose={() => setAdded(null)} />}
      {revealing && (
        <RevealSecret app={app} secret={revealing} onClose={() => setRevealing(null)} />
      )}
      {retiring && (
        <RetireSecret
          app={app}
          secret={retiring}
          onClose={() => setRetiring(null)}
          onRetired={reload}
        />
      )}
    </Card>
  );
}

function State({ secret }: { secret: Secret }) {
  if (secret.state === 'retired') return <Badge>retired</Badge>;
  if (secret.state === 'retiring') {
    return (
      <span className="row">
        <Badge tone="warning">retires</Badge> <TimeAgo at={secret.retires_at} />
      </span>
    );
  }
  return (
    <span className="row">
      <Badge tone="ok">live</Badge>
      {secret.signs_new_tokens && <Badge tone="info">signs new tokens</Badge>}
    </span>
  );
}

function AddSecret({
  app,
  onClose,
  onAdded,
}: {
  app: App;
  onClose: () => void;
  onAdded: (text: string) => void;
}) {
  const { run, pending, error } = useAction(async () => {
    const path = appPath(app.api_key, 'secrets');
    const { secret } = await api.post<{ secret: Secret & { api_secret: string } }>(path);
    onAdded(secret.api_secret);
  });
  return (
    <FormDialog
      title="Rotate the secret"
      submit="Make the new secret"
      pending={pending}
      error={error}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <p>Four steps, and no request is lost on the way:</p>
      <ol className="stack-small">
        <li>
          <strong>Make a new secret.</strong> Both count from then on; tokens that this server mints
          are signed with the new one.
        </li>
        <li>
          <strong>Deploy it</strong> to your backend.
        </li>
        <li>
          <strong>Watch</strong> the use of the old one fall, here.
        </li>
        <li>
          <strong>Retire the old one</strong>, now or at a date.
        </li>
      </ol>
    </FormDialog>
  );
}

function AddedSecret({ text, onClose }: { text: string; onClose: () => void }) {
  return (
    <Dialog
      title="The new secret"
      sticky
      wide
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="stack">
        <Callout tone="warning" title="Keep it now">
          Put it where your backend reads its secret, and deploy. The old one goes on counting until
          you retire it.
        </Callout>
        <Copyable text={text} label="New API secret" />
      </div>
    </Dialog>
  );
}
