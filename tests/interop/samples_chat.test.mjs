// Each code sample of the Chat page on tokens and authentication, in every language. JavaScript runs in
// the real SDK; the other languages are the requests and tokens recorded of theirs.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { assertAccepted, assertRefused } from './support/doors.mjs';
import { call, createUsers } from './support/http.mjs';
import { kRecordedClients, kRecordedSdks } from './support/recorded_sdks.mjs';
import { findPage, Headings, SamplePage } from './support/samples.mjs';
import { chatClient, chatServer, withConnection } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { claimsOf, kHour, nowSeconds, userToken } from './support/tokens.mjs';

const kUsers = ['user-id', 'user1-id', 'user2-id'];
const { Python, Ruby, PHP, Go, 'C#': CSharp, Java } = kRecordedSdks;
const kSdks = { Python, Ruby, PHP, Go, 'C#': CSharp, Java };

let server;
let client; // stream-chat with the secret, as the samples' `client`
let laxServer; // in development mode, with authentication checks switched off
before(async () => {
  [server, laxServer] = await Promise.all([startServer(), startServer({ mode: 'development' })]);
  client = chatServer(server);
  await createUsers(server, 'bystander', ...kUsers);
  await chatServer(laxServer).updateAppSettings({ disable_auth_checks: true });
});
beforeEach(async () => {
  await client.revokeTokens(null);
  await client.revokeUsersToken(kUsers, null);
});
after(() => Promise.all([server.stop(), laxServer.stop()]));

const page = new SamplePage('Chat');

/** Issued two hours ago: every revocation of the samples, the latest an hour back, covers it. */
const oldToken = (id) => userToken(server, id, { iat: nowSeconds() - 2 * kHour });
const anHourAgo = () => new Date(Date.now() - kHour * 1000);
const twoMinutesAgo = () => new Date(Date.now() - 120_000);

async function assertAllAccepted(ids) {
  for (const id of ids) await assertAccepted(server, id, oldToken(id));
}

async function assertAllRefused(ids) {
  for (const id of ids) await assertRefused(server, id, oldToken(id), 40);
}

/** The one token that such an SDK makes by itself does not get in: the others come from a server. */
async function assertMadeOnServersOnly(language) {
  await assertRefused(server, 'john', kRecordedClients[language].devToken('john'), 43);
}

/** A client's own token, good as it is, changes neither users' revocations nor the app's. */
async function assertServerSideFeature() {
  const token = userToken(server, 'user-id');
  for (const date of [anHourAgo(), null]) {
    const field = { revoke_tokens_issued_before: date };
    const bodies = { users: { users: [{ id: 'user-id', set: field }] }, app: field };
    for (const [path, body] of Object.entries(bodies)) {
      const answer = await call(server, 'PATCH', `/api/v2/${path}`, { token, body });
      assert.equal(answer.status, 403, JSON.stringify(answer.body));
      assert.equal(answer.body.code, 17);
    }
  }
  await assertAllAccepted(['user-id']);
}

// --- Generating Tokens -------------------------------------------------------------------------------

/** The server client is one, and the token it makes is the user's. */
async function assertGenerates(sdk, options) {
  const { app } = await sdk.send(server, 'GET', '/app');
  assert.equal(app.disable_auth_checks, false, 'what only a server is told');
  await assertAccepted(server, 'john', sdk.userToken(server, 'john', options));
}

page.add('Generating Tokens', {
  ...Object.fromEntries(Object.entries(kSdks).map(([language, sdk]) => [language, () => assertGenerates(sdk)])),
  Node: async () => {
    const token = client.createToken('john');
    assert.deepEqual(claimsOf(token), { user_id: 'john' });
    await assertAccepted(server, 'john', token);
    assert.equal((await client.getAppSettings()).app.disable_auth_checks, false);
  },
  Unity: () => assertMadeOnServersOnly('Unity'),
});

// --- Setting Automatic Token Expiration --------------------------------------------------------------

/** `mint(now)` by a clock that shows `now`: good today, and one made an hour and a second ago is over. */
async function assertExpiresAfterAnHour(mint) {
  const fresh = mint(nowSeconds());
  assert(Math.abs(claimsOf(fresh).exp - nowSeconds() - kHour) <= 2);
  await assertAccepted(server, 'john', fresh);
  await assertRefused(server, 'john', mint(nowSeconds() - kHour - 1), 40);
}

const hourLong = (sdk) => () =>
  assertExpiresAfterAnHour((now) => sdk.userToken(server, 'john', { now, validity: kHour }));

page.add('Setting Automatic Token Expiration', {
  JavaScript: () => assertExpiresAfterAnHour((now) => client.createToken('john', now + 60 * 60)),
  Python: hourLong(Python),
  Ruby: hourLong(Ruby),
  PHP: async () => {
    // The sample passes an instant where the SDK wants a length: such a token ends 56 years from now.
    const token = PHP.userToken(server, 'john', { validity: nowSeconds() + kHour });
    assert(claimsOf(token).exp > 2 * nowSeconds());
    await assertAccepted(server, 'john', token);
    await hourLong(PHP)();
  },
  Java: hourLong(Java),
  Go: hourLong(Go),
  Swift: () => assertMadeOnServersOnly('Swift'),
  'C#': hourLong(CSharp),
  Dart: () => assertMadeOnServersOnly('Dart'),
  Unreal: () => assertMadeOnServersOnly('Unreal'),
  Unity: () => assertMadeOnServersOnly('Unity'),
});

// --- Developer Tokens --------------------------------------------------------------------------------

/** In while checks are off, not while they are on; the user is the one that the token names. */
async function assertDeveloperTokenConnects(language, user) {
  const sdk = kRecordedClients[language];
  const token = sdk.devToken(user.id);
  const { me } = await sdk.connect(laxServer, user, token);
  assert.equal(me.id, user.id);
  assert.equal(me.role, 'user');
  assert.equal((await sdk.connect(server, user, token)).error.code, 43);
}

page.add('Developer Tokens', {
  Kotlin: () => assertDeveloperTokenConnects('Kotlin', { id: 'bender', name: 'Bender', image: 'https://bit.ly/321RmWb' }),
  JavaScript: async () => {
    const app = chatClient(laxServer);
    const user = { id: 'john', name: 'John Doe', image: 'https://getstream.io/random_svg/?name=John' };
    await withConnection(app, user, app.devToken('john'), ({ me }) => {
      assert.equal(me.id, 'john');
      assert.equal(me.name, 'John Doe');
    });
    await assertRefused(server, 'john', app.devToken('john'), 43);
  },
  Java: () => assertDeveloperTokenConnects('Java', { id: 'bender', name: 'Bender', image: 'https://bit.ly/321RmWb' }),
  Swift: () => assertDeveloperTokenConnects('Swift', { id: 'john-doe' }),
  Dart: () => assertDeveloperTokenConnects('Dart', { id: 'john', name: 'John Doe' }),
  Unreal: () => assertDeveloperTokenConnects('Unreal', { id: 'john' }),
  Unity: () => assertDeveloperTokenConnects('Unity', { id: 'theamazingtom' }),
});

// --- Manual Token Expiration -------------------------------------------------------------------------

const kByUser = 'Manual Token Expiration · Token Revocation by User';
const kByApp = 'Manual Token Expiration · Token Revocation by Application';

/** The sample's two calls: first for one user, then for two. */
async function assertRevokesUsers(revoke) {
  await assertAllAccepted(kUsers);
  await revoke(['user-id']);
  await assertAllRefused(['user-id']);
  await assertAllAccepted(['user1-id', 'user2-id', 'bystander']);
  await revoke(['user1-id', 'user2-id']);
  await assertAllRefused(kUsers);
  await assertAllAccepted(['bystander']);
}

page.add(kByUser, {
  JavaScript: () => assertRevokesUsers((ids) =>
    (ids.length === 1 ? client.revokeUserToken(ids[0], new Date()) : client.revokeUsersToken(ids, new Date()))),
  Python: () => assertRevokesUsers((ids) => Python.revokeUsers(server, ids, new Date())),
  Go: () => assertRevokesUsers((ids) => Go.revokeUsers(server, ids, new Date())),
  PHP: () => assertRevokesUsers((ids) => PHP.revokeUsers(server, ids, new Date())),
  Ruby: () => assertRevokesUsers((ids) => Ruby.revokeUsers(server, ids, new Date())),
  'C#': () => assertRevokesUsers((ids) => CSharp.revokeUsers(server, ids, anHourAgo())),
  Java: () => assertRevokesUsers((ids) => Java.revokeUsers(server, ids, new Date())),
  Unity: assertServerSideFeature,
});

async function assertUndoesUsers(undo) {
  await client.revokeUsersToken(kUsers, new Date());
  await assertAllRefused(kUsers);
  await undo(['user-id']);
  await assertAllAccepted(['user-id']);
  await assertAllRefused(['user1-id', 'user2-id']);
  await undo(['user1-id', 'user2-id']);
  await assertAllAccepted(kUsers);
}

const undoesUsersWith = (sdk) => () => assertUndoesUsers((ids) => sdk.undoUsers(server, ids));

page.add(`${kByUser} · Undoing the revoke`, {
  JavaScript: () => assertUndoesUsers((ids) =>
    (ids.length === 1 ? client.revokeUserToken(ids[0], null) : client.revokeUsersToken(ids, null))),
  Python: undoesUsersWith(Python),
  Go: undoesUsersWith(Go),
  PHP: undoesUsersWith(PHP),
  Ruby: undoesUsersWith(Ruby),
  'C#': undoesUsersWith(CSharp),
  Java: undoesUsersWith(Java),
  Unity: assertServerSideFeature,
});

/** Every user's tokens, with `iat` or without; the server's own go on. */
async function assertRevokesApp(revoke) {
  const timeless = client.createToken('bystander');
  await assertAllAccepted([...kUsers, 'bystander']);
  await assertAccepted(server, 'bystander', timeless);
  await revoke();
  await assertAllRefused([...kUsers, 'bystander']);
  await assertRefused(server, 'bystander', timeless, 40);
  for (const sdk of Object.values(kSdks)) await sdk.send(server, 'GET', '/app');
}

page.add(kByApp, {
  JavaScript: async () => {
    await assertRevokesApp(() => client.revokeTokens(new Date()));
    await client.revokeTokens(null);
    await assertRevokesApp(() => client.revokeTokens(new Date().toISOString()));
  },
  Python: () => assertRevokesApp(() => Python.revokeApp(server, new Date())),
  Go: () => assertRevokesApp(() => Go.revokeApp(server, new Date())),
  PHP: () => assertRevokesApp(() => PHP.revokeApp(server, new Date())),
  Ruby: () => assertRevokesApp(() => Ruby.revokeApp(server, new Date())),
  'C#': () => assertRevokesApp(() => CSharp.revokeApp(server, anHourAgo())),
  Java: () => assertRevokesApp(() => Java.revokeApp(server, twoMinutesAgo())),
  Unity: assertServerSideFeature,
});

async function assertUndoesApp(undo) {
  await client.revokeTokens(new Date());
  await assertAllRefused(kUsers);
  await undo();
  await assertAllAccepted(kUsers);
}

const undoesAppWith = (sdk) => () => assertUndoesApp(() => sdk.undoApp(server));

page.add(`${kByApp} · Undoing the revoke`, {
  JavaScript: () => assertUndoesApp(() => client.revokeTokens(null)),
  Python: undoesAppWith(Python),
  Go: undoesAppWith(Go),
  PHP: undoesAppWith(PHP),
  Ruby: undoesAppWith(Ruby),
  'C#': undoesAppWith(CSharp),
  Java: undoesAppWith(Java),
  Unity: assertServerSideFeature,
});

/** `mint(now)` by a clock that shows `now`: with an `iat`, revoking spares what was issued since. */
async function assertIssueTimeCounts(mint) {
  const [older, newer] = [mint(nowSeconds() - 120), mint(nowSeconds())];
  for (const token of [older, newer]) assert.equal(typeof claimsOf(token).iat, 'number');
  await client.revokeUserToken('user-id', new Date(Date.now() - 60_000));
  await assertRefused(server, 'user-id', older, 40);
  await assertAccepted(server, 'user-id', newer);
}

const issuesWith = (sdk, validity, claims = () => ({})) => () =>
  assertIssueTimeCounts((now) => sdk.userToken(server, 'user-id', { now, validity, claims: claims(now) }));

page.add('Manual Token Expiration · Adding iat claim to token', {
  JavaScript: () => assertIssueTimeCounts((now) => client.createToken('user-id', now + kHour, now)),
  Python: issuesWith(Python, kHour),
  Go: issuesWith(Go, 24 * kHour),
  PHP: issuesWith(PHP, kHour, (now) => ({ iat: now })),
  Ruby: issuesWith(Ruby, kHour, (now) => ({ iat: now })),
  'C#': issuesWith(CSharp, 2 * kHour),
  Java: issuesWith(Java, kHour),
  Unity: assertServerSideFeature,
});

// --- the page itself ---------------------------------------------------------------------------------

page.declare(it);

/** Every fenced block with a label, below the headings that it stands under. */
function findSamples(text) {
  const headings = new Headings();
  const found = [];
  for (const line of text.split('\n')) {
    const heading = /^(##+) (.*)$/.exec(line);
    if (heading) headings.enter(heading[1].length - 1, heading[2]);
    const label = /^```\w+ label="(.*)"$/.exec(line)?.[1];
    if (label) found.push([`${headings}`, label]);
  }
  return found;
}

const file = findPage('000', 'Chat');
if (file) {
  describe('the Chat page', () => {
    it('has no sample without a test, and no test has no sample', () => page.assertMatches(file, findSamples));
  });
}
