/** A moment as <input type="datetime-local"> wants it: in the zone of this machine, to the second. */
export function toLocalInput(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** What such an input holds, as RFC 3339; null where that is no date. */
export function parseLocalDate(text: string): string | null {
  const date = new Date(text);
  return text === '' || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
