import { useEffect, useId, useRef, useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from './controls';
import { classes } from './classes';
import { formatDate, formatAgo } from './format';

/** Puts `text` into the clipboard and says that it did. Where the browser forbids it, the text is selected instead. */
export function CopyButton({
  text,
  label = 'Copy',
  small = true,
}: {
  text: string;
  label?: string;
  small?: boolean;
}) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no');
  useEffect(() => {
    if (copied === 'no') return;
    const timer = setTimeout(() => setCopied('no'), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      small={small}
      icon={copied === 'yes' ? 'check' : 'copy'}
      onClick={() => {
        copyText(text).then(
          () => setCopied('yes'),
          () => setCopied('failed'),
        );
      }}
    >
      <span aria-live="polite">
        {copied === 'yes' ? 'Copied' : copied === 'failed' ? 'Select it by hand' : label}
      </span>
    </Button>
  );
}

async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // The clipboard's API wants HTTPS or loopback; on a plain address in a private network there is only this.
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  const host = document.querySelector('dialog[open]') ?? document.body;
  host.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('not copied');
}

/** Text to be taken along: monospaced, with its copy button. `label` names it. */
export function Copyable({ text, label, wrap = true }: { text: string; label: string; wrap?: boolean }) {
  return (
    <div className="copyable">
      <pre className={classes('code', wrap && 'code-wrap')} tabIndex={0} role="group" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label="Copy" />
    </div>
  );
}

const clockListeners = new Set<() => void>();
let now = Date.now();
let clock: ReturnType<typeof setInterval> | undefined;

/** Ticks for all that show a time, and only while something does. */
function subscribeToClock(listener: () => void): () => void {
  clockListeners.add(listener);
  if (clock === undefined) {
    now = Date.now();
    clock = setInterval(() => {
      now = Date.now();
      clockListeners.forEach((each) => each());
    }, 1000);
  }
  return () => {
    clockListeners.delete(listener);
    if (clockListeners.size === 0) {
      clearInterval(clock);
      clock = undefined;
    }
  };
}

/** Milliseconds since 1970, anew each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribeToClock, () => now);
}

/** "3 min ago", the exact time on hover. Null shows a dash. */
export function TimeAgo({ at, none = '–' }: { at: string | null | undefined; none?: ReactNode }) {
  const current = useNow();
  if (at === null || at === undefined) return <>{none}</>;
  return (
    <time dateTime={at} title={formatDate(at)}>
      {formatAgo(Date.parse(at), current)}
    </time>
  );
}

/** Views of one thing, of which one shows; arrows go from one to the next. */
export function Tabs<T extends string>({
  label,
  tabs,
  value,
  onChange,
  children,
}: {
  label: string;
  tabs: readonly { value: T; label: ReactNode }[];
  value: T;
  onChange: (value: T) => void;
  children: ReactNode;
}) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.value === value);
    const step = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = step === undefined ? undefined : tabs[(step + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onChange(next.value);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.value}"]`)?.focus();
  };
  return (
    <div className="tabs">
      <div className="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            data-tab={tab.value}
            aria-selected={tab.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </div>
  );
}
