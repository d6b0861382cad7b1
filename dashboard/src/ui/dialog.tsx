import { useEffect, useId, useLayoutEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { visibleName } from '../untrusted/visible';
import { Button, IconButton, TextField } from './controls';
import { useFlawFocus } from './flaw-focus';
import { ErrorNote } from './layout';
import { modals } from './modals';

/**
 * A modal window on the browser's own <dialog>: it keeps the focus inside, closes with Escape, and gives the focus
 * back to where it was. It is there while it is rendered.
 */
export function Dialog({
  title,
  onClose,
  children,
  footer,
  wide,
  /** Not closed by Escape: what it shows is shown once. */
  sticky,
}: {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
  sticky?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Told before the window is taken out of the page, with whatever is in it then.
  useLayoutEffect(() => modals.enter(ref.current), []);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    // By itself the first thing that takes the focus has it, which is the cross.
    dialog?.querySelector<HTMLElement>('.dialog-body :is(input:not([type=radio]), textarea)')?.focus();
    return () => {
      dialog?.close();
      // What opened it may be gone with what was done: then the page itself is where to go on from.
      const back = before instanceof HTMLElement && before.isConnected ? before : document.getElementById('main');
      back?.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!sticky) onClose();
      }}
      onKeyDown={(event) => {
        // A second Escape would close it past `cancel`.
        if (event.key === 'Escape' && sticky) event.preventDefault();
      }}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        {!sticky && <IconButton icon="close" label="Close" onClick={onClose} />}
      </div>
      <div className="dialog-body">{children}</div>
      {footer && <div className="dialog-foot">{footer}</div>}
    </dialog>
  );
}

/** A form in a window: Enter sends it, its failure shows in it. */
export function FormDialog({
  title,
  submit,
  look = 'primary',
  pending,
  error,
  reason,
  onSubmit,
  onClose,
  wide,
  children,
}: {
  title: ReactNode;
  /** What the button that does it says. */
  submit: string;
  look?: 'primary' | 'danger';
  pending?: boolean;
  error?: unknown;
  /** Why it cannot be sent yet. */
  reason?: string | undefined;
  onSubmit: () => void;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}) {
  const form = useId();
  const flaws = useFlawFocus<HTMLFormElement>(pending);
  const [triedInVain, setTriedInVain] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTriedInVain(reason !== undefined);
    flaws.look();
    if (!pending && reason === undefined) onSubmit();
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      {...(wide ? { wide } : {})}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={look} type="submit" form={form} pending={pending ?? false} reason={reason}>
            {submit}
          </Button>
        </>
      }
    >
      <form ref={flaws.ref} id={form} className="stack" onSubmit={send}>
        {children}
        <ErrorNote error={error} />
        {/* Enter in a field does nothing then, and the reason stands at a button that is somewhere else. */}
        <p className="visually-hidden" role="status">
          {triedInVain && reason}
        </p>
      </form>
    </Dialog>
  );
}

/**
 * Before a destructive act: what it will end (`children`), and where it hits everybody, the App's name typed again
 * (`name`).
 */
export function ConfirmDialog({
  title,
  submit,
  name,
  pending,
  error,
  onConfirm,
  onClose,
  children,
}: {
  title: ReactNode;
  submit: string;
  name?: string;
  pending?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const [typed, setTyped] = useState('');
  // What does not show can only be typed as it is shown.
  const names = name === undefined ? [] : [name, visibleName(name)];
  const matches =
    name === undefined || (typed !== '' && names.some((one) => one.trim() === typed.trim()));
  return (
    <FormDialog
      title={title}
      submit={submit}
      look="danger"
      pending={pending ?? false}
      error={error}
      reason={matches ? undefined : 'Type the name of the app first.'}
      onSubmit={onConfirm}
      onClose={onClose}
    >
      {children}
      {name !== undefined && (
        <TextField
          label={
            <>
              Type <strong className="wrap">{visibleName(name)}</strong> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
    </FormDialog>
  );
}
