import { describe, expect, test } from 'vitest';

import { decodeToken } from './decode';

const kSignature = 'A'.repeat(43);
const kNow = 1_767_225_600;

function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

function token(claims: unknown, header: unknown = { alg: 'HS256', typ: 'JWT' }, signature = kSignature): string {
  return `${part(header)}.${part(claims)}.${signature}`;
}

const kGood = token({ user_id: 'john', iat: kNow, exp: kNow + 3600 });

describe('decoding', () => {
  test('shows what a good token says, and finds nothing wrong', () => {
    expect(decodeToken(kGood)).toEqual({
      token: kGood,
      parts: kGood.split('.'),
      kind: 'user',
      header: { alg: 'HS256', typ: 'JWT' },
      claims: { user_id: 'john', iat: kNow, exp: kNow + 3600 },
      dates: { iat: kNow, exp: kNow + 3600 },
      problems: [],
      notes: [],
      looksLikeToken: true,
    });
  });

  test('takes off what people copy along', () => {
    for (const pasted of [
      ` ${kGood}\n`,
      `Bearer ${kGood}`,
      `Authorization: Bearer ${kGood}`,
      `authorization: ${kGood}`,
      `"${kGood}"`,
      `'${kGood}',`,
      `${kGood.slice(0, 20)}\n  ${kGood.slice(20)}`,
    ]) {
      const decoded = decodeToken(pasted);
      expect(decoded.token, pasted).toBe(kGood);
      expect(decoded.problems).toEqual([]);
    }
  });

  test('says what is wrong with the form', () => {
    const problem = (text: string) => decodeToken(text).problems.join(' ');
    expect(problem('0123456789abcdef0123456789abcdef')).toMatch(/no dots.*API secret/);
    expect(problem(kGood.split('.').slice(0, 2).join('.'))).toMatch(/2 parts.*cut off/);
    expect(problem(`${kGood}.x`)).toMatch(/4 parts/);
    expect(problem('a.b.c.d.e')).toMatch(/JWE/);
    expect(problem(`${kGood.slice(0, -1)}`)).toMatch(/signature/);
    expect(problem(kGood.replace(kSignature, ''))).toMatch(/not signed/);
    expect(problem(`${part({ alg: 'HS256' })}=.${part({ user_id: 'a' })}.${kSignature}`)).toMatch(/padding/);
    expect(problem(`ä.${part({ user_id: 'a' })}.${kSignature}`)).toMatch(/does not belong/);
    expect(problem(token({ user_id: 'a', data: 'x'.repeat(8192) }))).toMatch(/8192/);
  });

  test('says what is wrong with the header', () => {
    expect(decodeToken(token({ user_id: 'a' }, { alg: 'none' })).problems[0]).toMatch(/"none"/);
    expect(decodeToken(token({ user_id: 'a' }, {})).problems[0]).toMatch(/no name/);
    expect(decodeToken(token({ user_id: 'a' }, '[1]')).problems[0]).toMatch(/header is not one JSON object/);
    expect(decodeToken(token({ user_id: 'a' }, { alg: 'HS256', crit: ['b64'] })).problems[0]).toMatch(/crit/);
    expect(decodeToken(token({ user_id: 'a' }, { alg: 'HS256' })).problems).toEqual([]);
  });

  test('says what is wrong with the claims', () => {
    const problem = (claims: unknown) => decodeToken(token(claims)).problems.join(' ');
    expect(problem('{')).toMatch(/payload is not one JSON object/);
    expect(problem({ user_id: 7 })).toMatch(/no text/);
    expect(problem({ userId: 'john' })).toMatch(/misspelt/);
    expect(problem({ user_id: 'a', exp: '1767225600' })).toMatch(/exp is no number/);
    expect(problem({ user_id: 'a', exp: 1_767_225_600_000 })).toMatch(/milliseconds/);
    expect(problem({ user_id: 'a', iat: -1 })).toMatch(/outside the years/);
    expect(problem({ user_id: 'a', iat: 253_402_300_799 })).toBe('');
    expect(problem({ user_id: 'a', exp: 0 })).toBe('');
  });

  test('tells a backend’s token from a user’s', () => {
    const kind = (claims: unknown) => decodeToken(token(claims)).kind;
    expect(kind({ server: true })).toBe('server');
    expect(kind({})).toBe('server');
    expect(kind({ server: true, iat: 1, exp: 2, nbf: 1 })).toBe('server');
    expect(kind({ server: false })).toBe('unknown');
    expect(kind({ user_id: 'a', server: true })).toBe('unknown');
    expect(kind({ user_id: '!anon' })).toBe('anonymous');
  });

  test('reads developer tokens as SDKs write them', () => {
    const payload = Buffer.from('{"user_id":"johnny"}').toString('base64');
    const decoded = decodeToken(`eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${payload}.devtoken`);
    expect(payload).toContain('=');
    expect(decoded).toMatchObject({ kind: 'developer', claims: { user_id: 'johnny' }, problems: [] });
  });

  test('survives any text', () => {
    for (const text of ['', ' ', '.', '..', '...', '\u0000', '🔑.🔑.🔑', 'null.null.null', '"', 'Bearer', 'a'.repeat(100_000), part('{"a":'.repeat(5000)) + '..']) {
      expect(() => decodeToken(text)).not.toThrow();
    }
    expect(decodeToken('').problems).toEqual([]);
  });

  test('takes only what has dots for something to send', () => {
    expect(decodeToken('0123456789abcdef0123456789abcdef').looksLikeToken).toBe(false);
    expect(decodeToken('a.b').looksLikeToken).toBe(true);
  });
});
