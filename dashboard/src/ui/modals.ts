/** The modal windows that are open, the one on top last. Everything outside of that takes neither focus nor clicks. */
class Modals {
  private open: readonly HTMLDialogElement[] = [];
  private readonly listeners = new Set<() => void>();

  /** Returns what to call before the window goes. */
  enter(dialog: HTMLDialogElement | null): () => void {
    if (dialog) this.set([...this.open, dialog]);
    return () => this.set(this.open.filter((one) => one !== dialog));
  }

  top = (): HTMLDialogElement | null => this.open[this.open.length - 1] ?? null;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(open: readonly HTMLDialogElement[]): void {
    this.open = open;
    this.listeners.forEach((listener) => listener());
  }
}

export const modals = new Modals();
