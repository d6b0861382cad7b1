import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { useAction, useResource } from '../../api/resource';
import type { Connection, Revocation, User } from '../../api/types';
import { useInterval } from '../../app/interval';
import { useOnChange } from '../../app/live';
import { useAppKey, useParams } from '../../app/params';
import { Link, toPath } from '../../app/router';
import { useReasonAgainst } from '../../app/session';
import { kDay, kHour } from '../../tokens/claims';
import { decodeToken } from '../../tokens/decode';
import { Untrusted, UntrustedBlock, UntrustedJson } from '../../untrusted';
import {
  Button,
  Callout,
  Card,
  Copyable,
  Dialog,
  ErrorNote,
  Facts,
  formatDate,
  FormDialog,
  Loading,
  PageHeader,
  Select,
  TimeAgo,
} from '../../ui';
import { ConnectionTable } from '../Connections/connection-table';
import { DecodedView } from '../TokenGenerator/decoded';
import { ActDialog, type Act } from '../Users/acts';
import { kUsersPattern } from '../Users/patterns';
import { Standing } from '../Users/standing';
import { kConnectionsEveryMs } from '../Connections/every';

type ShownUser = User & { revocation: Revocation | null };

const kConnectionsMax = 100;

/** One user, with all that is known and all that can be done. */
export default function UserScreen() {
  const key = useAppKey();
  const id = useParams()['id'] ?? '';
  const { data: user, error, reload } = useResource(`user ${key} ${id}`, async (signal) => {
    return (await api.get<{ user: ShownUser }>(appPath(key, 'users', id), { signal })).user;
  });
  useOnChange(key, reload);
  return (
    <>
      <p className="small">
        <Link to={toPath(kUsersPattern, { key })}>Users</Link>
      </p>
      <PageHeader
        title={id}
        subtitle={user?.name ? <Untrusted text={user.name} /> : undefined}
        actions={user && <Acts user={user} onDone={reload} />}
      />
      <div className="stack">
        <ErrorNote error={error} retry={reload} />
        {user === undefined && error === undefined && <Loading />}
        {user && <About user={user} />}
      </div>
    </>
  );
}

function Acts({ user, onDone }: { user: User; onDone: () => void }) {
  const reason = useReasonAgainst('operator');
  const [act, setAct] = useState<Act | 'mint' | null>(null);
  const gone = user.deleted_at ? 'This user is deleted.' : undefined;
  return (
    <>
      <Button icon="token" reason={reason ?? gone} onClick={() => setAct('mint')}>
        Mint a token…
      </Button>
      {user.revoke_tokens_issued_before && (
        <Button icon="undo" reason={reason} onClick={() => setAct('unrevoke')}>
          Undo revocation…
        </Button>
      )}
      <Button reason={reason ?? gone} onClick={() => setAct(user.deactivated_at ? 'reactivate' : 'deactivate')}>
        {user.deactivated_at ? 'Reactivate…' : 'Deactivate…'}
      </Button>
      <Button look="danger" reason={reason} onClick={() => setAct('revoke')}>
        Revoke tokens…
      </Button>
      {act === 'mint' && <MintDialog userId={user.id} onClose={() => setAct(null)} />}
      {act && act !== 'mint' && (
        <ActDialog act={act} targets={[user]} onClose={() => setAct(null)} onDone={onDone} />
      )}
    </>
  );
}

function About({ user }: { user: ShownUser }) {
  const { revocation } = user;
  return (
    <>
      {revocation && (
        <Callout tone="warning" title="Tokens of this user are revoked">
          <p>
            Void are those issued before <time dateTime={revocation.before}>{formatDate(revocation.before)}</time>.
            {revocation.set_by && (
              <>
                {' '}
                Set by <Untrusted text={revocation.set_by} />
                {revocation.set_at && <>, {formatDate(revocation.set_at)}</>}.
              </>
            )}
          </p>
        </Callout>
      )}
      <Card title="About this user">
        <Facts
          items={[
            ['State', <Standing user={user} />],
            ['Name', <UntrustedBlock text={user.name} />],
            ['Role', <Untrusted text={user.role} />],
            // Shown as text: the dashboard loads nothing from elsewhere.
            ['Image', <UntrustedBlock text={user.image} />],
            ['Last active', <TimeAgo at={user.last_active} none="never" />],
            ['Created', formatDate(user.created_at)],
            ['Updated', formatDate(user.updated_at)],
            user.deactivated_at ? ['Deactivated', formatDate(user.deactivated_at)] : null,
            user.deleted_at ? ['Deleted', formatDate(user.deleted_at)] : null,
          ]}
        />
      </Card>
      <OpenConnections userId={user.id} />
      <Card title="Custom data" description="What the app keeps about this user, as JSON.">
        {Object.keys(user.custom).length === 0 ? (
          <p className="soft">None.</p>
        ) : (
          <UntrustedJson value={user.custom} label="Custom data" />
        )}
      </Card>
    </>
  );
}

/** They come and go without a change in the store, so they are asked for by themselves, again and again. */
function OpenConnections({ userId }: { userId: string }) {
  const key = useAppKey();
  const { data, error, reload } = useResource(`connections ${key} ${userId}`, async (signal) => {
    const query = { user_id: userId, limit: kConnectionsMax };
    return (await api.get<{ connections: Connection[] }>(appPath(key, 'connections'), { query, signal })).connections;
  });
  useOnChange(key, reload);
  useInterval(reload, kConnectionsEveryMs);
  return (
    <Card title="Connections" flush={data !== undefined && data.length > 0}>
      <ErrorNote error={error} retry={reload} />
      {data?.length === 0 && <p className="soft">Not connected just now.</p>}
      {data && data.length > 0 && <ConnectionTable connections={data} />}
    </Card>
  );
}

const kMintLifetimes = [
  [15 * 60, '15 minutes'],
  [kHour, '1 hour'],
  [kDay, '1 day'],
  [30 * kDay, '30 days'],
  [0, 'never expires'],
] as const;

/** The server signs, so nobody needs the secret. The token is shown and kept nowhere. */
function MintDialog({ userId, onClose }: { userId: string; onClose: () => void }) {
  const key = useAppKey();
  const [lifetime, setLifetime] = useState<number>(kHour);
  const [token, setToken] = useState<string | null>(null);
  const { run, pending, error } = useAction(async () => {
    const answer = await api.post<{ token: string }>(appPath(key, 'tokens'), {
      user_id: userId,
      expires_in_s: lifetime,
    });
    setToken(answer.token);
  });
  if (token !== null) {
    return (
      <Dialog
        title={`A token for ${userId}`}
        onClose={onClose}
        wide
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <div className="stack">
          <Callout tone="warning">Whoever has it is this user until it ends. It is not kept here.</Callout>
          <Copyable text={token} label="The token" />
          <DecodedView decoded={decodeToken(token)} />
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={`Mint a token for ${userId}`}
      submit="Mint"
      pending={pending}
      error={error}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <Select label="Lifetime" value={lifetime} onChange={(event) => setLifetime(Number(event.target.value))}>
        {kMintLifetimes.map(([seconds, label]) => (
          <option key={seconds} value={seconds}>
            {label}
          </option>
        ))}
      </Select>
      {lifetime === 0 && (
        <Callout tone="warning">Only a revocation, or retiring the secret, ends a token that never expires.</Callout>
      )}
      <p className="field-hint">Signed by the server with the app’s newest secret, and noted in the audit log.</p>
    </FormDialog>
  );
}
