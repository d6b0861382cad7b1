import { expect, it } from 'vitest';
import { parseLocalDate, toLocalInput } from './dates';

it('reads back what it wrote, to the second', () => {
  const date = new Date('2026-03-01T12:34:56.789Z');
  expect(parseLocalDate(toLocalInput(date))).toBe('2026-03-01T12:34:56.000Z');
});

it('takes an empty or a broken input for no date', () => {
  expect(parseLocalDate('')).toBeNull();
  expect(parseLocalDate('soon')).toBeNull();
});
