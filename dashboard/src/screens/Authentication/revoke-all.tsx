import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { useAction, useResource } from '../../api/resource';
import type { App, Revocation, Revoked } from '../../api/types';
import { useApps } from '../../app/apps';
import { useOnChange } from '../../app/live';
import { useReasonAgainst } from '../../app/session';
import {
  Badge,
  Button,
  Card,
  ConfirmDialog,
  count,
  describeEnds,
  ErrorNote,
  formatDate,
  Loading,
  Segmented,
  TextField,
  TimeAgo,
  useToast,
} from '../../ui';
import { Untrusted } from '../../untrusted';
import { parseLocalDate, toLocalInput } from './dates';

/** Ends the tokens of all users issued before an instant, and takes that back. */
export function RevokeAllCard({ app }: { app: App }) {
  const reason = useReasonAgainst('operator');
  const [asking, setAsking] = useState(false);
  const before = app.settings.revoke_tokens_issued_before ?? null;
  const origin = useResource(`revocation ${app.api_key} ${before ?? ''}`, async (signal) => {
    const path = appPath(app.api_key, 'revocations');
    return (await api.get<{ app: Revocation | null }>(path, { query: { limit: 1 }, signal })).app;
  });
  useOnChange(app.api_key, origin.reload);
  const undo = useUndo(app, null);
  return (
    <Card
      title="Revoke all tokens"
      description="Ends every user's tokens issued before a moment, with the connections they opened. Your backend's own tokens go on."
      actions={
        before === null ? (
          <Button look="danger" reason={reason} onClick={() => setAsking(true)}>
            Revoke all tokens…
          </Button>
        ) : (
          <>
            <Button icon="undo" reason={reason} pending={undo.pending} onClick={() => void undo.run()}>
              Undo
            </Button>
            <Button look="danger" reason={reason} onClick={() => setAsking(true)}>
              Revoke again…
            </Button>
          </>
        )
      }
    >
      {before === null ? (
        <p>
          <Badge>none in force</Badge>
        </p>
      ) : (
        <p className="row">
          <Badge tone="danger">in force</Badge>
          <span>
            Tokens issued before <strong>{formatDate(before)}</strong> are refused.
          </span>
          {origin.data && (
            <span className="soft">
              Set <TimeAgo at={origin.data.set_at} /> by <Untrusted text={origin.data.set_by} />.
            </span>
          )}
        </p>
      )}
      <ErrorNote error={undo.error} />
      {asking && <RevokeAll app={app} onClose={() => setAsking(false)} />}
    </Card>
  );
}

/** Takes a revocation of everybody back; where there was one before it, `previous`, that one counts again. */
function useUndo(app: App, previous: string | null) {
  const { reload } = useApps();
  const toast = useToast();
  return useAction(async () => {
    await undoRevocation(app.api_key, previous);
    reload();
    toast({ title: 'The revocation is undone', detail: 'Tokens that it ended are good again.' });
  });
}

async function undoRevocation(key: string, previous: string | null): Promise<void> {
  await api.post(appPath(key, 'unrevoke'));
  if (previous !== null) await api.post(appPath(key, 'revoke'), { before: previous });
}

function RevokeAll({ app, onClose }: { app: App; onClose: () => void }) {
  const { reload } = useApps();
  const toast = useToast();
  const [when, setWhen] = useState<'now' | 'at'>('now');
  const [at, setAt] = useState(() => toLocalInput(new Date()));
  const date = when === 'now' ? undefined : parseLocalDate(at);
  const flaw = date === null ? 'This is no date.' : undefined;
  const path = appPath(app.api_key, 'revoke');
  const preview = useResource(flaw ? null : `dry ${when} ${date ?? ''}`, () =>
    api.post<Revoked<boolean>>(path, { dry_run: true, ...(date ? { before: date } : {}) }),
  );
  const previous = app.settings.revoke_tokens_issued_before ?? null;
  const { run, pending, error } = useAction(async () => {
    const { ends } = await api.post<Revoked<boolean>>(path, date ? { before: date } : {});
    reload();
    onClose();
    toast({
      title: 'All tokens are revoked',
      detail: `Ended: ${describeEnds(ends)}.`,
      undo: async () => {
        await undoRevocation(app.api_key, previous);
        reload();
      },
    });
  });
  return (
    <ConfirmDialog
      title={`Revoke all tokens of ${app.name}`}
      submit="Revoke all tokens"
      name={app.name}
      pending={pending}
      error={error}
      onConfirm={() => void (flaw ?? run())}
      onClose={onClose}
    >
      <Segmented
        label="Which tokens"
        value={when}
        onChange={setWhen}
        options={[
          { value: 'now', label: 'All issued until now' },
          { value: 'at', label: 'All issued before…' },
        ]}
      />
      {when === 'at' && (
        <TextField
          label="Issued before"
          type="datetime-local"
          step={1}
          error={flaw}
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
      )}
      <div className="ends" aria-live="polite">
        <ErrorNote error={preview.error} />
        {preview.data ? (
          <>
            <p>
              This ends <strong>{count(preview.data.ends.connections, 'open connection')}</strong> of{' '}
              <strong>{count(preview.data.ends.users, 'user')}</strong>, now.
            </p>
            <p className="soft">
              Whoever else holds such a token is refused when next using it, with code 40. Apps with a
              token provider fetch a new one and come back by themselves.
            </p>
          </>
        ) : (
          preview.error === undefined && !flaw && <Loading label="Counting what this ends" />
        )}
      </div>
    </ConfirmDialog>
  );
}
