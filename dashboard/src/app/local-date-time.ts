/** What an input of dates and times calls this second, in the browser's own zone: `2026-01-31T09:05:00`. */
export function localDateTime(second: number): string {
  const at = new Date(second * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** What such an input holds, as RFC 3339; null where that is no date. */
export function parseLocalDateTime(text: string): string | null {
  const date = new Date(text);
  return text === '' || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
