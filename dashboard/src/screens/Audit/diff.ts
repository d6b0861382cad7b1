/** One member that an act changed. Absent on one side: it came to be, or is gone. */
export interface Difference {
  name: string;
  before?: unknown;
  after?: unknown;
}

/**
 * What lies between two states, member by member: those of objects within are told by their path, for what changed of
 * a large one is usually small. Lists are told as a whole.
 */
export function differencesOf(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path = '',
): Difference[] {
  const found: Difference[] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const full = path === '' ? name : `${path}.${name}`;
    const was = Object.hasOwn(before, name);
    const is = Object.hasOwn(after, name);
    const [old, now] = [before[name], after[name]];
    if (was && is && isObject(old) && isObject(now)) {
      found.push(...differencesOf(old, now, full));
    } else if (!was || !is || JSON.stringify(old) !== JSON.stringify(now)) {
      found.push({ name: full, ...(was ? { before: old } : {}), ...(is ? { after: now } : {}) });
    }
  }
  return found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value on one line, as JSON; texts too, so that "true" and true differ. */
export function valueInWords(value: unknown): string {
  return value === null ? 'nothing' : (JSON.stringify(value) ?? '');
}
