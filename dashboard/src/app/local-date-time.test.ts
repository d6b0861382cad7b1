import { expect, it } from 'vitest';
import { localDateTime, parseLocalDateTime } from './local-date-time';

it('reads back what it wrote, to the second', () => {
  const second = Date.parse('2026-03-01T12:34:56.000Z') / 1000;
  expect(parseLocalDateTime(localDateTime(second))).toBe('2026-03-01T12:34:56.000Z');
});

it('takes an empty or a broken input for no date', () => {
  expect(parseLocalDateTime('')).toBeNull();
  expect(parseLocalDateTime('soon')).toBeNull();
});
