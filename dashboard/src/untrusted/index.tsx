import { useState } from 'react';
import { Button } from '../ui';
import { cut, kNothingToSee, piecesOf, visibleJson, visibleText } from './visible';
import './untrusted.css';

/** Of a text that stands in a table or a sentence. */
const kShownMax = 80;
/** Of one that has a place of its own, before "Show all". */
const kBlockMax = 200;
const kJsonMax = 2_000;
/** Of a title: browsers show no more of it anyway. */
const kTitleMax = 1_000;

/**
 * A text that anybody may have written: a name, a user agent, an address of an image. It is shown as text and as
 * nothing else, within a direction of its own, and with what would not show made visible. What is longer than `max`
 * characters is cut; the whole of it is in the title.
 */
export function Untrusted({
  text,
  max = kShownMax,
  none = '–',
}: {
  text: string | null | undefined;
  max?: number;
  /** In place of an empty text. */
  none?: string;
}) {
  if (text === null || text === undefined || text === '') return <span className="soft">{none}</span>;
  if (text.trim() === '') return <span className="soft">{kNothingToSee}</span>;
  const shown = cut(text, max);
  return (
    <bdi className="untrusted" title={shown.isCut ? visibleText(cut(text, kTitleMax).text) : undefined}>
      <Pieces text={shown.text} />
      {shown.isCut && '…'}
    </bdi>
  );
}

/** The same with room of its own: all of it can be unfolded. */
export function UntrustedBlock({ text }: { text: string | null | undefined }) {
  const [all, setAll] = useState(false);
  if (text === null || text === undefined || text.trim() === '') return <Untrusted text={text} />;
  const shown = all ? { text, isCut: false } : cut(text, kBlockMax);
  return (
    <>
      <bdi className="untrusted">
        <Pieces text={shown.text} />
        {shown.isCut && '…'}
      </bdi>{' '}
      {(shown.isCut || all) && (
        <Button small look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show less' : `Show all ${text.length} characters`}
        </Button>
      )}
    </>
  );
}

/** Data of anybody's as JSON: never anything but text. `label` names it for screen readers. */
export function UntrustedJson({ value, label }: { value: unknown; label: string }) {
  const [all, setAll] = useState(false);
  const text = visibleJson(value);
  const shown = all ? { text, isCut: false } : cut(text, kJsonMax);
  return (
    <div className="stack-small">
      <pre className="code code-wrap untrusted-json" dir="ltr" tabIndex={0} role="group" aria-label={label}>
        {shown.text}
        {shown.isCut && '…'}
      </pre>
      {(shown.isCut || all) && (
        <div>
          <Button small look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show less' : `Show all ${text.length} characters`}
          </Button>
        </div>
      )}
    </div>
  );
}

function Pieces({ text }: { text: string }) {
  return piecesOf(text).map((piece, at) =>
    'text' in piece ? (
      piece.text
    ) : (
      <span key={at} className="unseen" title={`${piece.unseen}: ${piece.name}`}>
        {piece.unseen}
      </span>
    ),
  );
}
