// Users written and read through the SDKs, in both URL styles.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call, createUsers } from './support/http.mjs';
import { chatClient, chatServer, feedsClient, nodeServer, withConnection } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { userToken } from './support/tokens.mjs';

let server;
let chat;
let node;
before(async () => {
  server = await startServer();
  chat = chatServer(server);
  node = nodeServer(server);
});
after(() => server.stop());

async function findUser(id) {
  const { users } = await chat.queryUsers({ id });
  return users[0];
}

describe('upserting users', () => {
  it('through stream-chat keeps custom data beside the reserved keys', async () => {
    const answer = await chat.upsertUsers([
      { id: 'flat-1', name: 'One', color: 'blue', nested: { depth: { of: 2 } }, list: [1, 'two', null] },
    ]);
    const user = answer.users['flat-1'];
    assert.equal(user.name, 'One');
    assert.equal(user.color, 'blue');
    assert.deepEqual(user.nested, { depth: { of: 2 } });
    assert.deepEqual(user.list, [1, 'two', null]);
    assert.equal(user.custom, undefined);
    assert.equal(user.role, 'user');
    assert.match(user.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });

  it('through node-sdk nests custom data and gives dates as dates', async () => {
    const before = Date.now();
    const answer = await node.upsertUsers([{ id: 'nested-1', name: 'One', custom: { color: 'blue' } }]);
    const user = answer.users['nested-1'];
    assert.deepEqual(user.custom, { color: 'blue' });
    assert(user.created_at instanceof Date);
    assert(Math.abs(user.created_at.getTime() - before) < 60_000);
    assert.equal(typeof answer.membership_deletion_task_id, 'string');
  });

  it('through one style shows in the other', async () => {
    await node.upsertUsers([{ id: 'shared', name: 'Shared', custom: { color: 'green' } }]);
    assert.equal((await findUser('shared')).color, 'green');
    await chat.upsertUsers([{ id: 'shared', name: 'Shared again', shape: 'round' }]);
    const { users } = await node.queryUsers({ payload: { filter_conditions: { id: 'shared' } } });
    assert.equal(users[0].name, 'Shared again');
    assert.deepEqual(users[0].custom, { shape: 'round' });
  });

  it('replaces what the request leaves out, but not the role', async () => {
    await node.upsertUsers([{ id: 'replaced', name: 'Full', image: 'http://a/b', role: 'moderator', custom: { x: 1 } }]);
    const answer = await node.upsertUsers([{ id: 'replaced', name: 'Bare' }]);
    const user = answer.users.replaced;
    assert.equal(user.name, 'Bare');
    assert.deepEqual(user.custom, {});
    assert.equal(user.role, 'moderator');
  });

  for (const name of ['Zoë 🎉', '李小龍', 'عمر', 'tab\tnewline\n', '"quoted" \\ <b>&amp;', '\u2028\u2029']) {
    it(`gives back the name ${JSON.stringify(name)} as it came`, async () => {
      await chat.upsertUsers([{ id: 'unicode', name, custom_text: name }]);
      const user = await findUser('unicode');
      assert.equal(user.name, name);
      assert.equal(user.custom_text, name);
    });
  }

  it('refuses a name with U+0000, which databases and C cut texts at', async () => {
    await assert.rejects(chat.upsertUsers([{ id: 'unicode', name: 'a\u0000b' }]), { code: 4, status: 400 });
  });

  it('takes 100 users in one request, and refuses 101', async () => {
    const many = (count) => Array.from({ length: count }, (_, index) => ({ id: `many-${index}` }));
    const answer = await node.upsertUsers(many(100));
    assert.equal(Object.keys(answer.users).length, 100);
    await assert.rejects(node.upsertUsers(many(101)), { code: 4 });
  });

  it('is allowed to a client for itself and for nobody else', async () => {
    const client = chatClient(server);
    await withConnection(client, { id: 'self' }, userToken(server, 'self'), async () => {
      const answer = await client.upsertUsers([{ id: 'self', name: 'Me' }]);
      assert.equal(answer.users.self.name, 'Me');
      await assert.rejects(client.upsertUsers([{ id: 'other', name: 'You' }]), { code: 17, status: 403 });
      await assert.rejects(client.upsertUsers([{ id: 'self', role: 'admin' }]), { code: 17, status: 403 });
    });
    assert.equal((await findUser('self')).role, 'user');
    assert.equal(await findUser('other'), undefined);
  });
});

describe('partial updates', () => {
  it('set and unset own fields and custom data, through stream-chat', async () => {
    await chat.upsertUsers([{ id: 'partial-1', name: 'Before', color: 'blue', address: { city: 'Oslo', zip: '1' } }]);
    await chat.partialUpdateUser({
      id: 'partial-1',
      set: { name: 'After', size: 3, 'address.city': 'Paris' },
      unset: ['color', 'address.zip'],
    });
    const user = await findUser('partial-1');
    assert.equal(user.name, 'After');
    assert.equal(user.size, 3);
    assert.equal(user.color, undefined);
    assert.deepEqual(user.address, { city: 'Paris' });
  });

  it('set and unset own fields and custom data, through node-sdk', async () => {
    await node.upsertUsers([{ id: 'partial-2', name: 'Before', custom: { color: 'blue', address: { city: 'Oslo' } } }]);
    const answer = await node.updateUsersPartial({
      users: [{ id: 'partial-2', set: { size: 3, 'address.city': 'Paris' }, unset: ['color'] }],
    });
    const user = answer.users['partial-2'];
    assert.equal(user.name, 'Before');
    assert.deepEqual(user.custom, { size: 3, address: { city: 'Paris' } });
  });

  it('of several users are one: an unknown one fails all', async () => {
    await createUsers(server, 'atomic-1');
    await assert.rejects(
      node.updateUsersPartial({
        users: [{ id: 'atomic-1', set: { name: 'changed' } }, { id: 'nobody', set: { name: 'changed' } }],
      }),
      { code: 16 },
    );
    assert.notEqual((await findUser('atomic-1')).name, 'changed');
  });

  it('that name nothing to change are answered as done', async () => {
    await createUsers(server, 'noop');
    for (const entry of [{ id: 'noop' }, { id: 'noop', set: {} }, { id: 'noop', set: null, unset: null }]) {
      const answer = await call(server, 'PATCH', '/api/v2/users', { body: { users: [entry] } });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body.users.noop.id, 'noop');
    }
  });

  it('refuse what cannot be set', async () => {
    await createUsers(server, 'reserved');
    for (const field of ['created_at', 'updated_at', 'online', 'banned', 'deactivated_at', 'deleted_at']) {
      await assert.rejects(chat.partialUpdateUser({ id: 'reserved', set: { [field]: true } }), { code: 4, status: 400 });
    }
  });
});

describe('querying users', () => {
  before(() => node.upsertUsers([
    { id: 'q-1', name: 'Anna Ember', role: 'moderator' },
    { id: 'q-2', name: 'Boris Ember' },
    { id: 'q-3', name: 'Clara Frost' },
  ]));

  const kQueries = [
    ['one id', { id: 'q-1' }, ['q-1']],
    ['$eq', { id: { $eq: 'q-2' } }, ['q-2']],
    ['$in', { id: { $in: ['q-1', 'q-3', 'nobody'] } }, ['q-1', 'q-3']],
    ['a role', { role: 'moderator', id: { $in: ['q-1', 'q-2', 'q-3'] } }, ['q-1']],
    ['the beginning of a word of the name', { name: { $autocomplete: 'emb' } }, ['q-1', 'q-2']],
    ['nobody', { id: 'nobody' }, []],
  ];
  for (const [what, filter, expected] of kQueries) {
    it(`by ${what} answers alike in both styles`, async () => {
      const legacy = await chat.queryUsers(filter, [{ id: 1 }]);
      assert.deepEqual(legacy.users.map(({ id }) => id), expected);
      const v2 = await node.queryUsers({
        payload: { filter_conditions: filter, sort: [{ field: 'id', direction: 1 }] },
      });
      assert.deepEqual(v2.users.map(({ id }) => id), expected);
    });
  }

  it('pages by limit and offset, in the order asked for', async () => {
    const page = async (offset) => {
      const { users } = await chat.queryUsers(
        { id: { $in: ['q-1', 'q-2', 'q-3'] } }, [{ id: -1 }], { limit: 2, offset });
      return users.map(({ id }) => id);
    };
    assert.deepEqual(await page(0), ['q-3', 'q-2']);
    assert.deepEqual(await page(2), ['q-1']);
  });

  it('refuses a limit over 100, and takes 100', async () => {
    await chat.queryUsers({}, [], { limit: 100 });
    await assert.rejects(chat.queryUsers({}, [], { limit: 101 }), { code: 4, status: 400 });
  });

  it('works for a connected client with presence', async () => {
    const client = feedsClient(server);
    await withConnection(client, { id: 'asker' }, userToken(server, 'asker'), async () => {
      const answer = await client.queryUsers({ payload: { filter_conditions: { id: 'q-1' }, presence: true } });
      assert.equal(answer.users[0].id, 'q-1');
    });
  });

  it('hides revocations from clients and shows them to servers', async () => {
    await chat.revokeUserToken('q-3', new Date('2020-01-02T03:04:05.678Z'));
    assert.equal(new Date((await findUser('q-3')).revoke_tokens_issued_before).toISOString(), '2020-01-02T03:04:05.678Z');
    const answer = await call(server, 'GET', '/users', {
      token: userToken(server, 'asker'),
      query: { payload: { filter_conditions: { id: 'q-3' } } },
    });
    assert.equal(answer.body.users[0].revoke_tokens_issued_before, undefined);
  });
});

describe('connecting', () => {
  it('creates the user with what it brought, and keeps the rest on the next connect', async () => {
    const client = chatClient(server);
    const token = userToken(server, 'newcomer');
    await withConnection(client, { id: 'newcomer', name: 'New', color: 'red' }, token, (connected) => {
      assert.equal(connected.me.color, 'red');
      assert.equal(connected.me.online, true);
    });
    await withConnection(client, { id: 'newcomer' }, token, (connected) => {
      assert.equal(connected.me.name, 'New');
      assert.equal(connected.me.color, 'red');
    });
  });

  it('cannot change the role', async () => {
    const client = chatClient(server);
    await withConnection(client, { id: 'climber', role: 'admin' }, userToken(server, 'climber'), (connected) => {
      assert.equal(connected.me.role, 'user');
    });
  });
});
