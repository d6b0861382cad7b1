import { describe, expect, test } from 'vitest';

import { findSecretFlaw } from './secret';

const kGood = '0123456789abcdef0123456789abcdef';

describe('a secret', () => {
  test('has 32 to 1024 bytes', () => {
    expect(findSecretFlaw(kGood)).toBeNull();
    expect(findSecretFlaw(kGood.slice(1))).toMatch(/31 bytes/);
    expect(findSecretFlaw(kGood.repeat(32))).toBeNull();
    expect(findSecretFlaw(`${kGood.repeat(32)}0`)).toMatch(/1025 bytes/);
  });

  test('has ten different characters', () => {
    expect(findSecretFlaw('0123456789'.repeat(4))).toBeNull();
    expect(findSecretFlaw('012345678'.repeat(4))).toMatch(/too plain/);
  });

  test('has no white space around it, which nobody would see', () => {
    expect(findSecretFlaw(`${kGood}\n`)).toMatch(/white space/);
    expect(findSecretFlaw(` ${kGood}`)).toMatch(/white space/);
    expect(findSecretFlaw(`${kGood} ${kGood}`)).toBeNull();
  });

  test('is not a token', () => {
    expect(findSecretFlaw('eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiam9obiJ9.c2lnbmF0dXJl')).toMatch(/token/);
    expect(findSecretFlaw('eyJhbGciOiJIUzI1NiJ9eyJ1c2VyX2lkIjoiam9obiJ9c2lnbmF0dXJl')).toBeNull();
  });
});
