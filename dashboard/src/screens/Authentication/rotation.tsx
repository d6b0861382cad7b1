import type { Secret } from '../../api/types';
import { Button, classes, count, Icon, TimeAgo, useNow } from '../../ui';

/** For how long an old secret must have gone unused to be called quiet. */
const kQuietS = 3600;

/**
 * Leads through a rotation, from nothing but what the server knows: as long as an older secret lives beside the
 * newest, this says how far things are.
 */
export function RotationGuide({
  newest,
  older,
  reason,
  onRetire,
}: {
  newest: Secret;
  older: readonly Secret[];
  reason: string | undefined;
  onRetire: (secret: Secret) => void;
}) {
  const now = useNow();
  const deployed = newest.usage.last_used_at !== null;
  const quiet = older.every((secret) => isQuiet(secret, now));
  return (
    <section className="rotation" aria-label="Rotation in progress">
      <ol className="steps">
        <Step state="done" title="New secret made">
          Secret {newest.id}, <TimeAgo at={newest.created_at} />. It signs what this server mints.
        </Step>
        <Step state={deployed ? 'done' : 'now'} title="Deploy it to your backend">
          {deployed ? (
            <>
              In use: {count(newest.usage.tokens_seen, 'token')} seen, the last{' '}
              <TimeAgo at={newest.usage.last_used_at} />.
            </>
          ) : (
            'No token signed with it has been seen yet.'
          )}
        </Step>
        <Step
          state={quiet ? 'done' : deployed ? 'now' : 'later'}
          title={older.length === 1 ? 'Watch the old one fall silent' : 'Watch the old ones fall silent'}
        >
          <ul className="rotation-uses">
            {older.map((secret) => (
              <li key={secret.id}>
                <strong>Secret {secret.id}</strong>: last used{' '}
                <TimeAgo at={secret.usage.last_used_at} none="never since the server started" />,{' '}
                <span className="number">{count(secret.usage.connections, 'open connection')}</span>
              </li>
            ))}
          </ul>
        </Step>
        <Step
          state={older.every((secret) => secret.state === 'retiring') ? 'done' : quiet ? 'now' : 'later'}
          title="Retire it"
        >
          {older.map((secret) =>
            secret.state === 'retiring' ? (
              <p key={secret.id}>
                Secret {secret.id} retires <TimeAgo at={secret.retires_at} />.
              </p>
            ) : (
              <Button
                key={secret.id}
                small
                look={quiet ? 'primary' : 'secondary'}
                reason={reason}
                onClick={() => onRetire(secret)}
              >
                Retire secret {secret.id}…
              </Button>
            ),
          )}
        </Step>
      </ol>
    </section>
  );
}

export function isQuiet(secret: Secret, now: number): boolean {
  const { connections, last_used_at } = secret.usage;
  if (connections > 0) return false;
  return last_used_at === null || now - Date.parse(last_used_at) > kQuietS * 1000;
}

function Step({
  state,
  title,
  children,
}: {
  state: 'done' | 'now' | 'later';
  title: string;
  children: React.ReactNode;
}) {
  return (
    <li className={classes('step', `step-${state}`)} aria-current={state === 'now' ? 'step' : undefined}>
      <span className="step-mark">
        {state === 'done' ? <Icon name="check" /> : <Icon name="dot" />}
        <span className="visually-hidden">
          {{ done: 'Done: ', now: 'Now: ', later: 'Later: ' }[state]}
        </span>
      </span>
      <div className="step-words">
        <h3>{title}</h3>
        <div className="soft small">{children}</div>
      </div>
    </li>
  );
}
