// Each code sample of the Feeds page on tokens and authentication, in every language. Node runs in the
// real SDK; the other languages are the requests and tokens recorded of theirs.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { assertAccepted, assertRefused } from './support/doors.mjs';
import { createUsers } from './support/http.mjs';
import { kDotNetDateTime, kPhpDateTime, kRecordedSdks } from './support/recorded_sdks.mjs';
import { findPage, Headings, SamplePage } from './support/samples.mjs';
import { feedsClient, nodeServer, withConnection } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { claimsOf, kHour, nowSeconds, oldUserToken, sign } from './support/tokens.mjs';

const kUsers = ['user1', 'user2'];
const kDay = 24 * kHour;
const { Python, PHP, Go, 'C#': CSharp, Java } = kRecordedSdks;

let server;
let client; // node-sdk, as the samples' `client`
before(async () => {
  server = await startServer();
  client = nodeServer(server);
  await createUsers(server, 'bystander', ...kUsers);
});
beforeEach(async () => {
  await client.updateApp({ revoke_tokens_issued_before: null });
  await setUsers(null);
});
after(() => server.stop());

const page = new SamplePage('Feeds');

const setUsers = (date) =>
  client.updateUsersPartial({ users: kUsers.map((id) => ({ id, set: { revoke_tokens_issued_before: date } })) });

async function assertAllAccepted(ids) {
  for (const id of ids) await assertAccepted(server, id, oldUserToken(server, id));
}

async function assertAllRefused(ids) {
  for (const id of ids) await assertRefused(server, id, oldUserToken(server, id), 40);
}

// --- Generating Tokens -------------------------------------------------------------------------------

/** `mint(now)` by a clock that shows `now`: good for a day and no longer, and enough for feeds-client. */
async function assertLastsADay(mint) {
  const token = mint(nowSeconds());
  assert(Math.abs(claimsOf(token).exp - nowSeconds() - kDay) <= 2);
  await assertAccepted(server, 'john', token);
  await withConnection(feedsClient(server), { id: 'john' }, token, () => {});
  await assertRefused(server, 'john', mint(nowSeconds() - kDay - 1), 40);
}

const dayLong = (sdk) => () =>
  assertLastsADay((now) => sdk.userToken(server, 'john', { now, validity: kDay }));

page.add('Generating Tokens', {
  Node: () => assertLastsADay((now) => {
    // Where its clock stands, `iat` and `validity_in_seconds` count from there.
    const iat = now === nowSeconds() ? {} : { iat: now };
    return client.generateUserToken({ user_id: 'john', validity_in_seconds: kDay, ...iat });
  }),
  Java: dayLong(Java),
  'C#': async () => {
    // The sample has no call and leaves two ways: a JWT made by hand, or the server's token for calls.
    await assertAccepted(server, 'john', sign({ user_id: 'john', iat: nowSeconds() }, server.apiSecret));
    assert.equal((await CSharp.send(server, 'GET', '/app')).app.disable_auth_checks, false);
    await assertRefused(server, 'john', sign({ user_id: 'john' }, `${server.apiSecret}x`), 43);
  },
  Go: dayLong(Go),
  PHP: dayLong(PHP),
  Python: dayLong(Python),
});

// --- Manual Token Expiration -------------------------------------------------------------------------

const kByUser = 'Manual Token Expiration · Token Revocation by User';
const kByApp = 'Manual Token Expiration · Token Revocation by Application';

async function assertRevokesUsers(revoke) {
  await assertAllAccepted(kUsers);
  await revoke();
  await assertAllRefused(kUsers);
  await assertAllAccepted(['bystander']);
}

page.add(kByUser, {
  Node: () => assertRevokesUsers(() => setUsers(new Date())),
  Java: () => assertRevokesUsers(() => Java.revokeUsers(server, kUsers, new Date())),
  'C#': () => assertRevokesUsers(() => CSharp.revokeUsers(server, kUsers, new Date(), kDotNetDateTime)),
  Go: () => assertRevokesUsers(() => Go.revokeUsers(server, kUsers, new Date())),
  PHP: () => assertRevokesUsers(() => PHP.revokeUsers(server, kUsers, new Date(), kPhpDateTime)),
  // A datetime does not leave the Python SDK from within `set`; its isoformat() does, without an offset.
  Python: () => assertRevokesUsers(() => Python.revokeUsers(server, kUsers, new Date())),
});

/** The samples for Java and C# revoke the app once more and refer to Node's, which their SDKs say with `unset`. */
async function assertUndoesUsers(sdk) {
  await setUsers(new Date());
  await sdk.undoUsers(server, kUsers);
  await assertAllAccepted(kUsers);
  await sdk.revokeApp(server, new Date());
  await assertAllRefused(kUsers);
}

page.add(`${kByUser} · Undoing the revoke`, {
  Node: async () => {
    await setUsers(new Date());
    await assertAllRefused(kUsers);
    await setUsers(null);
    await assertAllAccepted(kUsers);
  },
  Java: () => assertUndoesUsers(Java),
  'C#': () => assertUndoesUsers(CSharp),
});

/** Every user's tokens, with `iat` or without. */
async function assertRevokesApp(revoke) {
  const timeless = sign({ user_id: 'bystander' }, server.apiSecret);
  await assertAccepted(server, 'bystander', timeless);
  await assertAllAccepted(kUsers);
  await revoke();
  await assertAllRefused([...kUsers, 'bystander']);
  await assertRefused(server, 'bystander', timeless, 40);
}

page.add(kByApp, {
  Node: () => assertRevokesApp(() => client.updateApp({ revoke_tokens_issued_before: new Date() })),
  Java: () => assertRevokesApp(() => Java.revokeApp(server, new Date())),
  'C#': () => assertRevokesApp(() => CSharp.revokeApp(server, new Date())),
});

/** The samples for Java and C# show the revocation and refer to Node's null, which their SDKs drop. */
async function assertUndoesApp(revoke, undo) {
  await revoke();
  await assertAllRefused(kUsers);
  await undo();
  await assertAllAccepted(kUsers);
}

const undoesAppWith = (sdk) => () =>
  assertUndoesApp(() => sdk.revokeApp(server, new Date()), () => sdk.undoApp(server));

page.add(`${kByApp} · Undoing the revoke`, {
  Node: () => assertUndoesApp(
    () => client.updateApp({ revoke_tokens_issued_before: new Date() }),
    () => client.updateApp({ revoke_tokens_issued_before: null }),
  ),
  Java: undoesAppWith(Java),
  'C#': undoesAppWith(CSharp),
});

// --- the page itself ---------------------------------------------------------------------------------

page.declare(it);

/** The page is bare text: its headings, and what a sample of each language begins with. */
const kHeadings = new Map([
  ['Token Providers', 1], ['Generating Tokens', 1], ['Manual Token Expiration', 1],
  ['Token Revocation by User', 2], ['Token Revocation by Application', 2], ['Undoing the revoke', 2],
  ['Developer Tokens', 1], ['Manually Generating Tokens', 1], ['How to Refresh Expired Tokens', 1],
]);
const kOpenings = {
  Node: /^(await )?client\.[a-z]\w+\(\{/,
  Java: /^import (io\.getstream|java)\./,
  'C#': /^using (GetStream|Stream)\b/,
  Go: /^import \($/,
  PHP: /^use GetStream\\/,
  Python: /^from \w+(\.\w+)? import/,
};

function findSamples(text) {
  const headings = new Headings();
  headings.enter(1, 'Generating Tokens'); // the sample above the title
  const found = [];
  let before;
  for (const line of text.split('\n')) {
    if (kHeadings.has(line)) headings.enter(kHeadings.get(line), line);
    const language = Object.keys(kOpenings).find((name) => kOpenings[name].test(line));
    // A sample begins with one or more lines of the kind.
    if (language && language !== before) found.push([`${headings}`, language]);
    before = language;
  }
  return found;
}

const file = findPage('001', 'Feeds');
if (file) {
  describe('the Feeds page', () => {
    it('has no sample without a test, and no test has no sample', () => page.assertMatches(file, findSamples));
  });
}
