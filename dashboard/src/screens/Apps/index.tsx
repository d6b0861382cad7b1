import { useState } from 'react';
import { api } from '../../api/client';
import { ApiError } from '../../api/error';
import { useAction } from '../../api/resource';
import type { App, Mode, NewApp } from '../../api/types';
import { useApps } from '../../app/apps';
import { useHistory } from '../../app/live';
import { ModeBadge } from '../../app/mode-badge';
import { Link, navigate, toPath } from '../../app/router';
import { kOverviewPattern } from '../../app/routes';
import { useReasonAgainst } from '../../app/session';
import {
  Badge,
  Button,
  Callout,
  Copyable,
  CopyButton,
  Dialog,
  EmptyState,
  ErrorNote,
  formatNumber,
  FormDialog,
  Loading,
  PageHeader,
  Segmented,
  TextField,
  TimeAgo,
} from '../../ui';
import { Untrusted } from '../../untrusted';
import { visibleName } from '../../untrusted/visible';
import './apps.css';

export default function Apps() {
  const { data: apps, error, reload } = useApps();
  const reason = useReasonAgainst('owner');
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<NewApp | null>(null);
  const create = (
    <Button look="primary" icon="plus" reason={reason} onClick={() => setCreating(true)}>
      Create an app
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Apps"
        subtitle="Each has users, an API key and secrets of its own."
        actions={create}
      />
      <ErrorNote error={error} retry={reload} />
      {apps === undefined && error === undefined && <Loading />}
      {apps?.length === 0 && (
        <div className="card">
          <EmptyState title="No apps yet" actions={create}>
            An app is what your backend mints tokens for.
          </EmptyState>
        </div>
      )}
      <ul className="app-list">
        {apps?.map((app) => (
          <li key={app.api_key}>
            <AppCard app={app} />
          </li>
        ))}
      </ul>
      {creating && (
        <CreateApp
          onClose={() => setCreating(false)}
          onCreated={(app) => {
            setCreating(false);
            setCreated(app);
            reload();
          }}
        />
      )}
      {created && (
        <CreatedApp
          app={created}
          onClose={() => navigate(toPath(kOverviewPattern, { key: created.api_key }))}
        />
      )}
    </>
  );
}

function AppCard({ app }: { app: App }) {
  const figures = useHistory(app.api_key)?.figures;
  return (
    <article className="card app-card">
      <div className="row spread">
        <h2>
          <Link className="app-link wrap" to={toPath(kOverviewPattern, { key: app.api_key })}>
            <Untrusted text={app.name} max={255} />
          </Link>
        </h2>
        <span className="row">
          {app.settings.suspended && <Badge tone="danger">suspended</Badge>}
          {app.settings.disable_auth_checks && <Badge tone="danger">auth checks off</Badge>}
          <ModeBadge mode={app.mode} />
        </span>
      </div>
      <p className="row">
        <span className="soft">API key</span> <code className="wrap">{app.api_key}</code>
        <CopyButton text={app.api_key} />
      </p>
      <dl className="app-figures">
        <div>
          <dt>Connections</dt>
          <dd className="number">{figures ? formatNumber(figures.connections) : '–'}</dd>
        </div>
        <div>
          <dt>Users online</dt>
          <dd className="number">{figures ? formatNumber(figures.users_online) : '–'}</dd>
        </div>
        <div>
          <dt>Live secrets</dt>
          <dd className="number">{app.live_secrets}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <TimeAgo at={app.created_at} />
          </dd>
        </div>
      </dl>
    </article>
  );
}

function CreateApp({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (app: NewApp) => void;
}) {
  const [name, setName] = useState('');
  const [mode, setMode] = useState<Mode>('development');
  const { run, pending, error } = useAction(async () => {
    onCreated((await api.post<{ app: NewApp }>('apps', { name: name.trim(), mode })).app);
  });
  const flaw = error instanceof ApiError ? error.fields['name'] : undefined;
  return (
    <FormDialog
      title="Create an app"
      submit="Create"
      pending={pending}
      error={error}
      reason={name.trim() === '' ? 'Give it a name first.' : undefined}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        hint="For people, for instance what your product is called."
        error={flaw}
        value={name}
        maxLength={255}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="stack-small">
        <Segmented
          label="Mode"
          value={mode}
          onChange={setMode}
          options={[
            { value: 'development', label: 'Development' },
            { value: 'production', label: 'Production' },
          ]}
        />
        <p className="field-hint">
          {mode === 'development'
            ? 'For building: auth checks can be switched off, so that developer tokens are taken.'
            : 'For real users: every token is checked, without exception.'}{' '}
          It can be changed later.
        </p>
      </div>
    </FormDialog>
  );
}

/** The only time that the secret is shown without being asked for. */
function CreatedApp({ app, onClose }: { app: NewApp; onClose: () => void }) {
  return (
    <Dialog
      title={`${visibleName(app.name)} is ready`}
      onClose={onClose}
      sticky
      wide
      footer={
        <Button look="primary" onClick={onClose}>
          I have kept the secret
        </Button>
      }
    >
      <div className="stack">
        <Callout tone="warning" title="Keep the secret now">
          <p>
            It belongs where your backend reads it, and never into an app that users have: whoever holds it can mint a
            token for anybody. Later an owner can have it shown again, under Authentication; the audit log notes that.
          </p>
        </Callout>
        <div className="stack-small">
          <h3>API key</h3>
          <Copyable text={app.api_key} label="API key" />
        </div>
        <div className="stack-small">
          <h3>API secret</h3>
          <Copyable text={app.api_secret} label="API secret" />
        </div>
        <div className="stack-small">
          <h3>As your backend's environment</h3>
          <Copyable
            text={`STREAM_API_KEY=${app.api_key}\nSTREAM_API_SECRET=${app.api_secret}`}
            label="As environment"
          />
        </div>
      </div>
    </Dialog>
  );
}
