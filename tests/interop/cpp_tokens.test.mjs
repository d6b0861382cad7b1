// Tokens of the C++ library in other people's libraries, and theirs in it.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';

import { jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import jwt from 'jsonwebtoken';

import { runExample } from './support/examples.mjs';
import { kHour, nowSeconds, sign, signText } from './support/tokens.mjs';

/** Secrets of every length that HMAC treats differently, and one whose bytes are not its characters. */
const kSecrets = {
  'of 32 bytes': 'cpp-secret-0123456789abcdefghijk',
  'of one block': 's'.repeat(64),
  'longer than a block': 'long-'.repeat(40),
  'that is not ASCII': 'sécret-ключ-秘密-0123456789',
};
const kSecret = kSecrets['of 32 bytes'];
const bytesOf = (secret) => new TextEncoder().encode(secret);

function mint(secret, ...args) {
  const { status, stdout, stderr } = runExample('mint_token', args, { STREAM_API_SECRET: secret });
  assert.equal(status, 0, stderr);
  return stdout.trimEnd();
}

/** The line that `verify_token` prints, and whether it accepted the token. */
function verify(secret, token) {
  const { status, stdout, stderr } = runExample('verify_token', [token], { STREAM_API_SECRET: secret });
  assert.equal(stderr, '');
  return { accepted: status === 0, line: stdout.trimEnd() };
}

/** Each reads a token at an instant, strictly, and yields its header and claims. */
const kReaders = {
  jsonwebtoken: async (token, secret, now) => {
    const { header, payload } = jwt.verify(token, secret,
      { algorithms: ['HS256'], clockTimestamp: now ?? nowSeconds(), complete: true });
    return { header, payload };
  },
  jose: async (token, secret, now) => {
    const { protectedHeader, payload } = await jwtVerify(token, bytesOf(secret),
      { algorithms: ['HS256'], typ: 'JWT', currentDate: new Date((now ?? nowSeconds()) * 1000) });
    return { header: protectedHeader, payload };
  },
};

/** Each signs claims as they are given. */
const kSigners = {
  jsonwebtoken: async (claims, secret) => sign(claims, secret),
  jose: async (claims, secret) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(bytesOf(secret)),
};

for (const [name, read] of Object.entries(kReaders)) {
  describe(`${name} reads what the C++ library mints`, () => {
    for (const [what, secret] of Object.entries(kSecrets)) {
      it(`with a secret ${what}`, async () => {
        const earliest = nowSeconds();
        const { header, payload } = await read(mint(secret, 'john_@-1', '60'), secret, earliest);
        assert.deepEqual(header, { alg: 'HS256', typ: 'JWT' });
        assert.deepEqual(Object.keys(payload).sort(), ['exp', 'iat', 'user_id']);
        assert.equal(payload.user_id, 'john_@-1');
        // The instant of issue is rounded up, that of expiry down: never longer than was asked for.
        assert(payload.iat >= earliest && payload.iat <= nowSeconds() + 1);
        assert(payload.exp - payload.iat >= 59 && payload.exp - payload.iat <= 60);
      });
    }

    it('for a backend', async () => {
      const { payload } = await read(mint(kSecret, '--server'), kSecret);
      assert.deepEqual(Object.keys(payload).sort(), ['iat', 'server']);
      assert.equal(payload.server, true);
    });

    it('until it ends, and with its own secret only', async () => {
      const token = mint(kSecret, 'john');
      const { payload } = await read(token, kSecret);
      await read(token, kSecret, payload.exp - 1);
      await assert.rejects(read(token, kSecret, payload.exp), /expired|"exp" claim timestamp check failed/);
      await assert.rejects(read(token, kSecrets['of one block']), /signature/);
    });
  });
}

for (const [name, make] of Object.entries(kSigners)) {
  describe(`the C++ library reads what ${name} signs`, () => {
    for (const [what, secret] of Object.entries(kSecrets)) {
      it(`with a secret ${what}`, async () => {
        assert.deepEqual(verify(secret, await make({ user_id: 'john' }, secret)),
          { accepted: true, line: 'user john, without end' });
        assert.deepEqual(verify(secret, await make({ server: true }, secret)),
          { accepted: true, line: 'the backend, without end' });
      });
    }

    const now = nowSeconds();
    const rows = [
      ['with dates and a role', { user_id: 'john', role: 'admin', iat: now, nbf: now, exp: 4102444800 },
        'user john, role admin, until 2100-01-01T00:00:00.000000Z'],
      ['with claims of any kind', { user_id: 'john', name: 'Jöhn "\u0000\u{1F600}', tree: { a: [1.5e300, null, [{}]] } },
        'user john, without end'],
      ['for the longest id', { user_id: 'j'.repeat(255) }, `user ${'j'.repeat(255)}, without end`],
      ['for too long an id', { user_id: 'j'.repeat(256) }, '5 user_id_invalid'],
      ['for an id with a space', { user_id: 'john doe' }, '5 user_id_invalid'],
      ['for a number', { user_id: 5 }, '5 user_id_not_text'],
      ['for a subject', { sub: 'john' }, '5 user_id_missing'],
      ['for both kinds of callers', { user_id: 'john', server: true }, '5 server_with_user_id'],
      ['an hour after its end', { user_id: 'john', exp: now - kHour }, '40 expired'],
      ['an hour before its end', { user_id: 'john', exp: 4102444800 }, 'user john, until 2100'],
      ['an hour before its start', { user_id: 'john', nbf: now + kHour }, '41 not_yet_valid'],
      ['an hour before it was issued', { user_id: 'john', iat: now + kHour }, '42 issued_in_future'],
      ['in milliseconds', { user_id: 'john', exp: (now + kHour) * 1000 }, '5 date_out_of_range'],
    ];
    for (const [what, claims, expected] of rows) {
      it(what, async () => {
        const { accepted, line } = verify(kSecret, await make(claims, kSecret));
        assert(line.startsWith(expected), `${line}, and not ${expected}`);
        assert.equal(accepted, !/^\d/.test(expected));
      });
    }

    it('but not with another secret, and says nothing of either', async () => {
      const token = await make({ user_id: 'john' }, 'another-secret-0123456789abcdefghij');
      assert.deepEqual(verify(kSecret, token), { accepted: false,
        line: '43 signature_mismatch: JWTAuth error: signature is not valid. Make sure the token is created using '
          + 'the App\'s API secret' });
    });
  });
}

describe('the C++ library refuses', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const claims = { user_id: 'john' };
  const rows = [
    ['HS384', () => sign(claims, kSecret, { algorithm: 'HS384' })],
    ['HS512', () => sign(claims, kSecret, { algorithm: 'HS512' })],
    ['RS256', () => sign(claims, privateKey, { algorithm: 'RS256' })],
    ['RS256 where the public key is the secret', () => sign(claims, privateKey, { algorithm: 'RS256' }),
      publicKey.export({ type: 'spki', format: 'pem' })],
  ];
  for (const [what, make, secret = kSecret] of rows) {
    it(`${what}: an algorithm is not the token's to choose`, () => {
      assert.match(verify(secret, make()).line, /^43 algorithm_not_allowed: /);
    });
  }

  it('a token without a signature', () => {
    assert.match(verify(kSecret, new UnsecuredJWT(claims).encode()).line, /^5 wrong_segment_count: /);
  });

  it('a claim that stands twice, which libraries read each in its way', () => {
    assert.match(verify(kSecret, signText('{"user_id":"john","user_id":"jane"}', kSecret)).line,
      /^5 claim_duplicate_name: /);
    assert.equal(verify(kSecret, signText('{"user_id":"john"}', kSecret)).line, 'user john, without end');
  });
});
