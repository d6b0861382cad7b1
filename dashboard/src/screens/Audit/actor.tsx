import type { AuditEntry } from '../../api/types';
import { Untrusted } from '../../untrusted';

const kActors = {
  account: '',
  local: 'The command line',
  server: 'A backend',
  provider: 'The token provider',
  system: 'The server itself',
} as const;

/** Who did what an entry tells of. */
export function Actor({ actor }: { actor: AuditEntry['actor'] }) {
  const kind = kActors[actor.kind] ?? actor.kind;
  const isNamed = actor.name !== '' && actor.kind !== 'local';
  return (
    <>
      {kind}
      {isNamed && (
        <>
          {kind !== '' && ' '}
          <Untrusted text={actor.name} max={80} />
        </>
      )}
    </>
  );
}
