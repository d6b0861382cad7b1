import { describe, expect, test } from 'vitest';

import { buildClaims, findUserIdFlaw, kHour, type TokenForm } from './claims';

const kNow = 1_767_225_600;
const kForm: TokenForm = {
  userId: 'john',
  expiry: { kind: 'in', seconds: kHour },
  withIssuedAt: true,
  extraClaims: '',
};

function build(changes: Partial<TokenForm> = {}) {
  return buildClaims({ ...kForm, ...changes }, kNow);
}

/** Objects in objects, so many of them. */
function nested(levels: number): string {
  return '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
}

describe('a user id', () => {
  test('has 1 to 255 of the characters that the server takes', () => {
    for (const good of ['a', 'A-Z_0@9', 'x'.repeat(255)]) {
      expect(findUserIdFlaw(good), good).toBeNull();
    }
    for (const bad of ['', 'x'.repeat(256), 'a b', 'a.b', 'jürgen', '!anon', 'a\u0000', 'a\n', '🔑', 'a"', "a'"]) {
      expect(findUserIdFlaw(bad), bad).not.toBeNull();
    }
  });

  test('that is wrong is told by the character that is', () => {
    expect(findUserIdFlaw('a b')).toContain('a space');
    expect(findUserIdFlaw('a.b')).toContain('“.”');
    expect(findUserIdFlaw('a\u202eb')).toContain('U+202E');
    expect(findUserIdFlaw('a🔑')).toContain('“🔑”');
  });
});

describe('the claims of the form', () => {
  test('come in the order of the SDKs, and are dated from now', () => {
    expect(JSON.stringify(build({ extraClaims: '{"team":"red"}' }).claims)).toBe(
      `{"user_id":"john","exp":${kNow + 3600},"iat":${kNow},"team":"red"}`,
    );
  });

  test('have no exp and no iat where none is wanted, and the form says what that means', () => {
    const built = build({ expiry: { kind: 'never' }, withIssuedAt: false });
    expect(built.claims).toEqual({ user_id: 'john' });
    expect(built.warnings.map(({ about }) => about)).toEqual(['exp', 'iat']);
    expect(build().warnings).toEqual([]);
  });

  test('end after now and before the year 10000', () => {
    const at = (second: number) => build({ expiry: { kind: 'at', second } });
    expect(at(kNow).errors.expiry).toMatch(/passed/);
    expect(at(kNow + 1).claims).toEqual({ user_id: 'john', exp: kNow + 1, iat: kNow });
    expect(at(253_402_300_799).claims).not.toBeNull();
    expect(at(253_402_300_800).errors.expiry).toMatch(/9999/);
    expect(at(Number.NaN).errors.expiry).toMatch(/wanted/);
    expect(build({ expiry: { kind: 'in', seconds: 0 } }).errors.expiry).toMatch(/one second/);
    expect(build({ expiry: { kind: 'in', seconds: 1.5 } }).errors.expiry).toMatch(/Whole seconds/);
  });

  test('warn of a token that lives for months', () => {
    const warned = (days: number) =>
      build({ expiry: { kind: 'in', seconds: days * 86_400 } }).warnings.length;
    expect(warned(90)).toBe(0);
    expect(warned(91)).toBe(1);
  });

  test('warn of a role', () => {
    expect(build({ extraClaims: '{"role":"admin"}' }).warnings.map(({ about }) => about)).toEqual(['role']);
    expect(build({ extraClaims: '{"roles":"admin"}' }).warnings).toEqual([]);
  });

  test('are not overridden by further claims', () => {
    for (const name of ['user_id', 'exp', 'iat', 'server']) {
      const built = build({ extraClaims: `{"${name}": 1}` });
      expect(built.errors.extraClaims, name).toContain(name);
      expect(built.claims).toBeNull();
    }
    expect(build({ extraClaims: '{"userid": 1, "toString": 2}' }).claims).toMatchObject({ userid: 1, toString: 2 });
  });

  test('take further claims of one JSON object only', () => {
    for (const text of ['[]', '"a"', '1', 'null', '{', '{"a":1} {}', "{'a':1}"]) {
      expect(build({ extraClaims: text }).errors.extraClaims, text).toBeDefined();
    }
    for (const text of ['{}', ' \n', '{"a":[null,{"b":"c"}]}']) {
      expect(build({ extraClaims: text }).errors.extraClaims, text).toBeUndefined();
    }
  });

  test('refuse what a browser would change or the server would not read', () => {
    const flaw = (text: string) => build({ extraClaims: text }).errors.extraClaims;
    expect(flaw('{"a":9007199254740991}')).toBeUndefined();
    expect(flaw('{"a":9007199254740993}')).toMatch(/loses digits/);
    expect(flaw('{"a":[1e400]}')).toMatch(/too large/);
    expect(flaw('{"a":"\\ud83d\\udd11"}')).toBeUndefined();
    expect(flaw('{"a":"\\ud83d"}')).toMatch(/half a character/);
    expect(flaw('{"\\ud83d":1}')).toMatch(/half a character/);
    expect(flaw(nested(32))).toBeUndefined();
    expect(flaw(nested(33))).toMatch(/deeper/);
    expect(flaw('{"nbf":1767225600}')).toBeUndefined();
    expect(flaw('{"nbf":1767225600000}')).toMatch(/milliseconds/);
    const many = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`c${at}`, at])));
    expect(flaw(many(125))).toBeUndefined();
    expect(flaw(many(126))).toMatch(/at most 128/);
  });

  test('keep a claim of any name', () => {
    const text = '{"__proto__":{"role":"admin"},"constructor":1,"":2}';
    expect(JSON.stringify(build({ extraClaims: text }).claims)).toContain(text.slice(1, -1));
  });
});
