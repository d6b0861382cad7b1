import { useRef, useState } from 'react';
import { api, appPath } from '../../api/client';
import { useResource } from '../../api/resource';
import type { User } from '../../api/types';
import { useOnChange } from '../../app/live';
import { useAppKey } from '../../app/params';
import { Link, navigate, toPath, useLocation } from '../../app/router';
import { useReasonAgainst } from '../../app/session';
import {
  Button,
  Card,
  count,
  EmptyState,
  ErrorNote,
  Loading,
  PageHeader,
  Select,
  TableFrame,
  TextField,
  TimeAgo,
} from '../../ui';
import { Untrusted } from '../../untrusted';
import { ActDialog, kUsersMax, type Act } from './acts';
import { kUserPattern, kUsersPattern } from './patterns';
import { choose, coverage, rangeOf, type Selection } from './selection';
import { Standing } from './standing';
import { useTyped } from './typed';
import './users.css';

interface Page {
  users: User[];
  next: string | null;
}

const kPageSize = 50;

const kStates = [
  ['all', 'All'],
  ['active', 'In good standing'],
  ['online', 'Online now'],
  ['revoked', 'Revoked'],
  ['deactivated', 'Deactivated'],
  ['deleted', 'Deleted'],
] as const;

const kRoles = ['user', 'guest', 'moderator', 'admin'];

/**
 * Search and filters stand in the address, and so does the page: a link leads to what was found, and the way back does
 * too. Who is chosen does not: an old choice that comes back unasked for is soon one too many revoked.
 */
interface Filter {
  search: string;
  role: string;
  state: string;
}

/** A page of what was found: where it begins, nowhere for the first, and which one it is. */
interface Place {
  cursor: string | undefined;
  page: number;
}

const kFirst: Place = { cursor: undefined, page: 1 };

/** The page before each one, as cursors lead forward only. Where the dashboard was loaded anew none is known. */
const placesBefore = new Map<string, Place>();

export default function Users() {
  const key = useAppKey();
  const { query } = useLocation();
  const filter: Filter = {
    search: query.get('search') ?? '',
    role: query.get('role') ?? '',
    state: query.get('state') ?? 'all',
  };
  const place = placeIn(query);
  const addressOf = ({ search, role, state }: Filter, { cursor, page }: Place) =>
    toPath(kUsersPattern, { key }, {
      search,
      role,
      state: state === 'all' ? undefined : state,
      cursor,
      page: cursor === undefined ? undefined : String(page),
    });
  return (
    <>
      <PageHeader title="Users" subtitle="Find them, see how they stand, and end their tokens." />
      <div className="stack">
        <Filters
          filter={filter}
          onChange={(changes) => navigate(addressOf({ ...filter, ...changes }, kFirst), { replace: true })}
        />
        {/* Another filter begins at its first page, and with nobody chosen. */}
        <Found
          key={JSON.stringify([key, filter])}
          appKey={key}
          filter={filter}
          place={place}
          onTurn={(to) => navigate(addressOf(filter, to))}
        />
      </div>
    </>
  );
}

function placeIn(query: URLSearchParams): Place {
  const cursor = query.get('cursor') ?? '';
  if (cursor === '') return kFirst;
  return { cursor, page: Math.max(2, Math.floor(Number(query.get('page'))) || 2) };
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (changes: Partial<Filter>) => void }) {
  const [search, setSearch] = useTyped(filter.search, (text) => onChange({ search: text }));
  const [role, setRole] = useTyped(filter.role, (text) => onChange({ role: text }));
  return (
    <div className="row row-end" role="search">
      <div className="grow">
        <TextField
          label="Search"
          placeholder="Beginning of an id or a name"
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <div className="filter">
        <Select label="State" value={filter.state} onChange={(event) => onChange({ state: event.target.value })}>
          {kStates.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      <div className="filter">
        <TextField
          label="Role"
          placeholder="Any"
          list="user-roles"
          value={role}
          onChange={(event) => setRole(event.target.value)}
        />
        <datalist id="user-roles">
          {kRoles.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
    </div>
  );
}

function Found({
  appKey,
  filter,
  place,
  onTurn,
}: {
  appKey: string;
  filter: Filter;
  place: Place;
  onTurn: (to: Place) => void;
}) {
  const [selection, setSelection] = useState<Selection<User>>(new Map());
  const [act, setAct] = useState<Act | null>(null);
  const { cursor, page } = place;
  const { data, error, reload } = useResource(`users ${cursor ?? ''}`, (signal) =>
    api.get<Page>(appPath(appKey, 'users'), { query: { ...filter, limit: kPageSize, cursor }, signal }),
  );
  useOnChange(appKey, reload);

  if (!data) {
    return error === undefined ? <Loading /> : <ErrorNote error={error} retry={reload} />;
  }
  const nameOf = (at: string) => JSON.stringify([appKey, filter, at]);
  const before = cursor === undefined ? undefined : placesBefore.get(nameOf(cursor));
  // Of those on this page it is known anew how they stand.
  const seen = new Map(data.users.map((user) => [user.id, user]));
  const targets = [...selection.values()].map((user) => seen.get(user.id) ?? user);
  return (
    <>
      <ErrorNote error={error} retry={reload} />
      <SelectionBar
        count={selection.size}
        onAct={setAct}
        onClear={() => setSelection(new Map())}
      />
      <Card flush>
        {data.users.length === 0 ? (
          <NobodyFound filter={filter} isFirst={cursor === undefined} />
        ) : (
          <UserTable appKey={appKey} users={data.users} selection={selection} onSelect={setSelection} />
        )}
      </Card>
      {(cursor !== undefined || data.next !== null) && (
        <nav className="row spread" aria-label="Pages">
          <Button
            icon="left"
            reason={cursor === undefined ? 'This is the first page.' : undefined}
            onClick={() => onTurn(before ?? kFirst)}
          >
            {before || cursor === undefined ? 'Previous' : 'First page'}
          </Button>
          <span className="soft">Page {page}</span>
          <Button
            icon="right"
            reason={data.next === null ? 'This is the last page.' : undefined}
            onClick={() => {
              if (data.next === null) return;
              placesBefore.set(nameOf(data.next), place);
              onTurn({ cursor: data.next, page: page + 1 });
            }}
          >
            Next
          </Button>
        </nav>
      )}
      {act && (
        <ActDialog
          act={act}
          targets={targets}
          onClose={() => setAct(null)}
          onDone={() => {
            setSelection(new Map());
            reload();
          }}
        />
      )}
    </>
  );
}

function NobodyFound({ filter, isFirst }: { filter: Filter; isFirst: boolean }) {
  const isFiltered = filter.search !== '' || filter.role !== '' || filter.state !== 'all';
  if (isFiltered) return <EmptyState title="Nobody matches">Try fewer letters, or another state.</EmptyState>;
  if (!isFirst) return <EmptyState title="Nobody is left on this page" />;
  return (
    <EmptyState title="No users yet">
      A user comes to be when somebody connects with a token for a new user id, or when a backend upserts one.
    </EmptyState>
  );
}

function SelectionBar({
  count: chosen,
  onAct,
  onClear,
}: {
  count: number;
  onAct: (act: Act) => void;
  onClear: () => void;
}) {
  const roleReason = useReasonAgainst('operator');
  const reason =
    roleReason ?? (chosen > kUsersMax ? `At most ${kUsersMax} users at a time.` : undefined);
  return (
    <>
      <p className="visually-hidden" role="status">
        {chosen > 0 && `${count(chosen, 'user')} selected`}
      </p>
      {chosen > 0 && (
        <div className="selection-bar" role="toolbar" aria-label="What to do with the selected users">
          <strong>{count(chosen, 'user')} selected</strong>
          <Button small look="danger" reason={reason} onClick={() => onAct('revoke')}>
            Revoke tokens…
          </Button>
          <Button small reason={reason} onClick={() => onAct('unrevoke')}>
            Undo revocation…
          </Button>
          <Button small reason={reason} onClick={() => onAct('deactivate')}>
            Deactivate…
          </Button>
          <Button small reason={reason} onClick={() => onAct('reactivate')}>
            Reactivate…
          </Button>
          <Button small look="quiet" onClick={onClear}>
            Clear the selection
          </Button>
        </div>
      )}
    </>
  );
}

function UserTable({
  appKey,
  users,
  selection,
  onSelect,
}: {
  appKey: string;
  users: readonly User[];
  selection: Selection<User>;
  onSelect: (selection: Selection<User>) => void;
}) {
  const last = useRef<string | null>(null);
  const withShift = useRef(false);
  const covered = coverage(selection, users);
  return (
    <TableFrame label="Users">
      <thead>
        <tr>
          <th className="cell-check">
            <input
              type="checkbox"
              aria-label="Select all on this page"
              checked={covered === 'all'}
              ref={(box) => {
                if (box) box.indeterminate = covered === 'some';
              }}
              onChange={() => onSelect(choose(selection, users, covered !== 'all'))}
            />
          </th>
          <th>User</th>
          <th className="not-narrow">State</th>
          <th className="not-narrow">Role</th>
          <th className="wide-only">Last active</th>
          <th className="wide-only">Created</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id} aria-selected={selection.has(user.id)}>
            <td className="cell-check">
              <input
                type="checkbox"
                aria-label={`Select ${user.id}`}
                checked={selection.has(user.id)}
                // A key pressed on a box arrives as a click too, with what else was held down.
                onClick={(event) => (withShift.current = event.shiftKey)}
                onChange={(event) => {
                  const from = withShift.current ? last.current : null;
                  last.current = user.id;
                  onSelect(choose(selection, rangeOf(users, from, user.id), event.target.checked));
                }}
              />
            </td>
            <td className="cell-user">
              <Link className="mono" to={toPath(kUserPattern, { key: appKey, id: user.id })}>
                <Untrusted text={user.id} max={48} />
              </Link>
              {user.name && (
                <span className="cell-name">
                  <Untrusted text={user.name} max={60} />
                </span>
              )}
              <span className="only-narrow">
                <Standing user={user} />
              </span>
            </td>
            <td className="not-narrow">
              <Standing user={user} />
            </td>
            <td className="not-narrow">
              <Untrusted text={user.role} max={40} />
            </td>
            <td className="wide-only">
              <TimeAgo at={user.last_active} none={<span className="soft">never</span>} />
            </td>
            <td className="wide-only">
              <TimeAgo at={user.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
