const kUnits: readonly [name: string, seconds: number][] = [
  ['year', 365 * 86_400],
  ['day', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** A length of time by its two largest units: "59 min 12 s", "1 year 3 days". */
export function lengthInWords(seconds: number): string {
  let rest = Math.abs(Math.round(seconds));
  const parts: string[] = [];
  for (const [name, length] of kUnits) {
    const count = Math.floor(rest / length);
    if (count > 0 || (name === 's' && parts.length === 0)) {
      parts.push(`${count} ${name.length > 3 || name === 'day' ? plural(name, count) : name}`);
      rest -= count * length;
    } else if (parts.length > 0) {
      break;
    }
    if (parts.length === 2) {
      break;
    }
  }
  return parts.join(' ');
}

/** Where `second` lies as seen from `now`: "in 59 min 12 s", "48 s ago", "now". */
export function distanceInWords(second: number, now: number): string {
  const distance = Math.round(second - now);
  if (distance === 0) {
    return 'now';
  }
  return distance > 0 ? `in ${lengthInWords(distance)}` : `${lengthInWords(distance)} ago`;
}

/** How this machine's clock stands to the server's; empty while they agree within a second. */
export function clockDifferenceInWords(browser: number, server: number): string {
  const ahead = browser - server;
  if (Math.abs(ahead) <= 1) {
    return '';
  }
  return `This machine’s clock is ${lengthInWords(ahead)} ${ahead > 0 ? 'ahead of' : 'behind'} the server’s.`;
}

function plural(name: string, count: number): string {
  return count === 1 ? name : `${name}s`;
}
