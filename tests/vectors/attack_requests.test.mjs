// The attack cases about REST calls, against the real server. Their tokens have no end, so that they are
// as good under today's clock as under the cases' own.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { assertDescribed } from '../interop/support/openapi.mjs';
import { AttackServer } from './attack_server.mjs';
import { haveVectors, readVectors } from './vectors.mjs';

/** Families and single cases of which the server has no part yet. */
const kLeftOut = new Map([
  ['cors-csrf', 'there is no dashboard'],
]);

const leftOutAs = ({ id, family }) => [id, family].find((name) => kLeftOut.has(name));

if (haveVectors('attack_requests')) {
  const cases = readVectors('attack-cases/cases.json');
  let attacked;

  describe('a request with', () => {
    before(async () => { attacked = await AttackServer.start(cases); });
    beforeEach(() => attacked.reset());
    after(() => attacked.stop());

    for (const entry of cases.requests.filter((entry) => !leftOutAs(entry))) {
      it(`${entry.title} (${entry.id}) is answered ${entry.expect.status.join(' or ')}`, () => check(attacked, entry));
    }
  });

  for (const [name, reason] of kLeftOut) {
    const count = cases.requests.filter((entry) => leftOutAs(entry) === name).length;
    console.log(`note: attack_requests leaves out ${name} (${count}): ${reason}`);
  }
}

async function check(attacked, { request, expect, reason, ref }) {
  const before = await attacked.snapshot('A');
  const answer = await send(attacked.server, request);
  const shown = `${reason} (${ref})\n${answer.status} ${answer.text.slice(0, 500)}`;

  assert(expect.status.includes(answer.status), shown);
  if (answer.status >= 400) {
    assert.equal(answer.body?.StatusCode, answer.status, shown);
    assert.deepEqual(answer.body.details, [], shown);
    if (expect.codes) assert(expect.codes.includes(answer.body.code), shown);
  }
  const foreignApp = request.query.api_key !== attacked.apps.A.api_key;
  const after = await attacked.snapshot('A');
  if (answer.status >= 400 || foreignApp) {
    assert.deepEqual(after, before, `nothing may have changed: ${shown}`);
  } else {
    checkWritten(request, after, shown);
  }
}

/** What was written reads back as it was sent: instants and names. */
function checkWritten({ method, body }, { users }, shown) {
  const stored = new Map(users.map((user) => [user.id, user]));
  if (method === 'PATCH') {
    for (const { id, set } of body.users ?? []) {
      if (typeof set?.revoke_tokens_issued_before !== 'string') continue;
      const date = set.revoke_tokens_issued_before;
      const sent = Date.parse(/Z|[+-]\d\d:\d\d$/.test(date) ? date : `${date}Z`);
      assert.equal(Math.floor(stored.get(id).revoke_tokens_issued_before / 1e6), sent, shown);
    }
  }
  if (method === 'POST') {
    for (const { id, name } of Object.values(body.users ?? {})) {
      if (name !== undefined) assert.equal(stored.get(id).name, name, shown);
    }
  }
}

async function send(server, { method, path, query, headers, body }) {
  const url = new URL(path, server.url);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  const response = await fetch(url, { method, headers, body: bodyText(method, body) });
  const text = await response.text();
  assertDescribed(method, url.pathname, response.status, response.headers.get('content-type'), text);
  let parsed;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, body: parsed, text };
}

function bodyText(method, body) {
  if (method === 'GET' || body === null || body === undefined) return undefined;
  return body.__raw__ ?? JSON.stringify(body);
}
