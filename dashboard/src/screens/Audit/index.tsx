import { useState } from 'react';
import { api } from '../../api/client';
import { actionInWords, kActions } from '../../api/audit-words';
import { useAction, useResource } from '../../api/resource';
import type { App, AuditEntry } from '../../api/types';
import { useApps } from '../../app/apps';
import { useOnChange } from '../../app/live';
import { navigate, toPath, useLocation } from '../../app/router';
import {
  Badge,
  Button,
  Callout,
  Card,
  count,
  EmptyState,
  ErrorNote,
  formatDate,
  formatNumber,
  Loading,
  PageHeader,
  Select,
  TextField,
  TimeAgo,
} from '../../ui';
import { Untrusted } from '../../untrusted';
import { useTyped } from '../Users/typed';
import { Actor } from './actor';
import { differencesOf, valueInWords, type Difference } from './diff';
import { visibleName } from '../../untrusted/visible';
import './audit.css';

export const kAuditPattern = '/audit';

interface Page {
  entries: AuditEntry[];
  next: number | null;
}

interface Verdict {
  verified: boolean;
  entries: number;
  first_bad: number | null;
  why: string;
}

interface Filter {
  app: string;
  actor: string;
  action: string;
}

const kPageSize = 50;

/** Who changed what, from where and when, in the order in which it was committed. */
export default function Audit() {
  const { query } = useLocation();
  const filter: Filter = {
    app: query.get('app') ?? '',
    actor: query.get('actor') ?? '',
    action: query.get('action') ?? '',
  };
  return (
    <>
      <PageHeader
        title="Audit"
        subtitle="Every change, with who made it and from where. No entry holds a secret or a token."
      />
      <div className="stack">
        <Verification />
        <Filters
          filter={filter}
          onChange={(changes) =>
            navigate(toPath(kAuditPattern, {}, { ...filter, ...changes }), { replace: true })
          }
        />
        {/* Another filter begins at its first page. */}
        <Entries key={JSON.stringify(filter)} filter={filter} />
      </div>
    </>
  );
}

/** The entries are chained by keyed hashes: whether one was altered or removed shows. */
function Verification() {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const { run, pending, error } = useAction(async () => {
    setVerdict(null);
    setVerdict(await api.post<Verdict>('audit/verify'));
  });
  return (
    <Card
      title="Is the log whole?"
      description="Each entry holds a keyed hash over the one before. Verifying walks the whole chain, and finds what was altered, added or removed."
      actions={
        <Button icon="check" pending={pending} onClick={() => void run()}>
          Verify the chain
        </Button>
      }
    >
      {(verdict || error !== undefined) && (
        <>
          <ErrorNote error={error} />
          {verdict &&
            (verdict.verified ? (
              <Callout tone="ok" title="The log is whole" alert>
                <p>{count(verdict.entries, 'entry', 'entries')} verified. None was altered or removed.</p>
              </Callout>
            ) : (
              <Callout tone="danger" title="The log was tampered with, or is damaged" alert>
                <p>
                  {verdict.first_bad !== null && `The first entry that is not right is number ${formatNumber(verdict.first_bad)}. `}
                  {verdict.why}
                </p>
                <p>What stands before it can be trusted; take a copy of the data before anything else.</p>
              </Callout>
            ))}
        </>
      )}
    </Card>
  );
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (changes: Partial<Filter>) => void }) {
  const apps = useApps().data ?? [];
  const [actor, setActor] = useTyped(filter.actor, (text) => onChange({ actor: text.trim() }));
  const isGone = filter.app !== '' && !apps.some((app) => app.api_key === filter.app);
  return (
    <div className="row row-end" role="search">
      <div className="grow">
        <Select label="App" value={filter.app} onChange={(event) => onChange({ app: event.target.value })}>
          <option value="">All</option>
          {apps.map((app) => (
            <option key={app.api_key} value={app.api_key}>
              {visibleName(app.name)}
            </option>
          ))}
          {isGone && <option value={filter.app}>{filter.app}</option>}
        </Select>
      </div>
      <div className="grow">
        <Select
          label="Action"
          value={filter.action}
          onChange={(event) => onChange({ action: event.target.value })}
        >
          <option value="">All</option>
          {kActions.map(([action, words]) => (
            <option key={action} value={action}>
              {words}
            </option>
          ))}
        </Select>
      </div>
      <div className="grow">
        <TextField
          label="Who"
          placeholder="Name of an account"
          type="search"
          value={actor}
          onChange={(event) => setActor(event.target.value)}
        />
      </div>
    </div>
  );
}

function Entries({ filter }: { filter: Filter }) {
  const apps = useApps().data ?? [];
  // The numbers that the pages before ended with; the last one is where this page begins.
  const [ends, setEnds] = useState<readonly number[]>([]);
  const before = ends.at(-1);
  const { data, error, reload } = useResource(`audit ${before ?? ''}`, (signal) =>
    api.get<Page>('audit', { query: { ...filter, limit: kPageSize, before }, signal }),
  );
  useOnChange(null, () => {
    // Older pages do not change.
    if (before === undefined) reload();
  });
  if (!data) {
    return error === undefined ? <Loading /> : <ErrorNote error={error} retry={reload} />;
  }
  return (
    <>
      <ErrorNote error={error} retry={reload} />
      <Card flush>
        {data.entries.length === 0 ? (
          <EmptyState title="No entries">
            {filter.app || filter.actor || filter.action ? 'Nothing matches these filters.' : 'Nothing was changed yet.'}
          </EmptyState>
        ) : (
          <ol className="audit-list" aria-label="Entries, the newest first">
            {data.entries.map((entry) => (
              <Entry key={entry.number} entry={entry} apps={apps} />
            ))}
          </ol>
        )}
      </Card>
      {(ends.length > 0 || data.next !== null) && (
        <nav className="row spread" aria-label="Pages">
          <Button
            icon="left"
            reason={ends.length === 0 ? 'This is the newest page.' : undefined}
            onClick={() => setEnds(ends.slice(0, -1))}
          >
            Newer
          </Button>
          <span className="soft">Page {ends.length + 1}</span>
          <Button
            icon="right"
            reason={data.next === null ? 'This is the oldest page.' : undefined}
            onClick={() => data.next !== null && setEnds([...ends, data.next])}
          >
            Older
          </Button>
        </nav>
      )}
    </>
  );
}

function Entry({ entry, apps }: { entry: AuditEntry; apps: readonly App[] }) {
  const differences = differencesOf(entry.before, entry.after);
  const app = apps.find((one) => one.api_key === entry.app);
  return (
    <li className="audit-entry">
      <div className="audit-head">
        <strong>{actionInWords(entry.action)}</strong>
        {entry.app !== null && <Badge><Untrusted text={app?.name ?? entry.app} /></Badge>}
        {entry.target !== '' && (
          <span className="mono">
            <Untrusted text={entry.target} max={160} />
          </span>
        )}
      </div>
      <p className="small soft">
        <Actor actor={entry.actor} />
        {entry.address !== '' && (
          <>
            {' '}
            from <Untrusted text={entry.address} max={60} />
          </>
        )}
        , <TimeAgo at={entry.at} />
      </p>
      {differences.length > 0 && <Differences differences={differences} />}
      <details className="audit-more">
        <summary>Entry {formatNumber(entry.number)}</summary>
        <p className="small">
          <time dateTime={entry.at}>{formatDate(entry.at)}</time>, <code>{entry.action}</code>
        </p>
        <p className="small wrap">
          Hash <code>{entry.hash}</code>
        </p>
      </details>
    </li>
  );
}

function Differences({ differences }: { differences: readonly Difference[] }) {
  return (
    <dl className="differences">
      {differences.map((difference) => (
        <div key={difference.name}>
          <dt>
            <Untrusted text={difference.name} max={120} />
          </dt>
          <dd>
            {'before' in difference && (
              <del>
                <span className="visually-hidden">before: </span>
                <Untrusted text={valueInWords(difference.before)} max={300} />
              </del>
            )}
            {'after' in difference && (
              <ins>
                <span className="visually-hidden">after: </span>
                <Untrusted text={valueInWords(difference.after)} max={300} />
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
