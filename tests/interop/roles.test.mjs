// Roles and grants, as backends set them and users meet them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { chatClient, chatServer, nodeServer, withConnection } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { userToken } from './support/tokens.mjs';

const kBuiltIn = ['user', 'guest', 'anonymous', 'moderator', 'admin'];

let server;
let chat;
let node;
before(async () => {
  server = await startServer();
  chat = chatServer(server);
  node = nodeServer(server);
});
after(() => server.stop());

const names = ({ roles }) => roles.map(({ name }) => name);
const isRefused = (error) => error.code === 17 && error.status === 403;

describe('roles', () => {
  it('are made, listed and deleted through stream-chat', async () => {
    const { role } = await chat.createRole('support');
    assert.equal(role.name, 'support');
    assert.equal(role.custom, true);
    assert.deepEqual(role.scopes, []);
    assert.match(role.created_at, /^\d{4}-\d\d-\d\dT/);
    const listed = await chat.listRoles();
    assert.deepEqual(names(listed), [...kBuiltIn, 'support']);
    assert.equal(listed.roles[0].custom, false);
    await chat.deleteRole('support');
    assert.deepEqual(names(await chat.listRoles()), kBuiltIn);
  });

  it('are made, listed and deleted through node-sdk', async () => {
    const { role } = await node.createRole({ name: 'bot' });
    assert(role.created_at instanceof Date);
    assert(Math.abs(role.created_at - Date.now()) < 60_000);
    assert.deepEqual(names(await node.listRoles()), [...kBuiltIn, 'bot']);
    await node.deleteRole({ name: 'bot' });
    assert.deepEqual(names(await node.listRoles()), kBuiltIn);
  });

  it('of a name that is taken are refused, and so is deleting a built-in or an unknown one', async () => {
    await chat.createRole('once');
    await assert.rejects(chat.createRole('once'), (error) => error.code === 4);
    await assert.rejects(chat.createRole('admin'), (error) => error.code === 4);
    await assert.rejects(chat.deleteRole('admin'), (error) => error.code === 4);
    await assert.rejects(chat.deleteRole('nobody'), (error) => error.code === 16 && error.status === 404);
    await chat.deleteRole('once');
  });

  it('survive a restart, grants too', async () => {
    const first = await startServer();
    await chatServer(first).createRole('support');
    await chatServer(first).updateAppSettings({ grants: { support: ['search-user', 'read-channel'] } });
    await first.stop();
    const second = await startServer({ data: first.data });
    const again = chatServer(second);
    const { roles } = await again.listRoles();
    assert.deepEqual(roles.at(-1).scopes, ['.app']);
    assert.deepEqual((await again.getAppSettings()).app.grants, { support: ['search-user', 'read-channel'] });
    await second.stop();
  });
});

describe('a client', () => {
  /** What a PATCH of jane's name by john comes to. */
  const rename = async () => {
    const token = userToken(server, 'john');
    const answer = await call(server, 'PATCH', '/users', {
      token,
      body: { users: [{ id: 'jane', set: { name: 'J' } }] },
    });
    return answer.status === 200 ? 'ok' : answer.body.code;
  };
  before(() => chat.upsertUsers([{ id: 'john' }, { id: 'jane' }]));

  it('may do what its role may from the next call on', async () => {
    assert.equal(await rename(), 17);
    await chat.partialUpdateUser({ id: 'john', set: { role: 'admin' } });
    assert.equal(await rename(), 'ok');
    await chat.partialUpdateUser({ id: 'john', set: { role: 'user' } });
    assert.equal(await rename(), 17);
  });

  it('has what the grants of its custom role list, on a connection that is open all along', async () => {
    await chat.createRole('helper');
    const client = chatClient(server);
    await withConnection(client, { id: 'john' }, userToken(server, 'john'), async () => {
      const search = () => client.queryUsers({ id: 'jane' });
      const { users } = await search();
      assert.equal(users.length, 1);
      await chat.updateAppSettings({ grants: { helper: ['update-user-owner', 'create-channel'] } });
      await search(); // john is no helper yet
      await chat.partialUpdateUser({ id: 'john', set: { role: 'helper' } });
      await assert.rejects(search(), isRefused);
      await client.partialUpdateUser({ id: 'john', set: { name: 'John' } });
      await chat.updateAppSettings({ grants: { helper: ['search-user'] } });
      await search();
      await assert.rejects(client.partialUpdateUser({ id: 'john', set: { name: 'Jo' } }), isRefused);
      await chat.updateAppSettings({ grants: { helper: null } });
      await client.partialUpdateUser({ id: 'john', set: { name: 'Jo' } });
    });
    await chat.partialUpdateUser({ id: 'john', set: { role: 'user' } });
    await chat.deleteRole('helper');
  });

  it('that is anonymous may search where the grants say so', async () => {
    const client = chatClient(server);
    await client.connectAnonymousUser();
    await assert.rejects(client.queryUsers({ id: 'jane' }), isRefused);
    await node.updateApp({ grants: { anonymous: ['search-user'] } });
    assert.equal((await client.queryUsers({ id: 'jane' })).users.length, 1);
    await node.updateApp({ grants: { anonymous: [] } });
    await assert.rejects(client.queryUsers({ id: 'jane' }), isRefused);
    await client.disconnectUser();
  });

  it('still connects and becomes a guest where a list was written for other products', async () => {
    await chat.updateAppSettings({ grants: { user: ['read-channel'], guest: ['read-channel'], anonymous: [] } });
    await withConnection(chatClient(server), { id: 'john' }, userToken(server, 'john'), async () => {});
    const guest = chatClient(server);
    await guest.setGuestUser({ id: 'visitor' });
    assert.equal(guest.user.role, 'guest');
    await guest.disconnectUser();
    await chat.updateAppSettings({ grants: { user: null, guest: null, anonymous: null } });
    assert.deepEqual((await chat.getAppSettings()).app.grants, {});
  });

  it('cannot touch roles', async () => {
    for (const [method, path, body] of [['GET', '/roles'], ['POST', '/api/v2/roles', { name: 'king' }], ['DELETE', '/roles/once']]) {
      const answer = await call(server, method, path, { token: userToken(server, 'john'), body });
      assert.equal(answer.status, 403, path);
      assert.equal(answer.body.code, 17);
    }
  });
});
