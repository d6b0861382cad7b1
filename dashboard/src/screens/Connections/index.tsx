import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { useResource } from '../../api/resource';
import type { Connection } from '../../api/types';
import { useInterval } from '../../app/interval';
import { useOnChange } from '../../app/live';
import { useAppKey } from '../../app/params';
import { navigate, toPath, useLocation } from '../../app/router';
import { useReasonAgainst } from '../../app/session';
import {
  Button,
  Card,
  count,
  EmptyState,
  ErrorNote,
  formatNumber,
  Loading,
  PageHeader,
  TextField,
} from '../../ui';
import { ActDialog } from '../Users/acts';
import { useTyped } from '../Users/typed';
import { ConnectionTable } from './connection-table';
import { kConnectionsEveryMs } from './every';

export const kConnectionsPattern = '/apps/:key/connections';

interface Page {
  connections: Connection[];
  total: number;
}

/** How many are shown at first, how many more are each time that more are asked for, and the most that the API lists. */
const kShownFirst = 100;
const kShownMore = 300;
const kShownMax = 1_000;

/** Who is connected now. One connection is ended by revoking what all of its user's tokens rest on. */
export default function Connections() {
  const key = useAppKey();
  const userId = useLocation().query.get('user_id') ?? '';
  const [typed, setTyped] = useTyped(userId, (text) =>
    navigate(toPath(kConnectionsPattern, { key }, { user_id: text }), { replace: true }),
  );
  const [limit, setLimit] = useState(kShownFirst);
  const [ending, setEnding] = useState<string | null>(null);
  const reason = useReasonAgainst('operator');
  const { data, error, reload } = useResource(`connections ${key} ${userId}`, (signal) =>
    api.get<Page>(appPath(key, 'connections'), { query: { user_id: userId, limit }, signal }),
  );
  useOnChange(key, reload);
  useInterval(reload, kConnectionsEveryMs);
  return (
    <>
      <PageHeader title="Connections" subtitle="Open now, the newest first. The list keeps itself up to date." />
      <div className="stack">
        <div className="row row-end" role="search">
          <div className="grow">
            <TextField
              label="Whole user id"
              placeholder="All users"
              type="search"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              mono
            />
          </div>
          {data && <p className="soft connection-count">{describeCount(data)}</p>}
        </div>
        <ErrorNote error={error} retry={reload} />
        {data === undefined && error === undefined && <Loading />}
        {data && (
          <Card flush>
            {data.connections.length === 0 ? (
              <EmptyState title={userId === '' ? 'Nobody is connected' : 'This user is not connected'}>
                {userId === ''
                  ? 'As soon as a client connects with a token, it shows here.'
                  : 'Only a whole user id is found here. Users are found by the beginning of theirs.'}
              </EmptyState>
            ) : (
              <ConnectionTable
                connections={data.connections}
                act={(connection) => (
                  <Button small reason={reason} onClick={() => setEnding(connection.user_id)}>
                    End…
                  </Button>
                )}
              />
            )}
          </Card>
        )}
        {data && data.total > data.connections.length && (
          <div className="row">
            {limit < kShownMax ? (
              <Button
                pending={data.connections.length < limit}
                onClick={() => {
                  setLimit(Math.min(limit + kShownMore, kShownMax));
                  reload();
                }}
              >
                Show more
              </Button>
            ) : (
              <p className="soft">No more are listed at a time. Look for a whole user id to find the others.</p>
            )}
          </div>
        )}
      </div>
      {ending !== null && (
        <ActDialog act="revoke" targets={[{ id: ending }]} onClose={() => setEnding(null)} onDone={reload} />
      )}
    </>
  );
}

function describeCount({ connections, total }: Page): string {
  return total > connections.length
    ? `The newest ${formatNumber(connections.length)} of ${count(total, 'connection')}`
    : count(total, 'connection');
}
