import { createHmac, webcrypto } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { signToken } from './sign';

const kSecret = 'a-secret-of-a-test-0123456789abcdefghij';

function sign(claims: Record<string, unknown>, secret = kSecret) {
  return signToken(claims, secret, webcrypto.subtle as SubtleCrypto);
}

function verify(token: string, secret: string): boolean {
  const [header, payload, signature] = token.split('.');
  return createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url') === signature;
}

describe('signing', () => {
  test('makes the token that other libraries make', async () => {
    // Written by jsonwebtoken 9.0.3, which Stream's JavaScript SDK uses.
    expect(await sign({ user_id: 'john', exp: 1767229200, iat: 1767225600 })).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiam9obiIsImV4cCI6MTc2NzIyOTIwMCwiaWF0IjoxNzY3MjI1NjAwfQ.Tjyl5v7E750UpEP6yT7ZzSZVhXy_UMEFg75J2SO38UI',
    );
  });

  test('takes the UTF-8 bytes of the secret as the key, decoded from nothing', async () => {
    for (const secret of [kSecret, '0123456789abcdef'.repeat(4), 'pässwörter-schlüssel-🔑-ünd-mehr-davon']) {
      const token = await sign({ user_id: 'jürgen' }, secret);
      expect(verify(token, secret)).toBe(true);
      expect(verify(token, `${secret} `)).toBe(false);
    }
  });

  test('keeps what claims hold, whatever their characters', async () => {
    const claims = { user_id: 'a', text: '"}{\u202e\u0000é🔑</script>', list: [1, null, { deep: true }] };
    const payload = (await sign(claims)).split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual(claims);
  });
});
