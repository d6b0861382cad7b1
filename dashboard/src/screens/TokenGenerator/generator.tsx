import { useState, type KeyboardEvent } from 'react';
import { buildClaims, kLifetimes, kWhyIssuedAt, type Claims, type Expiry } from '../../tokens/claims';
import { findSecretFlaw } from '../../tokens/secret';
import { findSigner, kTokenBytesMax, signToken } from '../../tokens/sign';
import { useAction } from '../../api/resource';
import {
  Button,
  Callout,
  Card,
  Checkbox,
  ErrorNote,
  PasswordField,
  Select,
  TextArea,
  TextField,
  useFlawFocus,
  useNow,
} from '../../ui';
import { MadeToken } from './made-token';
import { Snippets } from './snippets';
import { localDateTime } from '../../app/local-date-time';
import './generator.css';

/** What the choice of an expiry says, beside a number of seconds. */
type ExpiryChoice = `${number}` | 'other' | 'at' | 'never';

const kUsualLifetime = '3600';

/** Fields whose flaws are shown once one has been there, or has asked for a token. */
type Field = 'userId' | 'secret';

/**
 * The form of the generator and what comes of it. The secret stays in this component: it is put into no storage, no
 * address and no request, and is gone with the page.
 */
export function Generator() {
  const [userId, setUserId] = useState('');
  const [choice, setChoice] = useState<ExpiryChoice>(kUsualLifetime);
  const [minutes, setMinutes] = useState('90');
  const [date, setDate] = useState('');
  const [withIssuedAt, setWithIssuedAt] = useState(true);
  const [extraClaims, setExtraClaims] = useState('');
  const [secret, setSecret] = useState('');
  const [visited, setVisited] = useState<readonly Field[]>([]);
  const [made, setMade] = useState<{ token: string; claims: Claims } | null>(null);
  const now = Math.floor(useNow() / 1000);

  const expiry = expiryOf(choice, minutes, date);
  const form = { userId, expiry, withIssuedAt, extraClaims };
  const built = buildClaims(form, now);
  const secretFlaw = findSecretFlaw(secret);
  const signer = findSigner();

  // A token on the page always says what the form says: with the next change it goes.
  const change =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      setMade(null);
    };
  const visit = (field: Field) => () => setVisited((before) => [...before, field]);
  const flawOf = (field: Field, flaw: string | null | undefined, value: string) =>
    flaw && (visited.includes(field) || value !== '') ? flaw : undefined;

  const { run, pending, error } = useAction(async () => {
    setVisited(['userId', 'secret']);
    // Issued in this second, not in the one that the page showed last.
    const { claims } = buildClaims(form, Math.floor(Date.now() / 1000));
    if (claims === null || secretFlaw !== null || signer === undefined) return;
    const token = await signToken(claims, secret, signer);
    if (token.length > kTokenBytesMax) {
      throw new Error(
        `The token has ${token.length} bytes, and no server reads more than ${kTokenBytesMax}. Leave some claims out.`,
      );
    }
    setMade({ token, claims });
  });
  const focus = useFlawFocus<HTMLDivElement>(pending);
  const make = () => {
    focus.look();
    void run();
  };
  const makeOnEnter = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && signer !== undefined) make();
  };
  const onlyUserIdIsMissing = userId === '' && Object.keys(built.errors).join() === 'userId';

  return (
    <div className="stack">
      {signer === undefined ? (
        <Callout tone="warning" title="This browser cannot sign here">
          <p>
            It signs only on pages that came over https, or from this very machine. Reach the dashboard over https or
            through an SSH tunnel, or use <code>latchkey token create</code>. Operators who are signed in can mint a
            token on the page of a user: there the server signs it.
          </p>
        </Callout>
      ) : (
        <Callout title="The secret stays in this page">
          <p>
            The token is signed here, by your browser. The secret is sent nowhere and stored nowhere, not in a cookie,
            nor in the address, and is forgotten when you leave.
          </p>
        </Callout>
      )}
      <div className="generator">
        {/* Not a <form>: nothing here is ever to be submitted, and browsers offer to keep what was. */}
        <Card title="The token">
          <div ref={focus.ref} className="stack" role="group" aria-label="What the token is to say">
            <TextField
              label="User id"
              hint="Letters, digits, @ _ and -."
              error={flawOf('userId', built.errors.userId, userId)}
              value={userId}
              onChange={(event) => change(setUserId)(event.target.value)}
              onBlur={visit('userId')}
              onKeyDown={makeOnEnter}
              autoCapitalize="none"
              mono
            />
            <Select
              label="Expires"
              error={choice === 'other' || choice === 'at' ? undefined : built.errors.expiry}
              value={choice}
              onChange={(event) => change(setChoice)(event.target.value as ExpiryChoice)}
            >
              {kLifetimes.map(({ label, seconds }) => (
                <option key={seconds} value={seconds}>
                  in {label}
                </option>
              ))}
              <option value="other">in so many minutes…</option>
              <option value="at">at a date…</option>
              <option value="never">never</option>
            </Select>
            {choice === 'other' && (
              <TextField
                label="Minutes"
                type="number"
                min={1}
                step={1}
                inputMode="numeric"
                error={built.errors.expiry}
                value={minutes}
                onChange={(event) => change(setMinutes)(event.target.value)}
                onKeyDown={makeOnEnter}
              />
            )}
            {choice === 'at' && (
              <TextField
                label="Date and time"
                hint="In the time zone of this browser."
                type="datetime-local"
                step={1}
                min={localDateTime(now)}
                error={built.errors.expiry}
                value={date}
                onChange={(event) => change(setDate)(event.target.value)}
              />
            )}
            <Checkbox
              label="Say when it was issued (iat)"
              hint={kWhyIssuedAt}
              checked={withIssuedAt}
              onChange={(event) => change(setWithIssuedAt)(event.target.checked)}
            />
            <TextArea
              label="Further claims"
              hint="Optional: a JSON object that is added to the token."
              placeholder='{"role": "moderator"}'
              error={built.errors.extraClaims}
              value={extraClaims}
              onChange={(event) => change(setExtraClaims)(event.target.value)}
              rows={3}
              autoComplete="off"
              mono
            />
            <PasswordField
              label="API secret"
              hint="Stays in this page."
              error={flawOf('secret', secretFlaw, secret)}
              value={secret}
              onChange={(event) => change(setSecret)(event.target.value)}
              onBlur={visit('secret')}
              onKeyDown={makeOnEnter}
              autoComplete="off"
              className="mono"
            />
            {built.warnings.length > 0 && (
              <Callout tone="warning">
                {built.warnings.map(({ about, text }) => (
                  <p key={about}>{text}</p>
                ))}
              </Callout>
            )}
            <ErrorNote error={error} />
            <div>
              <Button
                look="primary"
                icon="token"
                pending={pending}
                reason={signer === undefined ? 'This browser cannot sign here.' : undefined}
                onClick={make}
              >
                Generate token
              </Button>
            </div>
          </div>
        </Card>
        <div className="stack">
          <p className="visually-hidden" role="status">
            {made && 'The token is made. It follows.'}
          </p>
          {made ? (
            <MadeToken key={made.token} token={made.token} />
          ) : (
            <Card title="Your token">
              <p className="soft">It shows here, with what it says, as soon as it is made.</p>
            </Card>
          )}
        </div>
      </div>
      {built.claims || onlyUserIdIsMissing ? (
        <Snippets
          recipe={{ userId: userId === '' ? 'john' : userId, expiry, withIssuedAt, extra: built.extra }}
          made={made?.claims ?? null}
        />
      ) : null}
    </div>
  );
}

function expiryOf(choice: ExpiryChoice, minutes: string, date: string): Expiry {
  switch (choice) {
    case 'never':
      return { kind: 'never' };
    case 'at':
      return { kind: 'at', second: Math.floor(new Date(date).getTime() / 1000) };
    case 'other':
      return { kind: 'in', seconds: minutes.trim() === '' ? Number.NaN : Number(minutes) * 60 };
    default:
      return { kind: 'in', seconds: Number(choice) };
  }
}
