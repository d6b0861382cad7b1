import { actionInWords } from '../../api/audit-words';
import type { AuditEntry } from '../../api/types';
import { Card, EmptyState, TimeAgo } from '../../ui';
import { Untrusted } from '../../untrusted';
import { Actor } from '../Audit/actor';

/** The last changes of the App, by anybody. */
export function Changes({ entries }: { entries: AuditEntry[] | undefined }) {
  return (
    <Card title="Recent changes" description="From the audit log.">
      {entries?.length === 0 && <EmptyState title="Nothing has been changed yet" />}
      <ol className="changes">
        {entries?.map((entry) => (
          <li key={entry.number}>
            <p className="change-head">
              <strong>{actionInWords(entry.action)}</strong>
              <span className="soft small">
                <TimeAgo at={entry.at} />
              </span>
            </p>
            <p className="soft small wrap">
              {entry.target !== '' && (
                <>
                  <Untrusted text={entry.target} /> ·{' '}
                </>
              )}
              <Actor actor={entry.actor} />
            </p>
          </li>
        ))}
      </ol>
    </Card>
  );
}
