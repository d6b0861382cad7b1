// Users who end and come back, as the server SDKs ask for it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { chatClient, chatServer, nodeServer } from './support/sdk.mjs';
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
beforeEach(() => chat.upsertUsers([{ id: 'john', name: 'John' }, { id: 'jane' }]));

/** What a call with the user's token comes to: `ok`, or the error code. */
async function codeFor(id) {
  const answer = await call(server, 'GET', '/app', { token: userToken(server, id) });
  return answer.status === 200 ? 'ok' : answer.body.code;
}

describe('stream-chat', () => {
  it('deactivates and reactivates one user', async () => {
    const { user } = await chat.deactivateUser('john');
    assert.equal(typeof user.deactivated_at, 'string');
    assert.equal(await codeFor('john'), 5);
    await chat.reactivateUser('john', { name: 'Johnny' });
    assert.equal(await codeFor('john'), 'ok');
    const { users } = await chat.queryUsers({ id: 'john' });
    assert.equal(users[0].name, 'Johnny');
  });

  it('deactivates and reactivates a list, and asks for the task', async () => {
    const { task_id: task } = await chat.deactivateUsers(['john', 'jane']);
    const { status } = await chat.getTask(task);
    assert.equal(status, 'completed');
    assert.deepEqual([await codeFor('john'), await codeFor('jane')], [5, 5]);
    await chat.reactivateUsers(['john', 'jane']);
    assert.deepEqual([await codeFor('john'), await codeFor('jane')], ['ok', 'ok']);
  });

  it('deletes softly and restores', async () => {
    await chat.deleteUsers(['john'], { user: 'soft' });
    assert.equal(await codeFor('john'), 5);
    assert.deepEqual((await chat.queryUsers({ id: 'john' })).users, []);
    await chat.restoreUsers(['john']);
    assert.equal(await codeFor('john'), 'ok');
  });

  it('deletes one user for good', async () => {
    await chat.upsertUser({ id: 'gone' });
    const { user } = await chat.deleteUser('gone', { hard_delete: true });
    assert.equal(user.id, 'gone');
    assert.deepEqual((await chat.queryUsers({ id: 'gone' })).users, []);
  });

  it('exports a user', async () => {
    const { user, messages } = await chat.exportUser('john');
    assert.equal(user.id, 'john');
    assert.deepEqual(messages, []);
  });

  it('is told once, and does not ask its provider again, when a deactivated user connects', async () => {
    await chat.deactivateUser('jane');
    let asked = 0;
    const client = chatClient(server);
    const provider = async () => { asked += 1; return userToken(server, 'jane'); };
    await assert.rejects(client.connectUser({ id: 'jane' }, provider), (error) => JSON.parse(error.message).code === 5);
    assert.equal(asked, 1);
    await chat.reactivateUser('jane');
  });
});

describe('node-sdk', () => {
  it('deactivates, reactivates, deletes and restores', async () => {
    assert.equal((await node.deactivateUser({ user_id: 'john' })).user.id, 'john');
    assert.equal((await node.reactivateUser({ user_id: 'john' })).user.id, 'john');
    const { task_id: task } = await node.deleteUsers({ user_ids: ['john'], user: 'soft' });
    assert.equal((await node.getTask({ id: task })).status, 'completed');
    await node.restoreUsers({ user_ids: ['john'] });
    assert.equal(await codeFor('john'), 'ok');
  });
});
