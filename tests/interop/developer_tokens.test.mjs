// Tokens without a signature, as apps make them in development: when they count, and what they never do.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { assertAccepted, assertRefused } from './support/doors.mjs';
import { call } from './support/http.mjs';
import { kRecordedClients } from './support/recorded_sdks.mjs';
import { chatClient, chatServer, feedsClient, withConnection } from './support/sdk.mjs';
import { runProgram, startServer } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { expiredUserToken, kHour, nowSeconds, sign, userToken } from './support/tokens.mjs';

const kHeader = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';
const kForeignSecret = 'another-secret-0123456789abcdefghijklmnop';

let server;
let backend;
before(async () => {
  server = await startServer({ mode: 'development' });
  backend = chatServer(server);
});
beforeEach(() => backend.updateAppSettings({ disable_auth_checks: true, revoke_tokens_issued_before: null }));
after(() => server.stop());

const withChecks = () => backend.updateAppSettings({ disable_auth_checks: false });

/** A token by hand over `claims`, given as a value or as text. */
function unsigned(claims, { encoding = 'base64url', third = 'devtoken' } = {}) {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims);
  return `${kHeader}.${Buffer.from(text).toString(encoding)}.${third}`;
}

/** Every way in which somebody without the secret writes a token. */
const kSpellings = {
  'stream-chat': (id) => chatClient(server).devToken(id),
  'feeds-client': (id) => feedsClient(server).devToken(id),
  ...Object.fromEntries(Object.entries(kRecordedClients).map(([name, sdk]) => [name, (id) => sdk.devToken(id)])),
  'a hand, with a third part of its own': (id) => unsigned({ user_id: id }, { third: 'handmade' }),
  'a hand, with a third part of one letter': (id) => unsigned({ user_id: id }, { third: 'x', encoding: 'base64' }),
  'a hand, under another secret': (id) => sign({ user_id: id }, kForeignSecret),
};
/** Their lengths leave none, two and one characters of padding. */
const kIds = ['john', 'bender', 'jo'];

describe('a developer token', () => {
  for (const [maker, devToken] of Object.entries(kSpellings)) {
    it(`of ${maker} comes in at every door while checks are off, and at none while they are on`, async () => {
      for (const id of kIds) await assertAccepted(server, id, devToken(id));
      await withChecks();
      for (const id of kIds) await assertRefused(server, id, devToken(id), 43);
    });
  }

  it('connects stream-chat and feeds-client, which stay what their users are', async () => {
    const chat = chatClient(server);
    await withConnection(chat, { id: 'john' }, chat.devToken('john'), ({ me }) => {
      assert.equal(me.id, 'john');
      assert.equal(me.role, 'user');
    });
    const feeds = feedsClient(server);
    await withConnection(feeds, { id: 'jane' }, feeds.devToken('jane'), () => {
      assert.equal(feeds.state.getLatestValue().connected_user.id, 'jane');
    });
  });

  for (const [name, sdk] of Object.entries(kRecordedClients)) {
    it(`connects in the way of ${name}`, async () => {
      const { me } = await sdk.connect(server, { id: 'bender', name: 'Bender' }, sdk.devToken('bender'));
      assert.equal(me.id, 'bender');
    });
  }

  it('has no dates: neither its own nor a revocation count', async () => {
    await assertAccepted(server, 'john', unsigned({ user_id: 'john', exp: 1, iat: nowSeconds() + kHour, nbf: nowSeconds() + kHour }));
    await backend.revokeTokens(new Date());
    await assertAccepted(server, 'john', unsigned({ user_id: 'john' }));
    await assertAccepted(server, 'john', expiredUserToken(server, 'john'));
    await backend.updateAppSettings({ disable_auth_checks: false });
    await assertRefused(server, 'john', expiredUserToken(server, 'john'), 40);
  });

  it('of another user does not connect as this one', async () => {
    const socket = await Socket.legacy(server, 'john', unsigned({ user_id: 'jane' }));
    assert.equal((await socket.next()).error.code, 5);
  });

  it('of a user whose id breaks its JSON, or of none, is 5', async () => {
    for (const claims of ['{"user_id":"jo"hn"}', '{"user_id":""}', '{"user_id":7}', '["john"]']) {
      await assertRefused(server, 'john', unsigned(claims, { encoding: 'base64' }), 5);
    }
  });
});

describe('with checks off', () => {
  it('a token is still demanded', async () => {
    for (const path of ['/app', '/api/v2/app']) {
      for (const token of [null, '', 'john', `${kHeader}.${Buffer.from('{"user_id":"john"}').toString('base64')}`]) {
        const answer = await call(server, 'GET', path, { token });
        assert.deepEqual([answer.status, answer.body.code], [401, 5], String(token));
      }
    }
    const legacy = await Socket.legacy(server, 'john', '');
    assert.equal((await legacy.next()).error.code, 5);
    const v2 = await Socket.v2(server);
    v2.send({ token: '', user_details: { id: 'john' } });
    assert.equal((await v2.next()).error.code, 5);
  });

  it('nothing unsigned speaks for a server', async () => {
    const forged = [
      unsigned({ server: true }), unsigned({ server: true }, { encoding: 'base64' }), unsigned({}),
      unsigned({ iat: nowSeconds() }), unsigned({ server: true, user_id: 'john' }),
      sign({ server: true }, kForeignSecret), sign({}, kForeignSecret),
    ];
    for (const token of forged) {
      for (const [method, path, body] of [
        ['PATCH', '/app', { suspended: true }], ['PATCH', '/api/v2/app', { disable_permissions_checks: true }],
        ['GET', '/api/v2/app', undefined], ['POST', '/api/v2/users/john/deactivate', {}],
      ]) {
        const answer = await call(server, method, path, { token, body });
        assert.deepEqual([answer.status, answer.body.code], [401, 43], `${method} ${path}`);
      }
      await assertRefused(server, 'john', token, 43);
    }
  });

  it('a developer token has its user\'s rights, and a role in it is not taken', async () => {
    await backend.upsertUser({ id: 'john' });
    const token = unsigned({ user_id: 'john', role: 'admin' });
    const revocation = { users: [{ id: 'john', set: { revoke_tokens_issued_before: null } }] };
    for (const [path, body] of [['app', { suspended: true }], ['users', revocation]]) {
      const answer = await call(server, 'PATCH', `/api/v2/${path}`, { token, body });
      assert.deepEqual([answer.status, answer.body.code], [403, 17]);
    }
    const { app } = (await call(server, 'GET', '/api/v2/app', { token })).body;
    assert.equal(app.disable_auth_checks, undefined, 'not the app that a server is shown');
    const socket = await Socket.legacy(server, 'john', token);
    assert.equal((await socket.next()).me.role, 'user');
    await socket.close();
  });

  it('a server\'s own token goes on, and a signed user\'s', async () => {
    assert.equal((await backend.getAppSettings()).app.disable_auth_checks, true);
    await assertAccepted(server, 'john', userToken(server, 'john'));
  });
});

describe('production mode', () => {
  const setMode = (mode) => runProgram(['app', 'update', server.apiKey, '--mode', mode, '--data', server.data]);
  const switchOff = (path) => call(server, 'PATCH', path, { body: { disable_auth_checks: true } });
  after(() => { setMode('development'); });

  it('clears the switch, ends who came in by it, and refuses to set it again', async () => {
    const socket = await Socket.legacy(server, 'john', unsigned({ user_id: 'john' }));
    await socket.nextOf('health.check');
    const changed = setMode('production');
    assert.equal(changed.status, 0, changed.stderr);
    assert.equal((await socket.nextOf('connection.error')).error.code, 43);
    assert.equal((await socket.closed()).code, 4001);
    assert.equal((await backend.getAppSettings()).app.disable_auth_checks, false);
    await assertRefused(server, 'john', unsigned({ user_id: 'john' }), 43);

    for (const path of ['/app', '/api/v2/app']) {
      const answer = await switchOff(path);
      assert.deepEqual([answer.status, answer.body.code], [400, 4]);
      assert.match(answer.body.message, /development/);
    }
    await assertRefused(server, 'john', unsigned({ user_id: 'john' }), 43);

    // Back in development mode it stays cleared until somebody sets it.
    assert.equal(setMode('development').status, 0);
    await assertRefused(server, 'john', unsigned({ user_id: 'john' }), 43);
    assert.equal((await switchOff('/api/v2/app')).status, 200);
    await assertAccepted(server, 'john', unsigned({ user_id: 'john' }));
  });
});
