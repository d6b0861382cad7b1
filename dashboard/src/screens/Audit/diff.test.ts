import { expect, test } from 'vitest';
import { differencesOf, valueInWords } from './diff';

test('what changed is told by its path, and nothing of what did not', () => {
  expect(
    differencesOf(
      { mode: 'development', name: 'Demo', settings: { a: true, b: [1], same: null } },
      { mode: 'production', name: 'Demo', settings: { a: false, b: [1, 2], same: null } },
    ),
  ).toEqual([
    { name: 'mode', before: 'development', after: 'production' },
    { name: 'settings.a', before: true, after: false },
    { name: 'settings.b', before: [1], after: [1, 2] },
  ]);
});

test('what came to be has no before, and what is gone no after', () => {
  expect(differencesOf({ gone: 1 }, { made: null })).toEqual([
    { name: 'gone', before: 1 },
    { name: 'made', after: null },
  ]);
  expect(differencesOf({}, {})).toEqual([]);
});

test('null, an object and a member of any name are kept apart', () => {
  expect(differencesOf({ a: null }, { a: {} })).toEqual([{ name: 'a', before: null, after: {} }]);
  const hostile = JSON.parse('{"__proto__":1,"toString":2}') as Record<string, unknown>;
  expect(differencesOf({}, hostile).map(({ name }) => name)).toEqual(['__proto__', 'toString']);
});

test('values are written as JSON', () => {
  expect(['true', true, 1.5, null, ['a'], undefined].map(valueInWords)).toEqual([
    '"true"', 'true', '1.5', 'nothing', '["a"]', '',
  ]);
});
