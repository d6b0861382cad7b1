/** What is known of the users that were chosen, also of those on other pages. */
export type Selection<T extends { id: string }> = ReadonlyMap<string, T>;

/** Chooses these, or lets them go where `on` is false. */
export function choose<T extends { id: string }>(
  selection: Selection<T>,
  items: readonly T[],
  on: boolean,
): Selection<T> {
  const next = new Map(selection);
  for (const item of items) {
    if (on) next.set(item.id, item);
    else next.delete(item.id);
  }
  return next;
}

/** From the one that was chosen last to this one, both included, in the order of the page. */
export function rangeOf<T extends { id: string }>(items: readonly T[], from: string | null, to: string): T[] {
  const end = items.findIndex((item) => item.id === to);
  const start = from === null ? end : items.findIndex((item) => item.id === from);
  if (end < 0) return [];
  return items.slice(Math.min(start < 0 ? end : start, end), Math.max(start, end) + 1);
}

/** Of those on the page: all, some or none are chosen. */
export function coverage<T extends { id: string }>(
  selection: Selection<T>,
  items: readonly T[],
): 'all' | 'some' | 'none' {
  const chosen = items.filter((item) => selection.has(item.id)).length;
  if (chosen === 0) return 'none';
  return chosen === items.length ? 'all' : 'some';
}
