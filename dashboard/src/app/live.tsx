import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { LiveMessage } from '../api/types';
import { backoffMs } from './backoff';
import { extend, type History } from './figures';
import { pageActivity } from './page-activity';

export type LiveStatus = 'connecting' | 'open' | 'lost';

/** How long nothing may come before the connection counts as dead: the server sends once a second. */
const kSilenceMaxMs = 10_000;

/** The one WebSocket to /admin/v1/live of a signed-in page: figures once a second, and what has changed. */
class LiveFeed {
  status: LiveStatus = 'connecting';
  private readonly histories = new Map<string, History>();
  private readonly listeners = new Set<() => void>();
  private readonly changeListeners = new Set<(app: string | null) => void>();
  private socket: WebSocket | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private stopped = false;
  /** Something changed while nobody sat at the page. */
  private missed = false;
  private forgetReturn: () => void = () => {};

  /** `onRefused` hears of each connection that ended: the session may be why. */
  constructor(private readonly onRefused: () => void) {}

  start(): void {
    this.stopped = false;
    this.forgetReturn = pageActivity.onReturn(() => {
      if (this.missed) this.tellOfChange(null);
    });
    this.open();
  }

  stop(): void {
    this.stopped = true;
    this.forgetReturn();
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.socket?.close();
    this.socket = null;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  onChange(listener: (app: string | null) => void): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  history(app: string): History | undefined {
    return this.histories.get(app);
  }

  private open(): void {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(`${scheme}//${location.host}/admin/v1/live`);
    this.socket = socket;
    socket.onopen = () => {
      const cameBack = this.failures > 0;
      this.failures = 0;
      this.setStatus('open');
      this.listenForSilence();
      // What changed while nobody listened is not told again.
      if (cameBack) this.tellOfChange(null);
    };
    socket.onmessage = (event) => {
      this.listenForSilence();
      this.take(JSON.parse(String(event.data)) as LiveMessage);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      clearTimeout(this.silence);
      if (this.stopped) return;
      this.setStatus('lost');
      this.onRefused();
      this.retry = setTimeout(() => this.open(), backoffMs(this.failures++, Math.random()));
    };
  }

  private listenForSilence(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket?.close(), kSilenceMaxMs);
  }

  private take(message: LiveMessage): void {
    if (message.type === 'figures') {
      const at = Date.parse(message.at);
      for (const [app, figures] of Object.entries(message.apps)) {
        this.histories.set(app, extend(this.histories.get(app), at, figures));
      }
      this.notify();
    } else if (message.type === 'changed') {
      this.tellOfChange(message.app);
    }
  }

  /** Screens ask the server anew then, which they leave alone while nobody looks. */
  private tellOfChange(app: string | null): void {
    this.missed = pageActivity.isIdle();
    if (!this.missed) this.changeListeners.forEach((listener) => listener(app));
  }

  private setStatus(status: LiveStatus): void {
    this.status = status;
    this.notify();
  }

  private notify(): void {
    this.listeners.forEach((listener) => listener());
  }
}

const Context = createContext<LiveFeed | null>(null);

export function LiveProvider({ onEnded, children }: { onEnded: () => void; children: ReactNode }) {
  const ended = useRef(onEnded);
  ended.current = onEnded;
  const [feed] = useState(() => new LiveFeed(() => ended.current()));
  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);
  return <Context value={feed}>{children}</Context>;
}

const nothing = () => () => {};

export function useLiveStatus(): LiveStatus {
  const feed = useContext(Context);
  return useSyncExternalStore(feed?.subscribe ?? nothing, () => feed?.status ?? 'lost');
}

/** The newest figures of an App and the last minutes; undefined until the first have come. */
export function useHistory(app: string): History | undefined {
  const feed = useContext(Context);
  return useSyncExternalStore(feed?.subscribe ?? nothing, () => feed?.history(app));
}

/** Calls back when something of this App (null: of anything) has been changed by anybody. */
export function useOnChange(app: string | null, listener: () => void): void {
  const feed = useContext(Context);
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(
    () =>
      feed?.onChange((changed) => {
        if (app === null || changed === null || changed === app) latest.current();
      }),
    [feed, app],
  );
}
