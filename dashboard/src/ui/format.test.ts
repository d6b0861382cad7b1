import { describe, expect, it } from 'vitest';
import { count, describeEnds, formatAgo, formatCompact, formatDate } from './format';

describe('a time', () => {
  it('is told in its largest unit', () => {
    const now = 1_000_000_000;
    expect(formatAgo(now - 4_000, now)).toBe('just now');
    expect(formatAgo(now - 5_000, now)).toBe('5 s ago');
    expect(formatAgo(now - 3_599_000, now)).toBe('59 min ago');
    expect(formatAgo(now - 3_600_000, now)).toBe('1 h ago');
    expect(formatAgo(now + 90_000_000, now)).toBe('in 1 d');
  });

  it('stays as it is where it cannot be read', () => {
    expect(formatDate('not a date')).toBe('not a date');
  });
});

it('counts one thing and many', () => {
  expect(count(1, 'user')).toBe('1 user');
  expect(count(1234, 'user')).toBe('1,234 users');
  expect(count(2, 'entry', 'entries')).toBe('2 entries');
  expect(describeEnds({ users: 1, connections: 0 })).toBe('1 user and 0 open connections');
});

it('shortens numbers for an axis', () => {
  expect([0, 0.25, 5, 12.345, 999, 1000, 2500, 1_500_000].map(formatCompact)).toEqual([
    '0', '0.3', '5', '12.3', '999', '1k', '2.5k', '1.5M',
  ]);
});
