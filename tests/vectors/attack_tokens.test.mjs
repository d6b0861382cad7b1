// The attack cases about tokens: each through the one decision that every path of the server takes.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { checkBatch } from '../interop/support/check_batch.mjs';
import { haveVectors, readVectors } from './vectors.mjs';

/** Long enough for any build: what is measured is that nothing grows with the input. */
const kBatchMax = 20_000;

if (haveVectors('attack_tokens')) {
  const cases = readVectors('attack-cases/cases.json');
  // Verdicts come from one run of the program over all lines; the tests look theirs up.
  const answers = new Map();

  describe('the decision on', () => {
    before(() => {
      const started = Date.now();
      const lines = cases.tokens.map((entry) => lineOf(cases, entry));
      for (const answer of checkBatch(lines)) answers.set(answer.id, answer);
      assert(Date.now() - started < kBatchMax, 'no token may be slow to decide on');
    });

    for (const entry of cases.tokens) {
      it(`${entry.id} (${entry.title}) is: ${entry.expect}`, () => assertExpected(entry, answers.get(entry.id)));
    }
  });
}

/**
 * The batch line for a case. `app` without a name is a key that no App has; `history` is a series of
 * settings of which the last counts; a revocation of another App or user changes nothing here.
 */
function lineOf(cases, entry) {
  const settings = entry.app ?? {};
  const apiKey = settings.api_key ?? cases.apps.A.api_key;
  const line = { id: entry.id, token: entry.token, auth_type: 'jwt', api_key: apiKey, now: cases.now };
  const app = Object.values(cases.apps).find((known) => known.api_key === apiKey);
  if (app) {
    line.app = {
      api_key: app.api_key,
      secrets: [app.secret],
      mode: settings.mode ?? app.mode,
      disable_auth_checks: settings.disable_auth_checks ?? false,
      revoke_tokens_issued_before: lastOf(settings, 'revoke_tokens_issued_before'),
    };
  }
  const user = entry.user ?? {};
  const isThisUser = user.id === undefined || user.id === cases.user;
  line.user = {
    revoke_tokens_issued_before: isThisUser ? lastOf(user, 'revoke_tokens_issued_before') : null,
    deactivated_at: null,
  };
  return line;
}

function lastOf(settings, name) {
  if (settings.history) return settings.history.at(-1);
  return settings[name] ?? null;
}

function assertExpected(entry, answer) {
  const shown = `${entry.reason} (${entry.ref})\n${JSON.stringify(answer)}`;
  assert.match(answer.verdict, /^(accept|reject)$/, shown);
  if (answer.verdict === 'reject') assert.equal(typeof answer.code, 'number', shown);
  if (entry.expect === 'either') {
    // Whatever is decided, nobody becomes more than the user the token names.
    if (answer.verdict === 'accept') assert.notEqual(answer.kind, entry.kind === 'user' ? 'server' : undefined, shown);
    return;
  }
  assert.equal(answer.verdict, entry.expect, shown);
  if (entry.expect === 'accept') {
    assert.equal(answer.kind, entry.kind, shown);
    if (entry.user_id !== undefined) assert.equal(answer.user_id, entry.user_id, shown);
  } else if (entry.code !== null) {
    assert(entry.code.includes(answer.code), `code ${answer.code} is none of ${entry.code}: ${shown}`);
  }
}
