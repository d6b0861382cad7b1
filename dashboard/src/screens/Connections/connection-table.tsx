import type { ReactNode } from 'react';
import type { Connection } from '../../api/types';
import { useAppKey } from '../../app/params';
import { Link, toPath } from '../../app/router';
import { Badge, classes, TableFrame, TimeAgo } from '../../ui';
import { Untrusted } from '../../untrusted';
import { kUserPattern } from '../Users/patterns';
import '../Users/users.css';
import '../acts-below.css';
import './connections.css';

/** Newest first. `act`: what can be done with each; with it, whose each is. */
export function ConnectionTable({
  connections,
  act,
}: {
  connections: readonly Connection[];
  act?: (connection: Connection) => ReactNode;
}) {
  const key = useAppKey();
  const sorted = [...connections].sort(byNewest);
  return (
    <TableFrame label="Open connections">
      <thead>
        <tr>
          {act && <th>User</th>}
          <th className={act && 'not-narrow'}>Client</th>
          <th>Opened</th>
          <th className="not-narrow">Token</th>
          {act && (
            <th>
              <span className="visually-hidden">Acts</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {sorted.map((connection) => (
          <tr key={connection.id}>
            {act && (
              <td className="cell-user">
                <Link className="mono" to={toPath(kUserPattern, { key, id: connection.user_id })}>
                  <Untrusted text={connection.user_id} max={48} />
                </Link>
                {connection.kind !== 'user' && (
                  <>
                    {' '}
                    <Badge>{connection.kind}</Badge>
                  </>
                )}
                <span className="only-narrow small">
                  <ClientFacts connection={connection} />
                </span>
              </td>
            )}
            <td className={classes('cell-client', act && 'not-narrow')}>
              <ClientFacts connection={connection} />
            </td>
            <td>
              <TimeAgo at={connection.opened_at} />
            </td>
            <td className="not-narrow">
              <TokenFacts connection={connection} />
            </td>
            {act && <td className="cell-actions">{act(connection)}</td>}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

function byNewest(a: Connection, b: Connection): number {
  return Date.parse(b.opened_at) - Date.parse(a.opened_at) || (a.id < b.id ? -1 : 1);
}

function ClientFacts({ connection }: { connection: Connection }) {
  const { client, address, style } = connection;
  return (
    <>
      <Untrusted text={client} max={60} none="unknown client" />
      <span className="cell-name">
        <Untrusted text={address} max={60} none="local, or behind a proxy" />, {style}
      </span>
      <span className="only-narrow">
        <TokenFacts connection={connection} />
      </span>
    </>
  );
}

function TokenFacts({ connection }: { connection: Connection }) {
  const { issued_at, expires_at, secret_id, developer_token } = connection;
  if (developer_token) return <Badge tone="warning">developer token</Badge>;
  return (
    <span className="token-facts">
      <span>{issued_at ? <>issued <TimeAgo at={issued_at} /></> : <Badge tone="warning">no iat</Badge>}</span>
      <span className="soft">
        {expires_at ? <>expires <TimeAgo at={expires_at} /></> : 'never expires'}
        {secret_id !== null && `, secret ${secret_id}`}
      </span>
    </span>
  );
}
