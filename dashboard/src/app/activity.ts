/** After how long without a key or a pointer the page stops asking the server by itself. */
export const kIdleAfterMs = 5 * 60_000;

/**
 * Whether somebody sits at the page. A call to the server keeps a session alive, so what a page asks for by itself
 * must end some time, or a dashboard left open would never be signed out.
 */
export class Activity {
  private last: number;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly now: () => number) {
    this.last = now();
  }

  isIdle(): boolean {
    return this.now() - this.last > kIdleAfterMs;
  }

  /** A key was pressed or the pointer moved. */
  note(): void {
    const wasIdle = this.isIdle();
    this.last = this.now();
    if (wasIdle) this.listeners.forEach((listener) => listener());
  }

  /** Calls back when somebody returns. */
  onReturn(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
