import { useState } from 'react';
import { api } from '../../api/client';
import { useAction } from '../../api/resource';
import { useApps } from '../../app/apps';
import { useAppKey } from '../../app/params';
import { decodeToken } from '../../tokens/decode';
import { clockDifferenceInWords } from '../../tokens/words';
import { Untrusted } from '../../untrusted';
import {
  Badge,
  Button,
  Callout,
  Card,
  Checkbox,
  ErrorNote,
  Facts,
  formatDate,
  Icon,
  Select,
  TextArea,
  TextField,
} from '../../ui';
import { DecodedView, TokenText } from '../TokenGenerator/decoded';
import { localDateTime } from '../../app/local-date-time';
import { questionOf, type Explanation, type Step } from './explanation';
import { visibleName } from '../../untrusted/visible';
import './explain.css';

interface Answer {
  explanation: Explanation;
  /** What this machine's clock said when the answer came, in seconds. */
  browserNow: number;
  /** Whether the decision was asked for at another instant than now. */
  isMoved: boolean;
}

/** A pasted token: what it says shows at once and stays here; what becomes of it the server is asked. */
export function Explain() {
  const apps = useApps().data ?? [];
  const here = useAppKey();
  const [pasted, setPasted] = useState('');
  const [key, setKey] = useState(here);
  const [isMoved, setIsMoved] = useState(false);
  const [date, setDate] = useState(() => localDateTime(Math.floor(Date.now() / 1000)));
  const [answer, setAnswer] = useState<Answer | null>(null);
  const decoded = decodeToken(pasted);
  const at = new Date(date);
  const isDated = !Number.isNaN(at.getTime());

  const { run, pending, error, reset } = useAction(async () => {
    const explanation = await api.post<Explanation>('tokens/explain', {
      api_key: key,
      token: decoded.token,
      ...(isMoved ? { now: at.toISOString() } : {}),
    });
    setAnswer({ explanation, browserNow: Date.now() / 1000, isMoved });
  });
  // An answer is about the question that stands above it; another question has none yet.
  const change =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      setAnswer(null);
      reset();
    };

  return (
    <div className="stack">
      <Card
        title="The token"
        description="It is read here in the page first. Then the server decides about it as it would about a caller, and keeps nothing of it."
      >
        <div className="stack">
          <TextArea
            label="Token"
            hint="With or without “Bearer”, quotes and line breaks."
            value={pasted}
            onChange={(event) => change(setPasted)(event.target.value)}
            rows={4}
            autoComplete="off"
            autoCapitalize="none"
            mono
          />
          <div className="row row-end">
            <div className="grow">
              <Select label="App" value={key} onChange={(event) => change(setKey)(event.target.value)}>
                {apps.map((app) => (
                  <option key={app.api_key} value={app.api_key}>
                    {visibleName(app.name)} ({app.api_key})
                  </option>
                ))}
              </Select>
            </div>
            <Button
              look="primary"
              icon="explain"
              pending={pending}
              reason={reasonAgainst(decoded.token, decoded.looksLikeToken, isMoved && !isDated)}
              onClick={() => void run()}
            >
              Explain
            </Button>
          </div>
          <Checkbox
            label="Decide as at another instant"
            hint="For instance as at the time when a user was refused."
            checked={isMoved}
            onChange={(event) => change(setIsMoved)(event.target.checked)}
          />
          {isMoved && (
            <TextField
              label="Instant"
              hint="In the time zone of this browser."
              type="datetime-local"
              step={1}
              error={isDated ? undefined : 'A date and a time are wanted.'}
              value={date}
              onChange={(event) => change(setDate)(event.target.value)}
            />
          )}
          <ErrorNote error={error} />
        </div>
      </Card>
      <p className="visually-hidden" role="status">
        {answer && verdictOf(answer.explanation)}
      </p>
      {answer && <Decision {...answer} />}
      {decoded.token !== '' && (
        <Card title="What it says" description="Read in this page. Nothing of it is verified by that.">
          <div className="stack">
            {decoded.looksLikeToken && <TokenText parts={decoded.parts} />}
            <DecodedView decoded={decoded} />
          </div>
        </Card>
      )}
    </div>
  );
}

function reasonAgainst(token: string, looksLikeToken: boolean, lacksDate: boolean): string | undefined {
  if (token === '') return 'Paste a token first.';
  if (!looksLikeToken) return 'This has no dots, so it is no token. It may be a secret, and is not sent.';
  return lacksDate ? 'Say at which instant.' : undefined;
}

function verdictOf({ verdict, kind, code, rule }: Explanation): string {
  return verdict === 'accept' ? `Let in, as ${kind ?? 'a caller'}.` : `Refused: code ${code}, ${rule}.`;
}

function Decision({ explanation, browserNow, isMoved }: Answer) {
  const isAccepted = explanation.verdict === 'accept';
  const clocks = isMoved
    ? ''
    : clockDifferenceInWords(browserNow, Date.parse(explanation.now) / 1000);
  return (
    <Card title="The decision">
      <div className="stack">
        <Callout
          tone={isAccepted ? 'ok' : 'danger'}
          title={isAccepted ? 'This token is let in' : `Refused with code ${explanation.code}`}
        >
          {isAccepted ? (
            <p>
              The caller is {kindInWords(explanation.kind)}
              {explanation.user_id !== undefined && (
                <>
                  {' '}
                  <strong>
                    <Untrusted text={explanation.user_id} />
                  </strong>
                </>
              )}
              .
            </p>
          ) : (
            <p>
              {explanation.message} <code>{explanation.rule}</code>
            </p>
          )}
        </Callout>
        <Facts
          items={[
            explanation.mend ? [isAccepted ? 'Worth knowing' : 'To mend it', sentence(explanation.mend)] : null,
            explanation.sdk ? ['What an SDK does', sentence(explanation.sdk)] : null,
            [
              'Decided as at',
              <>
                <time dateTime={explanation.now}>{formatDate(explanation.now)}</time>{' '}
                <span className="soft">
                  {isMoved ? '(the instant asked for)' : '(the server’s clock)'}
                </span>
              </>,
            ],
            clocks === '' ? null : ['Clocks', <Callout tone="warning">{clocks}</Callout>],
            explanation.claims === undefined
              ? null
              : [
                  'Claims',
                  explanation.claims_verified
                    ? 'verified: a secret of the app signed them'
                    : 'not verified: anybody can have written them',
                ],
          ]}
        />
        <section className="stack-small">
          <h3>Step by step</h3>
          <ol className="explain-steps">
            {explanation.steps.map((step) => (
              <StepLine key={step.step} step={step} />
            ))}
          </ol>
        </section>
        {explanation.revocations && explanation.revocations.length > 0 && (
          <section className="stack-small">
            <h3>Revocations in force</h3>
            <ul className="problem-list">
              {explanation.revocations.map((revocation) => (
                <li key={revocation.of}>
                  Of the {revocation.of}: tokens issued before{' '}
                  <time dateTime={revocation.before}>{formatDate(revocation.before)}</time> are void.
                  {revocation.set_by && (
                    <span className="soft">
                      {' '}
                      Set by <Untrusted text={revocation.set_by} />
                      {revocation.set_at && `, ${formatDate(revocation.set_at)}`}.
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Card>
  );
}

/** The server's texts begin small, for they stand behind a colon in the terminal. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function kindInWords(kind: Explanation['kind']): string {
  switch (kind) {
    case 'server':
      return 'the app’s backend';
    case 'guest':
      return 'the guest';
    case 'anonymous':
      return 'anonymous';
    default:
      return 'the user';
  }
}

const kOutcomes = {
  passed: { icon: 'check', tone: 'ok' },
  failed: { icon: 'close', tone: 'danger' },
  skipped: { icon: 'right', tone: 'neutral' },
  'not reached': { icon: 'dot', tone: 'neutral' },
} as const;

function StepLine({ step }: { step: Step }) {
  const outcome = kOutcomes[step.outcome] ?? kOutcomes.skipped;
  return (
    <li className={`explain-step explain-step-${outcome.tone}`}>
      <Icon name={outcome.icon} />
      <div className="explain-step-words">
        <span className="explain-step-question">{questionOf(step.step)}</span>
        {step.facts && (
          <span className="explain-step-facts">
            <Untrusted text={step.facts} max={1000} />
          </span>
        )}
      </div>
      <Badge tone={outcome.tone}>{step.outcome}</Badge>
    </li>
  );
}
