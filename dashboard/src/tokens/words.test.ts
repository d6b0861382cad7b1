import { expect, test } from 'vitest';

import { clockDifferenceInWords, distanceInWords, lengthInWords } from './words';

test('a length has its two largest units', () => {
  const said = [0, 1, 59, 60, 61, 3599, 3600, 3601, 86_400, 90_061, 31_536_000, 31_536_000 * 2 + 86_400 * 3].map(
    lengthInWords,
  );
  expect(said).toEqual([
    '0 s', '1 s', '59 s', '1 min', '1 min 1 s', '59 min 59 s', '1 h', '1 h', '1 day', '1 day 1 h', '1 year',
    '2 years 3 days',
  ]);
});

test('a distance says which way', () => {
  expect(distanceInWords(130, 100)).toBe('in 30 s');
  expect(distanceInWords(100, 130)).toBe('30 s ago');
  expect(distanceInWords(100.4, 100)).toBe('now');
});

test('clocks that differ by more than a second are told of', () => {
  expect(clockDifferenceInWords(101, 100)).toBe('');
  expect(clockDifferenceInWords(102, 100)).toBe('This machine’s clock is 2 s ahead of the server’s.');
  expect(clockDifferenceInWords(40, 100)).toBe('This machine’s clock is 1 min behind the server’s.');
});
