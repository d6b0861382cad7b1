import type { DecodedToken, TokenKind } from '../../tokens/decode';
import { distanceInWords } from '../../tokens/words';
import { UntrustedJson } from '../../untrusted';
import { Callout, Facts, formatDate, useNow } from '../../ui';
import './decoded.css';

const kPartNames = ['header', 'payload', 'signature'] as const;

const kKinds: Record<TokenKind, string> = {
  user: 'A user’s token',
  server: 'A backend’s token',
  developer: 'A developer token, signed by nobody',
  anonymous: 'An anonymous caller’s token',
  unknown: 'Not clear whose token',
};

const kDates = { exp: 'Expires (exp)', nbf: 'Valid from (nbf)', iat: 'Issued (iat)' } as const;

/** A token with its three parts told apart by colour, and by their names for who cannot see those. */
export function TokenText({ parts }: { parts: readonly string[] }) {
  return (
    <pre className="code code-wrap token-text" dir="ltr" tabIndex={0} role="group" aria-label="The token">
      {parts.map((part, at) => (
        <span key={at}>
          {at > 0 && <span className="token-dot">.</span>}
          <span className={`token-part token-${kPartNames[at] ?? 'more'}`} title={kPartNames[at]}>
            {part}
          </span>
        </span>
      ))}
    </pre>
  );
}

/** What a token says, part by part, and what is wrong with it as far as that shows without a server. */
export function DecodedView({ decoded }: { decoded: DecodedToken }) {
  const now = useNow() / 1000;
  return (
    <div className="stack">
      {decoded.notes.map((note) => (
        <p key={note} className="soft small">
          {note}
        </p>
      ))}
      {decoded.problems.length > 0 && (
        <Callout tone="warning" title="This cannot be right">
          <ul className="problem-list">
            {decoded.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Callout>
      )}
      {decoded.claims && (
        <Facts
          items={[
            ['Kind', kKinds[decoded.kind]],
            ...(['iat', 'nbf', 'exp'] as const).map((name) => {
              const second = decoded.dates[name];
              if (second !== undefined) {
                return [kDates[name], <DateOf key={name} second={second} now={now} />] as const;
              }
              const isGiven = Object.hasOwn(decoded.claims ?? {}, name);
              if (name === 'nbf' || isGiven) return null;
              return [kDates[name], name === 'exp' ? 'never' : 'not said'] as const;
            }),
          ]}
        />
      )}
      <div className="decoded-parts">
        {decoded.header && (
          <Part name="header" title="Header">
            <UntrustedJson value={decoded.header} label="Header" />
          </Part>
        )}
        {decoded.claims && (
          <Part name="payload" title="Payload: the claims">
            <UntrustedJson value={decoded.claims} label="Claims" />
          </Part>
        )}
        {decoded.parts.length === 3 && (
          <Part name="signature" title="Signature">
            <p className="small soft">
              {decoded.kind === 'developer'
                ? 'None: it counts only while an app’s auth checks are off.'
                : 'HMAC-SHA256 of header and payload with the API secret. Whether it is right, only who holds the secret can say.'}
            </p>
          </Part>
        )}
      </div>
    </div>
  );
}

function Part({
  name,
  title,
  children,
}: {
  name: (typeof kPartNames)[number];
  title: string;
  children: React.ReactNode;
}) {
  return (
    <section className={`decoded-part token-${name}-edge`}>
      <h3 className={`token-${name}`}>{title}</h3>
      {children}
    </section>
  );
}

function DateOf({ second, now }: { second: number; now: number }) {
  const at = new Date(second * 1000).toISOString();
  return (
    <>
      <time dateTime={at}>{formatDate(at)}</time>{' '}
      <span className="soft">({distanceInWords(second, now)})</span>
    </>
  );
}
