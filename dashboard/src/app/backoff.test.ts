import { expect, it } from 'vitest';
import { backoffMs } from './backoff';

it('waits twice as long after each failure, up to half a minute', () => {
  expect([0, 1, 2, 3].map((failures) => backoffMs(failures, 1))).toEqual([500, 1000, 2000, 4000]);
  expect(backoffMs(6, 1)).toBe(30_000);
  expect(backoffMs(1000, 1)).toBe(30_000);
});

it('leaves up to half of the wait to chance', () => {
  expect(backoffMs(2, 0)).toBe(1000);
});
