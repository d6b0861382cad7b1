import { useEffect, useId, useRef, type ReactNode } from 'react';
import { messageOf } from '../api/error';
import { Button } from './controls';
import { classes } from './classes';
import { Icon } from './icons';

export type Tone = 'neutral' | 'info' | 'ok' | 'warning' | 'danger';

/** The head of a screen. Its heading takes the focus when the screen comes, so that it is what is read first. */
export function PageHeader({
  title,
  badge,
  subtitle,
  actions,
}: {
  title: string;
  badge?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header className="page-header">
      <div className="page-header-words">
        <h1 ref={heading} tabIndex={-1}>
          {title} {badge}
        </h1>
        {subtitle && <p className="page-subtitle">{subtitle}</p>}
      </div>
      {actions && <div className="actions">{actions}</div>}
    </header>
  );
}

export function Card({
  title,
  description,
  actions,
  tone,
  flush,
  children,
}: {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  tone?: 'danger';
  /** No padding: what is inside brings its own, as a table does. */
  flush?: boolean;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <section
      className={classes('card', tone && `card-${tone}`, flush && 'card-flush')}
      aria-labelledby={title ? id : undefined}
    >
      {(title || actions) && (
        <div className="card-head">
          <div>
            {title && <h2 id={id}>{title}</h2>}
            {description && <p className="card-description">{description}</p>}
          </div>
          {actions && <div className="actions">{actions}</div>}
        </div>
      )}
      {children && <div className="card-body">{children}</div>}
    </section>
  );
}

export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

/** Something to know where it stands. `alert` where it came up just now. */
export function Callout({
  tone = 'info',
  title,
  alert,
  children,
}: {
  tone?: Tone;
  title?: ReactNode;
  alert?: boolean;
  children?: ReactNode;
}) {
  return (
    <div className={`callout callout-${tone}`} role={alert ? 'alert' : undefined}>
      <Icon name={tone === 'ok' ? 'check' : tone === 'info' || tone === 'neutral' ? 'info' : 'warning'} />
      <div>
        {title && <strong className="callout-title">{title}</strong>}
        {children}
      </div>
    </div>
  );
}

/** What went wrong with a call; nothing where nothing did. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  if (error === undefined || error === null) return null;
  return (
    <Callout tone="danger" alert>
      <p>{messageOf(error)}</p>
      {retry && (
        <Button small onClick={retry}>
          Try again
        </Button>
      )}
    </Callout>
  );
}

export function EmptyState({
  title,
  children,
  actions,
}: {
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children && <div className="empty-words">{children}</div>}
      {actions && <div className="actions">{actions}</div>}
    </div>
  );
}

/** While a screen's first answer is on its way. Says so after a moment only, for most come at once. */
export function Loading({ label = 'Loading' }: { label?: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      <span className="visually-hidden">{label}</span>
    </div>
  );
}

/** Names and what stands for them, in two columns where there is room. */
export function Facts({ items }: { items: readonly (readonly [ReactNode, ReactNode] | null)[] }) {
  return (
    <dl className="facts">
      {items.map(
        (item, index) =>
          item && (
            <div key={index}>
              <dt>{item[0]}</dt>
              <dd>{item[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** Scrolls sideways where it must; `label` is what a screen reader calls it. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="table-frame" role="group" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}
