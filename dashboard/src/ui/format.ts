const kNumber = new Intl.NumberFormat('en');
const kDate = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

export function formatNumber(value: number): string {
  return kNumber.format(value);
}

/** `3 users`, `1 user`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${formatNumber(n)} ${n === 1 ? one : many}`;
}

/** A point in time in the operator's own zone; what cannot be read stays as it is. */
export function formatDate(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : kDate.format(time);
}

/** The time of day of a point in time, in milliseconds since 1970: `3:05:07 PM`. */
export function formatTime(at: number): string {
  return new Date(at).toLocaleTimeString('en');
}

const kUnits: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** A length in its largest unit, rounded down: `3 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds));
  for (const [unit, length] of kUnits) {
    if (whole >= length) return `${Math.floor(whole / length)} ${unit}`;
  }
  return '0 s';
}

export function formatAgo(at: number, now: number): string {
  const seconds = (now - at) / 1000;
  // The clocks of the server and of this machine differ by a little; a moment ahead is now.
  if (Math.abs(seconds) < 5) return 'just now';
  return seconds > 0 ? `${formatDuration(seconds)} ago` : `in ${formatDuration(seconds)}`;
}

/** A number of the size that a chart's axis wants: `0.5`, `12`, `1.2k`. */
export function formatCompact(value: number): string {
  if (value >= 1_000_000) return `${trim(value / 1_000_000)}M`;
  if (value >= 1_000) return `${trim(value / 1_000)}k`;
  return trim(value);
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toFixed(1)));
}

/** "2 users and 3 open connections", what an act ends. */
export function describeEnds(ends: { users: number; connections: number }): string {
  return `${count(ends.users, 'user')} and ${count(ends.connections, 'open connection')}`;
}
