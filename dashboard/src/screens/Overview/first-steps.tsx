import { useEffect, useState, type ReactNode } from 'react';
import { api, appPath } from '../../api/client';
import { reasonOf } from '../../api/refusals';
import { useAction, useResource } from '../../api/resource';
import type { App, Connection, Revoked, ServerState, User } from '../../api/types';
import { useHistory, useOnChange } from '../../app/live';
import { pageActivity } from '../../app/page-activity';
import { Link, toPath } from '../../app/router';
import { useReasonAgainst } from '../../app/session';
import {
  Badge,
  Button,
  Card,
  classes,
  Copyable,
  count,
  ErrorNote,
  Icon,
  IconButton,
  Select,
  useToast,
} from '../../ui';
import { aboutUsers } from '../Users/acts';
import { visibleName } from '../../untrusted/visible';
import { connectCommand } from './connect-command';

/** The user that is made where an App has none yet. */
const kSample = { id: 'sample-john', name: 'John (a sample)' };
/** How many users the card offers. */
const kUsersMax = 20;

type Verdict =
  | { verdict: 'accept' }
  | { verdict: 'reject'; code: number; rule: string; message: string };

/**
 * Leads a newcomer once around: a token, a connection, a revocation and its undo. What each step came to is asked
 * of the server, not assumed. The token is kept in this page alone, and is gone with it.
 */
export function FirstSteps({ app, onHide }: { app: App; onHide: () => void }) {
  return (
    <Card
      title="First steps"
      description="Once around: a token, a connection, a revocation, and its undo. It takes a minute."
      actions={
        <IconButton icon="close" label="Hide the first steps" onClick={onHide} />
      }
    >
      <Steps app={app} />
    </Card>
  );
}

function Steps({ app }: { app: App }) {
  const key = app.api_key;
  const reason = useReasonAgainst('operator');
  const toast = useToast();
  const [userId, setUserId] = useState<string | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const [wasRevoked, setWasRevoked] = useState(false);
  /** The revocation that was in force when the token was minted: it leaves the token good. */
  const [earlier, setEarlier] = useState<string | null>(null);

  const users = useResource(`first users ${key}`, async (signal) => {
    const query = { limit: kUsersMax, state: 'all' };
    const answer = await api.get<{ users: User[] }>(appPath(key, 'users'), { query, signal });
    return answer.users.filter((user) => !user.deleted_at && !user.deactivated_at);
  });
  useOnChange(key, users.reload);
  const user = users.data?.find(({ id }) => id === userId) ?? users.data?.[0];
  const inForce = user?.revoke_tokens_issued_before ?? null;
  const minted = token !== null;
  const isRevoked = minted && inForce !== null && inForce !== earlier;

  const verdict = useVerdict(key, token, inForce);
  const connections = useConnections(key, token === null ? null : user?.id);
  const publicUrl = useResource('public url', async (signal) => {
    return (await api.get<ServerState>('server', { signal })).public_url;
  }).data;

  const add = useAction(async () => {
    await api.post(appPath(key, 'users'), kSample);
    users.reload();
  });
  const mint = useAction(async (id: string) => {
    setToken((await api.post<{ token: string }>(appPath(key, 'tokens'), { user_id: id })).token);
    setEarlier(inForce);
    setWasRevoked(false);
  });
  const unrevoke = async (id: string) => {
    await api.post(appPath(key, 'users', 'unrevoke'), {
      user_ids: [id],
      ...(earlier === null ? {} : { before: earlier }),
    });
    users.reload();
    toast({ about: aboutUsers(key, [id]), title: `Undone for ${id}` });
  };
  const revoke = useAction(async (id: string) => {
    const path = appPath(key, 'users', 'revoke');
    const { ends } = await api.post<Revoked>(path, { user_ids: [id] });
    setWasRevoked(true);
    users.reload();
    toast({
      about: aboutUsers(key, [id]),
      title: `${id} is revoked`,
      detail: `Ended: ${count(ends.connections, 'open connection')}.`,
      undo: () => unrevoke(id),
    });
  });
  const undo = useAction(unrevoke);

  if (users.error !== undefined && users.data === undefined) {
    return <ErrorNote error={users.error} retry={users.reload} />;
  }
  const now = !user
    ? 'user'
    : !minted
      ? 'token'
      : isRevoked
        ? 'undo'
        : wasRevoked
          ? 'done'
          : 'revoke';
  const state = (step: string, done: boolean) => (done ? 'done' : now === step ? 'now' : 'later');
  return (
    <ol className="steps">
      <Step number={1} state={user ? 'done' : 'now'} title="A user">
        {users.data && !user && (
          <>
            <p>This app has no users yet. Your backend makes them; a sample does for now.</p>
            <Button
              look="primary"
              icon="plus"
              reason={reason}
              pending={add.pending}
              onClick={() => void add.run()}
            >
              Add a sample user
            </Button>
          </>
        )}
        {user && users.data && users.data.length > 1 && (
          <Select
            label="Who it is tried on"
            value={user.id}
            onChange={(event) => {
              setUserId(event.target.value);
              setToken(null);
              setWasRevoked(false);
            }}
          >
            {users.data.map(({ id, name }) => (
              <option key={id} value={id}>
                {name ? `${id} (${visibleName(name)})` : id}
              </option>
            ))}
          </Select>
        )}
        {user && users.data?.length === 1 && (
          <p>
            <code className="wrap">{user.id}</code> is there.
          </p>
        )}
        <ErrorNote error={add.error} />
      </Step>

      <Step number={2} state={state('token', minted)} title="A token">
        {user && (
          <>
            <p>
              With it an app shows that it speaks for <strong className="wrap">{user.id}</strong>. In
              your product your backend mints it; here this server does, for an hour.
            </p>
            {token !== null && <Copyable text={token} label="User token" />}
            <div className="row">
              <Button
                look={minted ? 'secondary' : 'primary'}
                reason={reason}
                pending={mint.pending}
                onClick={() => void mint.run(user.id)}
              >
                {minted ? 'Mint another' : 'Mint a token'}
              </Button>
              {token !== null && <VerdictView verdict={verdict} />}
            </div>
            <ErrorNote error={mint.error} />
          </>
        )}
      </Step>

      <Step
        number={3}
        state={connections > 0 ? 'done' : minted && now === 'revoke' ? 'now' : 'later'}
        title="A connection, if you like"
      >
        {minted && publicUrl && user && (
          <>
            <p>
              Paste this into a terminal, and watch: it connects as your app would, and says when it is
              ended. It needs Node.
            </p>
            <Copyable
              text={connectCommand(publicUrl, key, user.id, token)}
              label="Command that connects"
            />
            <p role="status">
              {connections > 0 ? (
                <Badge tone="ok">{count(connections, 'connection')} open</Badge>
              ) : (
                <Badge>no connection open</Badge>
              )}
            </p>
          </>
        )}
      </Step>

      <Step number={4} state={state('revoke', isRevoked || wasRevoked)} title="Revoke">
        {minted && user && !isRevoked && (
          <>
            <p>
              Ends every token of <strong className="wrap">{user.id}</strong> issued until now, and{' '}
              {connections === 0 ? 'the connections there are' : count(connections, 'open connection')}
              . It can be undone.
            </p>
            <Button
              look="danger"
              reason={reason}
              pending={revoke.pending}
              onClick={() => void revoke.run(user.id)}
            >
              Revoke {user.id}
            </Button>
            <ErrorNote error={revoke.error} />
          </>
        )}
        {isRevoked && (
          <div className="row">
            <span>The token above:</span> <VerdictView verdict={verdict} />
          </div>
        )}
      </Step>

      <Step number={5} state={state('undo', wasRevoked && !isRevoked)} title="Undo">
        {isRevoked && user && (
          <>
            <p>The very same token is good again at once.</p>
            <Button
              look="primary"
              icon="undo"
              reason={reason}
              pending={undo.pending}
              onClick={() => void undo.run(user.id)}
            >
              Undo the revocation
            </Button>
            <ErrorNote error={undo.error} />
          </>
        )}
        {wasRevoked && !isRevoked && (
          <>
            <div className="row">
              <span>The token above:</span> <VerdictView verdict={verdict} />
            </div>
            <p>
              That is all there is to it. Next: <Link to={toPath('/apps/:key/users', { key })}>your users</Link>,{' '}
              <Link to={toPath('/apps/:key/tokens', { key })}>token tools</Link> with the code for your
              backend, and <Link to={toPath('/apps/:key/authentication', { key })}>production mode</Link>.
            </p>
          </>
        )}
      </Step>
    </ol>
  );
}

/** What the server says to the token, asked again whenever the revocation of its user changes. */
function useVerdict(key: string, token: string | null, revokedBefore: string | null) {
  const check = useResource(token === null ? null : `${token} ${revokedBefore ?? ''}`, () =>
    api.post<Verdict>('tokens/check', { api_key: key, token }),
  );
  useOnChange(key, check.reload);
  return check.data;
}

/** How many connections the user has open; asked for when the App's figure has changed. */
function useConnections(key: string, userId: string | null | undefined): number {
  const figure = useHistory(key)?.figures.connections ?? 0;
  const { data, reload } = useResource(userId == null ? null : `connections ${userId}`, (signal) =>
    api.get<{ connections: Connection[]; total: number }>(appPath(key, 'connections'), {
      query: { user_id: userId, limit: 1 },
      signal,
    }),
  );
  useEffect(() => {
    if (!pageActivity.isIdle()) reload();
  }, [figure, reload]);
  return data?.total ?? 0;
}

function VerdictView({ verdict }: { verdict: Verdict | undefined }) {
  return (
    <span className="verdict" role="status">
      {verdict?.verdict === 'accept' && (
        <Badge tone="ok">
          <Icon name="check" /> the server accepts it
        </Badge>
      )}
      {verdict?.verdict === 'reject' && (
        <>
          <Badge tone="danger">
            <Icon name="close" /> refused, code {verdict.code}
          </Badge>{' '}
          {reasonOf(verdict.rule).name}
        </>
      )}
    </span>
  );
}

function Step({
  number,
  state,
  title,
  children,
}: {
  number: number;
  state: 'done' | 'now' | 'later';
  title: string;
  children: ReactNode;
}) {
  return (
    <li
      className={classes('step', `step-${state}`)}
      aria-current={state === 'now' ? 'step' : undefined}
    >
      <span className="step-mark" aria-hidden="true">
        {state === 'done' ? <Icon name="check" /> : number}
      </span>
      <div className="step-words stack-small">
        <h3>
          {title}
          {state === 'done' && <span className="visually-hidden">, done</span>}
        </h3>
        {children}
      </div>
    </li>
  );
}
