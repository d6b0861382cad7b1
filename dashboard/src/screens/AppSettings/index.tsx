import { useEffect, useState, type FormEvent } from 'react';
import { patchApp } from '../../api/apps';
import { api, appPath } from '../../api/client';
import { useAction } from '../../api/resource';
import type { App, Ends, Overview } from '../../api/types';
import { useApp, useApps } from '../../app/apps';
import { PreviewState, usePreview } from '../../app/preview';
import { navigate } from '../../app/router';
import { useReasonAgainst } from '../../app/session';
import {
  Button,
  Callout,
  Card,
  ConfirmDialog,
  count,
  describeEnds,
  ErrorNote,
  Facts,
  formatDate,
  PageHeader,
  TextArea,
  TextField,
  useToast,
} from '../../ui';
import { visibleName } from '../../untrusted/visible';

export default function AppSettings() {
  const app = useApp();
  if (!app) return null;
  return (
    <>
      <PageHeader title="App settings" subtitle={`What ${visibleName(app.name)} is called, and whether it is.`} />
      <div className="stack">
        <Name key={app.api_key} app={app} />
        <Card title="About">
          <Facts
            items={[
              ['API key', <code className="wrap">{app.api_key}</code>],
              ['Number', app.id],
              ['Created', formatDate(app.created_at)],
              ['Changed', formatDate(app.updated_at)],
            ]}
          />
        </Card>
        <DangerZone app={app} />
      </div>
    </>
  );
}

function Name({ app }: { app: App }) {
  const reason = useReasonAgainst('operator');
  const { reload } = useApps();
  const toast = useToast();
  /** Null: nothing that it is not called already, so that a name given elsewhere shows. What is typed stays. */
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? app.name;
  useEffect(() => setTyped((text) => (text?.trim() === app.name ? null : text)), [app.name]);
  const { run, pending, error } = useAction(async () => {
    await patchApp(app.api_key, { name: name.trim() });
    reload();
    toast({
      about: `name ${app.api_key}`,
      title: `Called ${visibleName(name.trim())} now`,
      undo: async () => {
        await patchApp(app.api_key, { name: app.name });
        reload();
      },
    });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run();
  };
  return (
    <Card title="Name">
      <form className="stack-small" onSubmit={submit}>
        <div className="row row-end">
          <div className="grow">
            <TextField
              label="Name of the app"
              value={name}
              maxLength={255}
              readOnly={reason !== undefined}
              onChange={(event) => setTyped(event.target.value === app.name ? null : event.target.value)}
            />
          </div>
          <Button
            look="primary"
            type="submit"
            pending={pending}
            reason={
              reason ??
              (name.trim() === '' || name.trim() === app.name ? 'It is called that already.' : undefined)
            }
          >
            Rename
          </Button>
        </div>
        <ErrorNote error={error} />
      </form>
    </Card>
  );
}

function DangerZone({ app }: { app: App }) {
  const operatorReason = useReasonAgainst('operator');
  const ownerReason = useReasonAgainst('owner');
  const { reload } = useApps();
  const toast = useToast();
  const [asking, setAsking] = useState<'suspend' | 'delete' | null>(null);
  const resume = useAction(async () => {
    await patchApp(app.api_key, { suspended: false });
    reload();
    toast({ about: `suspension ${app.api_key}`, title: `${visibleName(app.name)} answers again` });
  });
  return (
    <Card title="Danger zone" tone="danger">
      <div className="stack">
        <div className="row spread">
          <div className="grow">
            <h3>{app.settings.suspended ? 'This app is suspended' : 'Suspend this app'}</h3>
            <p className="soft">
              Every call is refused with code 99 until you resume. Nothing is lost.
            </p>
          </div>
          {app.settings.suspended ? (
            <Button reason={operatorReason} pending={resume.pending} onClick={() => void resume.run()}>
              Resume
            </Button>
          ) : (
            <Button reason={operatorReason} onClick={() => setAsking('suspend')}>
              Suspend…
            </Button>
          )}
        </div>
        <ErrorNote error={resume.error} />
        <hr />
        <div className="row spread">
          <div className="grow">
            <h3>Delete this app</h3>
            <p className="soft">With its users, secrets and settings. This cannot be undone.</p>
          </div>
          <Button look="danger" icon="trash" reason={ownerReason} onClick={() => setAsking('delete')}>
            Delete…
          </Button>
        </div>
      </div>
      {asking === 'suspend' && <Suspend app={app} onClose={() => setAsking(null)} />}
      {asking === 'delete' && <Delete app={app} onClose={() => setAsking(null)} />}
    </Card>
  );
}

type Open = Pick<Ends, 'users' | 'connections'>;

function Suspend({ app, onClose }: { app: App; onClose: () => void }) {
  const { reload } = useApps();
  const toast = useToast();
  const [why, setWhy] = useState('');
  const countOpen = async (signal?: AbortSignal): Promise<Open> => {
    const path = appPath(app.api_key, 'overview');
    const { figures } = await api.get<Overview>(path, signal ? { signal } : {});
    return { users: figures.users_online, connections: figures.connections };
  };
  const preview = usePreview('open', countOpen);
  const { run, pending, error } = useAction(async () => {
    const open = await countOpen();
    await patchApp(app.api_key, { suspended: true, suspended_explanation: why.trim() });
    reload();
    onClose();
    toast({
      about: `suspension ${app.api_key}`,
      title: `${visibleName(app.name)} is suspended`,
      detail: `Ended: ${describeEnds(open)}.`,
      undo: async () => {
        await patchApp(app.api_key, { suspended: false });
        reload();
      },
    });
  });
  return (
    <ConfirmDialog
      title={`Suspend ${visibleName(app.name)}?`}
      submit="Suspend"
      name={app.name}
      pending={pending || preview.counting}
      error={error}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <PreviewState preview={preview} />
      {preview.data && (
        <Callout tone="warning" title={`This ends ${count(preview.data.connections, 'open connection')}`}>
          <p>
            Of {count(preview.data.users, 'user')}. Every call of its users and its backend is refused from then on, until
            you resume it.
          </p>
        </Callout>
      )}
      <TextArea
        label="Why"
        hint="Callers are told this. It may stay empty."
        value={why}
        maxLength={1000}
        onChange={(event) => setWhy(event.target.value)}
      />
    </ConfirmDialog>
  );
}

function Delete({ app, onClose }: { app: App; onClose: () => void }) {
  const { reload } = useApps();
  const toast = useToast();
  const preview = usePreview('ends', (signal) =>
    api.delete<{ users: number; ends: Ends }>(appPath(app.api_key), { dry_run: true }, signal),
  );
  const { run, pending, error } = useAction(async () => {
    await api.delete(appPath(app.api_key), { confirm: app.name });
    toast({ title: `${visibleName(app.name)} is deleted` });
    navigate('/apps', { replace: true });
    reload();
  });
  const would = preview.data;
  return (
    <ConfirmDialog
      title={`Delete ${visibleName(app.name)}?`}
      submit="Delete for ever"
      name={app.name}
      pending={pending || preview.counting}
      error={error}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <PreviewState preview={preview} />
      {would && (
        <Callout tone="danger" title="This cannot be undone">
          It ends {count(would.ends.connections, 'open connection')} and deletes{' '}
          {count(would.users, 'user')}, all secrets and all settings. No token of this app is good for
          anything afterwards.
        </Callout>
      )}
    </ConfirmDialog>
  );
}
