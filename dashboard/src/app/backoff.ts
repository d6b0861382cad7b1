/**
 * Milliseconds before attempt number `failures` + 1: doubling from half a second up to half a minute. A random half
 * of it, so that a hundred open dashboards do not all knock at once when a server comes back.
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(500 * 2 ** Math.min(failures, 10), 30_000);
  return full / 2 + (full / 2) * random;
}
