import { expect, test } from 'vitest';
import { choose, coverage, rangeOf, type Selection } from './selection';

const kPage = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
const kNone: Selection<{ id: string }> = new Map();

test('users stay chosen when the page is another', () => {
  const chosen = choose(choose(kNone, [{ id: 'z' }], true), kPage.slice(0, 2), true);
  expect([...chosen.keys()]).toEqual(['z', 'a', 'b']);
  expect([...choose(chosen, kPage, false).keys()]).toEqual(['z']);
  expect(kNone.size).toBe(0);
});

test('a page is chosen as a whole, in part or not', () => {
  expect(coverage(kNone, kPage)).toBe('none');
  expect(coverage(choose(kNone, kPage.slice(1), true), kPage)).toBe('some');
  expect(coverage(choose(kNone, kPage, true), kPage)).toBe('all');
  expect(coverage(kNone, [])).toBe('none');
});

test('a range goes either way, both ends included', () => {
  const ids = (from: string | null, to: string) => rangeOf(kPage, from, to).map(({ id }) => id);
  expect(ids('b', 'd')).toEqual(['b', 'c', 'd']);
  expect(ids('d', 'b')).toEqual(['b', 'c', 'd']);
  expect(ids('b', 'b')).toEqual(['b']);
  expect(ids(null, 'c')).toEqual(['c']);
  expect(ids('gone', 'c')).toEqual(['c']);
  expect(ids('a', 'gone')).toEqual([]);
});
