import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { createPortal } from 'react-dom';
import { messageOf } from '../api/error';
import { Button, IconButton } from './controls';
import { Icon } from './icons';
import { modals } from './modals';

export interface Toast {
  title: string;
  detail?: string;
  tone?: 'ok' | 'danger';
  /** What takes it back. Its failure is told by another toast. */
  undo?: () => Promise<void>;
  /** What it tells of; an older message about the same goes, and with it an undo that is none any more. */
  about?: string;
}

const kShownMs = 6_000;
/** One that can be undone stays longer: it is the way back. */
const kShownWithUndoMs = 30_000;
const kToastsMax = 4;

type Shown = Toast & { id: number };

const Context = createContext<(toast: Toast) => void>(() => {});

/** `reader`: who the messages are for; they go when another comes, or nobody. */
export function ToastProvider({ reader, children }: { reader: string; children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const next = useRef(1);
  const show = useCallback((toast: Toast) => {
    setToasts((shown) => {
      const others = shown.filter(({ about }) => about === undefined || about !== toast.about);
      return [...others, { ...toast, id: next.current++ }].slice(-kToastsMax);
    });
  }, []);
  const drop = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id));
  }, []);
  useEffect(() => setToasts([]), [reader]);
  const { host, goBack } = useMessageKey();
  return (
    <Context value={show}>
      {children}
      {createPortal(
        <div className="toasts" role="region" aria-label="Messages (F6)">
          <div role="status" aria-live="polite">
            {toasts.map((toast) => (
              <ToastView key={toast.id} toast={toast} onDone={drop} show={show} goBack={goBack} />
            ))}
          </div>
        </div>,
        host,
      )}
    </Context>
  );
}

/**
 * F6 takes the focus from anywhere to the newest message, and from there back. `host` is what the messages are in. A
 * modal window lets nothing outside of it have the focus, so they go into it then. Not before: who listens to a page
 * is told of what comes into a place that was there already.
 */
function useMessageKey() {
  const [host] = useState(() => document.createElement('div'));
  const from = useRef<Element | null>(null);
  const goBack = useCallback(() => {
    const places = [from.current, host.closest('dialog')?.querySelector('button'), document.getElementById('main')];
    from.current = null;
    const place = places.find((one) => one?.isConnected);
    if (place instanceof HTMLElement) place.focus();
  }, [host]);
  useLayoutEffect(() => {
    document.body.append(host);
    const forgetModals = modals.subscribe(() => {
      const within = host.closest('dialog');
      if (within && within !== modals.top()) document.body.append(host);
    });
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'F6' || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      const newest = host.querySelector<HTMLElement>('.toast:last-child button');
      // Without a message it is the browser's.
      if (!newest) return;
      event.preventDefault();
      const active = document.activeElement;
      if (host.contains(active)) {
        goBack();
        return;
      }
      const around = modals.top() ?? document.body;
      if (host.parentElement !== around) around.append(host);
      from.current = active === document.body ? null : active;
      newest.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
      forgetModals();
      host.remove();
    };
  }, [host, goBack]);
  return { host, goBack };
}

/** Tells of something that was done. */
export function useToast(): (toast: Toast) => void {
  return useContext(Context);
}

function ToastView({
  toast,
  onDone,
  show,
  goBack,
}: {
  toast: Shown;
  onDone: (id: number) => void;
  show: (toast: Toast) => void;
  goBack: () => void;
}) {
  const id = useId();
  const isBehindModal = useSyncExternalStore(modals.subscribe, modals.top) !== null;
  const [held, setHeld] = useState(false);
  const [pending, setPending] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Who points at it, or has the focus in it, is still reading; who is in a modal window cannot get at it.
    if (held || pending || isBehindModal) return;
    const timer = setTimeout(() => onDone(toast.id), toast.undo ? kShownWithUndoMs : kShownMs);
    return () => clearTimeout(timer);
  }, [held, pending, isBehindModal, toast, onDone]);
  // The focus does not go with the message.
  useLayoutEffect(
    () => () => {
      if (frame.current?.contains(document.activeElement)) goBack();
    },
    [goBack],
  );
  const undo = async () => {
    setPending(true);
    try {
      await toast.undo?.();
    } catch (thrown) {
      show({ title: 'This could not be undone', detail: messageOf(thrown), tone: 'danger' });
    }
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
        <strong id={id}>{toast.title}</strong>
        {toast.detail && <p>{toast.detail}</p>}
        {toast.undo && <span className="visually-hidden">F6 goes to Undo, and back.</span>}
      </div>
      {toast.undo && (
        <>
          <kbd className="toast-key" aria-hidden="true">
            F6
          </kbd>
          <Button small icon="undo" pending={pending} aria-describedby={id} onClick={() => void undo()}>
            Undo
          </Button>
        </>
      )}
      <IconButton icon="close" label="Dismiss" onClick={() => onDone(toast.id)} />
    </div>
  );
}
