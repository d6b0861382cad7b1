// What connections are told unasked: that a user or the app was changed, and who comes and goes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call, createUsers } from './support/http.mjs';
import { chatClient, chatServer, feedsClient, nextEvent, nodeServer, withConnection } from './support/sdk.mjs';
import { startServer, within } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { userToken } from './support/tokens.mjs';

const kEventMax = 5_000; // ms
const kSecond = 1_000;

let server;
let chat;

before(async () => {
  server = await startServer();
  chat = chatServer(server);
  await createUsers(server, 'jane', 'james');
});
after(() => server?.stop());

const soon = (what, promise) => within(kEventMax, what, promise);

describe('stream-chat hears', () => {
  it('that its own user was updated, by either style', async () => {
    const client = chatClient(server);
    await withConnection(client, { id: 'john', color: 'red' }, userToken(server, 'john'), async () => {
      const first = nextEvent(client, 'user.updated');
      await chat.partialUpdateUser({ id: 'john', set: { name: 'John', color: 'blue' } });
      const event = await soon('user.updated', first);
      assert.equal(event.user.name, 'John');
      assert(Math.abs(Date.now() - new Date(event.created_at)) < 60 * kSecond);
      assert.equal(client.user.color, 'blue');

      const second = nextEvent(client, 'user.updated');
      await nodeServer(server).updateUsersPartial({ users: [{ id: 'john', unset: ['color'] }] });
      await soon('user.updated', second);
      assert.equal(client.user.color, undefined);
      assert.equal(client.user.name, 'John');
    });
  });

  it('who of those it asked about comes and goes', async () => {
    const client = chatClient(server);
    const jane = chatClient(server);
    await withConnection(client, { id: 'john' }, userToken(server, 'john'), async () => {
      const { users } = await client.queryUsers({ id: { $in: ['jane'] } }, {}, { presence: true });
      assert.equal(users[0].online, false);
      const came = nextEvent(client, 'user.presence.changed');
      const gone = () => nextEvent(client, 'user.presence.changed');
      let left;
      await withConnection(jane, { id: 'jane' }, userToken(server, 'jane'), async () => {
        const event = await soon('user.presence.changed', came);
        assert.equal(event.user.id, 'jane');
        assert.equal(event.user.online, true);
        assert.equal(client.state.users.jane.online, true);
        left = gone();
      });
      assert.equal((await soon('user.presence.changed', left)).user.online, false);
      assert.equal(client.state.users.jane.online, false);
    });
  });

  it('nothing of those it did not ask about, nor of the invisible', async () => {
    await chat.upsertUser({ id: 'shade', invisible: true });
    const client = chatClient(server);
    const heard = [];
    await withConnection(client, { id: 'john' }, userToken(server, 'john'), async () => {
      await client.queryUsers({ id: { $in: ['shade'] } }, {}, { presence: true });
      client.on('user.presence.changed', (event) => heard.push(event.user.id));
      for (const id of ['shade', 'james']) {
        await withConnection(chatClient(server), { id }, userToken(server, id), () => {});
      }
      // An event behind them all: what has not come by then does not come.
      const last = nextEvent(client, 'user.updated');
      await chat.partialUpdateUser({ id: 'john', set: { last: 'word' } });
      await soon('user.updated', last);
    });
    assert.deepEqual(heard, []);
  });

  it('that a user it watches was deactivated, reactivated and deleted', async () => {
    await createUsers(server, 'leaver');
    const client = chatClient(server);
    await withConnection(client, { id: 'john' }, userToken(server, 'john'), async () => {
      await client.queryUsers({ id: 'leaver' }, {}, { presence: true });
      const steps = [
        ['user.deactivated', () => chat.deactivateUser('leaver')],
        ['user.reactivated', () => chat.reactivateUser('leaver')],
        ['user.deleted', () => chat.deleteUser('leaver', { hard_delete: true })],
      ];
      for (const [type, step] of steps) {
        const told = nextEvent(client, type);
        await step();
        assert.equal((await soon(type, told)).user.id, 'leaver');
      }
    });
  });
});

describe('feeds-client hears', () => {
  it('that its own user was updated', async () => {
    const client = feedsClient(server);
    await withConnection(client, { id: 'fred' }, userToken(server, 'fred'), async () => {
      const told = nextEvent(client, 'user.updated');
      await chat.partialUpdateUser({ id: 'fred', set: { name: 'Fred', color: 'blue' } });
      const event = await soon('user.updated', told);
      assert(event.created_at instanceof Date);
      assert.equal(event.user.custom.color, 'blue');
      assert.equal(client.state.getLatestValue().connected_user.name, 'Fred');
    });
  });

  it('that the app was updated, and what a client may see of it', async () => {
    const client = feedsClient(server);
    await withConnection(client, { id: 'fred' }, userToken(server, 'fred'), async () => {
      const told = nextEvent(client, 'app.updated');
      await chat.updateAppSettings({ webhook_url: 'https://example.org/hook', auto_translation_enabled: true });
      const { app } = await soon('app.updated', told);
      assert.equal(app.auto_translation_enabled, true);
      assert.equal(app.webhook_url, undefined);
    });
  });

  it('who comes, and stays connected though it knows no such event', async () => {
    const client = feedsClient(server);
    await withConnection(client, { id: 'fred' }, userToken(server, 'fred'), async () => {
      await client.queryUsers({ payload: { filter_conditions: { id: 'jane' }, presence: true } });
      const jane = await Socket.legacy(server, 'jane', userToken(server, 'jane'));
      await jane.next();
      await jane.close();
      const told = nextEvent(client, 'user.updated');
      await chat.partialUpdateUser({ id: 'fred', set: { name: 'Freddy' } });
      await soon('user.updated', told);
      assert.equal(client.state.getLatestValue().is_ws_connection_healthy, true);
    });
  });
});

describe('a change of the app', () => {
  it('reaches anonymous sockets too, and says nothing of what only servers see', async () => {
    const query = new URLSearchParams({
      api_key: server.apiKey, 'stream-auth-type': 'anonymous', json: '{}', 'X-Stream-Client': 'test',
    });
    const socket = await Socket.open(server, `/connect?${query}`);
    await socket.next();
    await chat.updateAppSettings({ guest_user_creation_disabled: true });
    await chat.updateAppSettings({ async_url_enrich_enabled: true, guest_user_creation_disabled: false });
    const frame = await socket.next();
    assert.equal(frame.type, 'app.updated');
    assert.equal(frame.app.async_url_enrich_enabled, true);
    assert.deepEqual(Object.keys(frame.app).sort(), [
      'async_url_enrich_enabled', 'auto_translation_enabled', 'file_upload_config', 'id',
      'image_upload_config', 'name', 'placement',
    ]);
    await socket.close();
  });
});

describe('watching', () => {
  it('works through any loop, and not through the connection of somebody else', async () => {
    const socket = await Socket.legacy(server, 'james', userToken(server, 'james'));
    const { connection_id } = await socket.next();
    const ask = (token) => call(server, 'GET', '/users', {
      token, query: { connection_id, payload: { filter_conditions: { id: 'jane' }, presence: true } },
    });
    const refused = await ask(userToken(server, 'jane'));
    assert.equal(refused.status, 404);
    assert.equal(refused.body.code, 46);
    // Each call is a connection of its own here, so that some come in on other loops.
    for (let round = 0; round < 8; round += 1) {
      assert.equal((await ask(userToken(server, 'james'))).status, 200);
    }
    await chat.partialUpdateUser({ id: 'jane', set: { name: `Jane ${Date.now()}` } });
    assert.equal((await socket.nextOf('user.updated')).user.id, 'jane');
    await socket.close();
  });
});
