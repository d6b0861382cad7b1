import { useState, type ReactNode } from 'react';
import { Segmented, TextField } from '../ui';
import { localDateTime, parseLocalDateTime } from './local-date-time';

/** On which side of now a date has to be, and what is said of one on the other. */
const kFlaws = {
  past: 'This is yet to come. Until then fresh tokens would be refused too.',
  future: 'A date to come is wanted.',
} as const;

interface Moment {
  isNow: boolean;
  /** RFC 3339; undefined for now, and for what has a flaw. */
  date: string | undefined;
  flaw: string | undefined;
  /** For the form. */
  field: ReactNode;
}

/** Asks for now or a date, for acts that take either. */
export function useMoment({
  label,
  now,
  at,
  dateLabel,
  hint,
  side,
  first,
}: {
  label: string;
  /** What the two choices are called. */
  now: string;
  at: string;
  dateLabel: string;
  hint: string;
  side: keyof typeof kFlaws;
  /** What the input of a date begins with, in seconds from now. */
  first: number;
}): Moment {
  const [isNow, setIsNow] = useState(true);
  const [text, setText] = useState(() => localDateTime(Math.floor(Date.now() / 1000) + first));
  const parsed = parseLocalDateTime(text);
  const flaw = isNow ? undefined : flawOf(parsed, side);
  return {
    isNow,
    date: isNow || flaw !== undefined ? undefined : (parsed ?? undefined),
    flaw,
    field: (
      <div className="stack-small">
        <Segmented
          label={label}
          value={isNow ? 'now' : 'at'}
          onChange={(value) => setIsNow(value === 'now')}
          options={[
            { value: 'now', label: now },
            { value: 'at', label: at },
          ]}
        />
        {!isNow && (
          <TextField
            label={dateLabel}
            hint={`In the time zone of this browser. ${hint}`}
            type="datetime-local"
            step={1}
            error={flaw}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </div>
    ),
  };
}

function flawOf(date: string | null, side: keyof typeof kFlaws): string | undefined {
  if (date === null) return 'A date and a time are wanted.';
  const isToCome = Date.parse(date) > Date.now();
  return isToCome === (side === 'future') ? undefined : kFlaws[side];
}
