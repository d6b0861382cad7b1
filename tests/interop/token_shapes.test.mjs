// The tokens of each server SDK at the edges of their time: made at one instant, decided on at others.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { checkBatch } from './support/check_batch.mjs';
import { kRecordedSdks } from './support/recorded_sdks.mjs';
import { chatServer, nodeServer } from './support/sdk.mjs';
import { claimsOf, kHour } from './support/tokens.mjs';

const kMadeAt = 1767225600; // 2026-01-01T00:00:00Z by the SDK's clock
const kSkewMax = 10; // how far a clock may be ahead of ours
const kCentury = 100 * 365 * 24 * kHour;
const kServer = { apiKey: 'shapes', apiSecret: 'shapes-secret-0123456789abcdefghijklmnop', url: 'http://127.0.0.1' };

/** `[sdk, what it makes, token, kind]`. */
function recordedShapes() {
  return Object.entries(kRecordedSdks).flatMap(([name, sdk]) => {
    const user = (options) => sdk.userToken(kServer, 'john', { now: kMadeAt, ...options });
    return [
      [name, 'the server\'s token', sdk.serverToken(kServer, kMadeAt), 'server'],
      [name, 'a user\'s token', user({}), 'user'],
      [name, 'a user\'s token for an hour', user({ validity: kHour }), 'user'],
      [name, 'a user\'s token for 56 years', user({ validity: kMadeAt }), 'user'],
      [name, 'a user\'s token with an iat of the caller\'s', user({ claims: { iat: kMadeAt } }), 'user'],
      [name, 'a call token', user({ validity: kHour, claims: { role: 'admin', call_cids: ['default:1'] } }), 'user'],
      [name, 'a user\'s token with claims that mean nothing here', user({ claims: { tenant: { a: [1, null] } } }), 'user'],
    ];
  });
}

/** Made by the SDKs themselves, which take the instant from the caller. */
function realShapes() {
  const chat = chatServer(kServer);
  const node = nodeServer(kServer);
  return [
    ['stream-chat', 'createToken(id)', chat.createToken('john'), 'user'],
    ['stream-chat', 'createToken(id, exp)', chat.createToken('john', kMadeAt + kHour), 'user'],
    ['stream-chat', 'createToken(id, exp, iat)', chat.createToken('john', kMadeAt + kHour, kMadeAt), 'user'],
    ['node-sdk', 'generateUserToken', node.generateUserToken({ user_id: 'john', iat: kMadeAt, exp: kMadeAt + kHour }), 'user'],
    ['node-sdk', 'generatePermanentUserToken', node.generatePermanentUserToken({ user_id: 'john', iat: kMadeAt }), 'user'],
    ['node-sdk', 'generateCallToken', node.generateCallToken({
      user_id: 'john', call_cids: ['default:1'], role: 'admin', iat: kMadeAt, exp: kMadeAt + kHour,
    }), 'user'],
  ];
}

/** The instants at which a token's fate turns, each with its neighbour: `[what, now, code or 200]`. */
function instantsOf({ iat, nbf, exp }) {
  const start = Math.max(iat ?? 0, nbf ?? 0) - kSkewMax;
  // `nbf` is looked at first (docs/reference/errors.md).
  const tooEarly = nbf !== undefined && nbf >= start + kSkewMax ? 41 : 42;
  const opening = iat === undefined && nbf === undefined
    ? [['in 1970', 0, 200]]
    : [['by a clock as far behind as is allowed', start, 200], ['by a clock a second further behind', start - 1, tooEarly]];
  const end = exp === undefined
    ? [['a century later', kMadeAt + kCentury, 200]]
    : [['in its last second', exp - 1, 200], ['at its end', exp, 40]];
  return [...opening, ['as it is made', kMadeAt, 200], ...end];
}

describe('of a token', () => {
  const rows = [...recordedShapes(), ...realShapes()].flatMap(([sdk, what, token, kind]) =>
    instantsOf(claimsOf(token)).map(([when, now, code]) => ({ sdk, what, token, kind, when, now, code })));
  let answers;
  before(() => {
    const app = { api_key: kServer.apiKey, secrets: [kServer.apiSecret], mode: 'production',
      disable_auth_checks: false, revoke_tokens_issued_before: null };
    answers = checkBatch(rows.map(({ token, now }, id) =>
      ({ id, token, auth_type: 'jwt', api_key: kServer.apiKey, now, app })));
  });

  for (const [index, { sdk, what, kind, when, code }] of rows.entries()) {
    it(`by ${sdk}, ${what}, is ${code === 200 ? 'accepted' : `refused with ${code}`} ${when}`, () => {
      const answer = answers[index];
      if (code === 200) {
        assert.equal(answer.verdict, 'accept', JSON.stringify(answer));
        assert.equal(answer.kind, kind);
        if (kind === 'user') assert.equal(answer.user_id, 'john');
      } else {
        assert.deepEqual([answer.verdict, answer.code], ['reject', code]);
      }
    });
  }
});
