// Guests: users that the server names, with a token that it mints.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { chatClient, chatServer, feedsClient, nodeServer } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';

const kGuestId = /^guest-[0-9a-f-]{36}-visitor$/;

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

describe('a guest', () => {
  it('connects with stream-chat\'s setGuestUser', async () => {
    const client = chatClient(server);
    try {
      const connected = await client.setGuestUser({ id: 'visitor', name: 'Visitor' });
      assert.match(connected.me.id, kGuestId);
      assert.equal(connected.me.role, 'guest');
      assert.equal(connected.me.name, 'Visitor');
    } finally {
      await client.disconnectUser();
    }
  });

  it('connects with feeds-client\'s connectGuest', async () => {
    const client = feedsClient(server);
    try {
      await client.connectGuest({ user: { id: 'visitor' } });
      const { app } = await client.getApp();
      assert.equal(typeof app.name, 'string');
    } finally {
      await client.disconnectUser();
    }
  });

  it('can be made by a backend with node-sdk', async () => {
    const { user, access_token: token } = await nodeServer(server).createGuest({ user: { id: 'visitor' } });
    assert.match(user.id, kGuestId);
    assert.equal(token.split('.').length, 3);
  });

  it('may search and write itself, and no role', async () => {
    const made = await call(server, 'POST', '/api/v2/guest', {
      token: null, authType: 'anonymous', body: { user: { id: 'visitor' } },
    });
    const { user: { id }, access_token: token } = made.body;
    const patch = (set) => call(server, 'PATCH', '/api/v2/users', { token, body: { users: [{ id, set }] } });
    assert.equal((await patch({ name: 'Renamed' })).status, 200);
    assert.equal((await patch({ role: 'admin' })).status, 403);
  });

  it('ends with a revocation of the app', async () => {
    const made = await call(server, 'POST', '/guest', {
      token: null, authType: 'anonymous', body: { user: { id: 'visitor' } },
    });
    const read = () => call(server, 'GET', '/app', { token: made.body.access_token });
    assert.equal((await read()).status, 200);
    await chatServer(server).revokeTokens(new Date(Date.now() + 60_000));
    assert.equal((await read()).body.code, 40);
    await chatServer(server).revokeTokens(null);
    assert.equal((await read()).status, 200);
  });

  it('cannot be made where the app switched guests off', async () => {
    await chatServer(server).updateAppSettings({ guest_user_creation_disabled: true });
    await assert.rejects(chatClient(server).setGuestUser({ id: 'visitor' }), (error) => error.code === 17);
    await chatServer(server).updateAppSettings({ guest_user_creation_disabled: false });
  });
});
