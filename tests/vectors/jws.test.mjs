// Other people's JWS vectors, at the layer of the signature and as user tokens.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { checkBatch } from '../interop/support/check_batch.mjs';
import { haveVectors, jwsLine, readVectors } from './vectors.mjs';

const kSomeSecret = 'a-secret-of-ours-0123456789abcdefghijklmnop';
const kFromBase64Url = (text) => Buffer.from(text, 'base64url');

/**
 * One test a row of `[id, token, key, accepted]`, all decided in one run of the program. `layer`: `jws`,
 * or null for the whole decision about a user token.
 */
function describeVectors(what, rows, layer = 'jws') {
  describe(what, () => {
    let answers;
    before(() => {
      answers = checkBatch(rows.map(([id, token, key]) => jwsLine(id, token, key, layer)));
    });
    for (const [index, [id, , , accepted]] of rows.entries()) {
      it(`${accepted ? 'accepts' : 'refuses'} ${id}`, () => {
        assert.equal(answers[index].verdict, accepted ? 'accept' : 'reject', JSON.stringify(answers[index]));
      });
    }
  });
}

if (haveVectors('jws')) {
  describeWycheproof();
  describeCookbook();
  describeGolangJwt();
  describeRfc();
}

function describeWycheproof() {
  const { testGroups } = readVectors('wycheproof/json_web_signature_test.json');
  // Where the file is not right: 367 and 370 are byte for byte the valid 357; 372 and 373 hold a
  // character outside the alphabet (RFC 7515 section 5.2, RFC 4648 section 3.3).
  const corrected = new Map([[367, true], [370, true], [372, false], [373, false]]);
  const ours = [];
  const foreign = [];
  for (const { private: key, comment, tests } of testGroups) {
    for (const { tcId, jws, result, comment: title } of tests) {
      const id = `${comment} ${tcId} ${title}`;
      const token = typeof jws === 'string' ? jws : JSON.stringify(jws);
      if (key?.kty === 'oct') {
        ours.push([id, token, kFromBase64Url(key.k), corrected.get(tcId) ?? result === 'valid']);
      } else {
        foreign.push([id, token, Buffer.from(kSomeSecret), false]);
      }
    }
  }
  it('wycheproof holds 40 vectors with a secret, 10 of them to be accepted, and 361 others', () => {
    assert.equal(ours.length, 40);
    assert.equal(ours.filter(([, , , accepted]) => accepted).length, 10);
    assert.equal(foreign.length, 361);
  });
  describeVectors('wycheproof, keys that are secrets: the JWS layer', ours);
  describeVectors('wycheproof, keys that are not, under a secret of ours: the JWS layer', foreign);
}

function describeCookbook() {
  const compact = readVectors('jose-cookbook/4_4.hmac-sha2_integrity_protection.json');
  const key = kFromBase64Url(compact.input.key.k);
  const whole = [['4_4 compact', compact.output.compact, key]];
  const refused = [];
  for (const file of ['4.2.hmac-sha2_b64_false', '4_4.hmac-sha2_integrity_protection', '4_5.signature_with_detached_content',
    '4_6.protecting_specific_header_fields', '4_7.protecting_content_only', '4_8.multiple_signatures', 'hmac-sha2_b64_false']) {
    const { input, output } = readVectors(`jose-cookbook/${file}.json`);
    const keys = input.key ?? input.key_set ?? input.keys;
    const oct = [keys].flat().find((candidate) => candidate?.k);
    for (const [form, value] of Object.entries(output)) {
      const token = typeof value === 'string' ? value : JSON.stringify(value);
      if (token !== compact.output.compact) refused.push([`${file} ${form}`, token, oct ? kFromBase64Url(oct.k) : Buffer.from(kSomeSecret), false]);
    }
  }
  describeVectors('jose-cookbook, the one compact JWS with all parts: the JWS layer', whole.map((row) => [...row, true]));
  describeVectors('jose-cookbook, the same as a user token', whole.map((row) => [...row, false]), null);
  describeVectors('jose-cookbook, every other form: the JWS layer', refused);
}

function describeGolangJwt() {
  const { key_base64: key, tokens } = readVectors('golang-jwt/tokens.json');
  const rows = tokens.map(({ file, alg, token, hs256_mac_with_this_key: mac }, index) => [
    `${file} ${index} ${alg}`, token, Buffer.from(key, 'base64'), mac === 'valid' && alg === 'HS256',
  ]);
  it('golang-jwt holds 32 tokens, 2 of them with a right HS256 signature', () => {
    assert.equal(rows.length, 32);
    assert.equal(rows.filter(([, , , accepted]) => accepted).length, 2);
  });
  describeVectors('golang-jwt: the JWS layer', rows);
  describeVectors('golang-jwt, as user tokens', rows.map(([id, token, bytes]) => [id, token, bytes, false]), null);
}

function describeRfc() {
  const { jws } = readVectors('rfc/examples.json');
  const rows = jws.map(({ source, token, key_base64url: key, mac }) => [
    source, token, key === null ? Buffer.from(kSomeSecret) : kFromBase64Url(key), mac === 'valid',
  ]);
  describeVectors('RFC examples: the JWS layer', rows);
  describeVectors('RFC examples, as user tokens', rows.map(([id, token, key]) => [id, token, key, false]), null);
}
