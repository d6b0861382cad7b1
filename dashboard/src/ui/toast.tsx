import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { messageOf } from '../api/error';
import { Button, IconButton } from './controls';
import { Icon } from './icons';

export interface Toast {
  title: string;
  detail?: string;
  tone?: 'ok' | 'danger';
  /** What takes it back. Its failure is told by another toast. */
  undo?: () => Promise<void>;
}

const kShownMs = 6_000;
/** One that can be undone stays longer: it is the way back. */
const kShownWithUndoMs = 30_000;
const kToastsMax = 4;

type Shown = Toast & { id: number };

const Context = createContext<(toast: Toast) => void>(() => {});

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const next = useRef(1);
  const show = useCallback((toast: Toast) => {
    setToasts((shown) => [...shown, { ...toast, id: next.current++ }].slice(-kToastsMax));
  }, []);
  const drop = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id));
  }, []);
  return (
    <Context value={show}>
      {children}
      <div className="toasts" role="region" aria-label="Messages">
        <div role="status" aria-live="polite">
          {toasts.map((toast) => (
            <ToastView key={toast.id} toast={toast} onDone={drop} show={show} />
          ))}
        </div>
      </div>
    </Context>
  );
}

/** Tells of something that was done. */
export function useToast(): (toast: Toast) => void {
  return useContext(Context);
}

function ToastView({
  toast,
  onDone,
  show,
}: {
  toast: Shown;
  onDone: (id: number) => void;
  show: (toast: Toast) => void;
}) {
  const [held, setHeld] = useState(false);
  const [pending, setPending] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Who points at it, or has the focus in it, is still reading.
    if (held || pending) return;
    const timer = setTimeout(() => onDone(toast.id), toast.undo ? kShownWithUndoMs : kShownMs);
    return () => clearTimeout(timer);
  }, [held, pending, toast, onDone]);
  const undo = async () => {
    setPending(true);
    try {
      await toast.undo?.();
    } catch (thrown) {
      show({ title: 'This could not be undone', detail: messageOf(thrown), tone: 'danger' });
    }
    leave();
  };
  const leave = () => {
    // The focus does not go with the message.
    if (frame.current?.contains(document.activeElement)) document.getElementById('main')?.focus();
    onDone(toast.id);
  };
  return (
    <div
      ref={frame}
      className={`toast toast-${toast.tone ?? 'ok'}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={toast.tone === 'danger' ? 'warning' : 'check'} />
      <div className="toast-words">
        <strong>{toast.title}</strong>
        {toast.detail && <p>{toast.detail}</p>}
      </div>
      {toast.undo && (
        <Button small icon="undo" pending={pending} onClick={() => void undo()}>
          Undo
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={leave} />
    </div>
  );
}
