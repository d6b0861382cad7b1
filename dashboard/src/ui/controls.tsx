import {
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type ButtonHTMLAttributes,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import { Link } from '../app/router';
import { classes } from './classes';
import { Icon, type IconName } from './icons';

type ButtonLook = 'primary' | 'secondary' | 'danger' | 'quiet';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  small?: boolean;
  icon?: IconName;
  /** Goes on: the button says so, and takes no second press. */
  pending?: boolean;
  /** Why it cannot be used now; said on hover, on focus and to screen readers. Undefined: it can. */
  reason?: string | undefined;
}

export function Button({
  look = 'secondary',
  small,
  icon,
  pending,
  reason,
  children,
  onClick,
  className,
  type = 'button',
  ...rest
}: ButtonProps) {
  const id = useId();
  // Not `disabled`: that would take it out of the order of focus, and its reason with it.
  const off = pending || reason !== undefined || rest.disabled;
  return (
    <span className="button-frame">
      <button
        {...rest}
        type={type}
        disabled={rest.disabled}
        className={classes('button', `button-${look}`, small && 'button-small', className)}
        aria-disabled={off || undefined}
        aria-busy={pending || undefined}
        aria-describedby={reason === undefined ? rest['aria-describedby'] : id}
        onClick={(event) => {
          if (off) event.preventDefault();
          else onClick?.(event);
        }}
      >
        {pending ? <Spinner /> : icon && <Icon name={icon} />}
        {children}
      </button>
      {reason !== undefined && (
        <span role="tooltip" id={id} className="tooltip">
          {reason}
        </span>
      )}
    </span>
  );
}

/** A button that is only a drawing; `label` is its name. */
export function IconButton({
  icon,
  label,
  ...rest
}: { icon: IconName; label: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      className={classes('icon-button', rest.className)}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Goes to a page, and looks like a button. */
export function LinkButton({
  to,
  look = 'secondary',
  small,
  icon,
  children,
}: {
  to: string;
  look?: ButtonLook;
  small?: boolean;
  icon?: IconName;
  children: ReactNode;
}) {
  return (
    <Link to={to} className={classes('button', `button-${look}`, small && 'button-small')}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

export function Spinner() {
  return <span className="spinner" aria-hidden="true" />;
}

interface FieldProps {
  label: ReactNode;
  /** What to know before typing. */
  hint?: ReactNode;
  /** What is wrong with what was typed. */
  error?: ReactNode;
  /** Behind the input, on its line. */
  after?: ReactNode;
}

function FieldFrame({
  id,
  label,
  hint,
  error,
  after,
  children,
}: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-line">
        {children}
        {after}
      </div>
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="warning" /> {error}
        </p>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: FieldProps) {
  const ids = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return { 'aria-describedby': ids || undefined, 'aria-invalid': error ? true : undefined };
}

export function TextField({
  label,
  hint,
  error,
  after,
  mono,
  ...rest
}: FieldProps & { mono?: boolean; ref?: Ref<HTMLInputElement> } & InputHTMLAttributes<HTMLInputElement>) {
  const own = useId();
  const id = rest.id ?? own;
  const frame = { label, hint, error, after };
  return (
    <FieldFrame id={id} {...frame}>
      <input
        autoComplete="off"
        spellCheck={false}
        {...described(id, frame)}
        {...rest}
        id={id}
        className={classes('input', mono && 'mono', rest.className)}
      />
    </FieldFrame>
  );
}

/**
 * A password or a secret, with an eye to see what was typed. React mirrors the `value` of an input in its attribute,
 * and with that in any copy of the page that is saved; so it is not told of this one's.
 */
export function PasswordField({
  value,
  ...rest
}: FieldProps & { value: string } & Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'defaultValue'>) {
  const [shown, setShown] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    // Only where it differs: setting it moves the caret.
    if (input.current && input.current.value !== value) input.current.value = value;
  }, [value]);
  return (
    <TextField
      autoCapitalize="none"
      {...rest}
      ref={input}
      type={shown ? 'text' : 'password'}
      after={
        <IconButton
          icon="eye"
          label={shown ? 'Hide what is typed' : 'Show what is typed'}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}

export function TextArea({
  label,
  hint,
  error,
  after,
  mono,
  ...rest
}: FieldProps & { mono?: boolean } & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const own = useId();
  const id = rest.id ?? own;
  const frame = { label, hint, error, after };
  return (
    <FieldFrame id={id} {...frame}>
      <textarea
        rows={4}
        spellCheck={false}
        {...described(id, frame)}
        {...rest}
        id={id}
        className={classes('input', mono && 'mono', rest.className)}
      />
    </FieldFrame>
  );
}

export function Select({
  label,
  hint,
  error,
  after,
  children,
  ...rest
}: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const own = useId();
  const id = rest.id ?? own;
  const frame = { label, hint, error, after };
  return (
    <FieldFrame id={id} {...frame}>
      <select {...described(id, frame)} {...rest} id={id} className={classes('input', rest.className)}>
        {children}
      </select>
    </FieldFrame>
  );
}

export function Checkbox({
  label,
  hint,
  ...rest
}: { label: ReactNode; hint?: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  const own = useId();
  const id = rest.id ?? own;
  return (
    <div className="check">
      <input
        type="checkbox"
        {...rest}
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
      />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** On or off, with effect at once. */
export function Switch({
  label,
  hint,
  checked,
  onChange,
  pending,
  reason,
}: {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  pending?: boolean;
  reason?: string | undefined;
}) {
  const id = useId();
  const off = pending || reason !== undefined;
  return (
    <div className={classes('switch-row', reason !== undefined && 'is-off')}>
      <div className="switch-words">
        <span className="switch-label" id={id}>
          {label}
        </span>
        {hint && (
          <p className="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
        {reason !== undefined && (
          <p className="field-reason" id={`${id}-reason`}>
            {reason}
          </p>
        )}
      </div>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={checked}
        aria-labelledby={id}
        aria-describedby={[hint && `${id}-hint`, reason && `${id}-reason`].filter(Boolean).join(' ') || undefined}
        aria-disabled={off || undefined}
        aria-busy={pending || undefined}
        onClick={() => off || onChange(!checked)}
      >
        <span className="switch-knob" />
      </button>
    </div>
  );
}

/** One of a few, side by side. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: ReactNode; name?: string }[];
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset className="segmented">
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} title={option.name}>
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            checked={option.value === value}
            aria-label={option.name}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
