// What was answered 2xx is still there: after a stop, and after a kill in the middle of things.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { call, createUsers } from './support/http.mjs';
import { chatServer, nodeServer } from './support/sdk.mjs';
import { makeDataDirectory, startServer } from './support/server.mjs';
import { halfAnHourAgo, oldUserToken } from './support/tokens.mjs';

const kWriters = 8;
const kAcknowledgedBeforeKill = 200;

describe('a server that is stopped and started again', () => {
  it('has every app, user, setting and revocation', async () => {
    const data = makeDataDirectory();
    const first = await startServer({ data });
    await chatServer(first).updateAppSettings({ webhook_url: 'https://example.com/kept', enforce_unique_usernames: 'team' });
    await nodeServer(first).upsertUsers([
      { id: 'john', name: 'Zoë 🎉', role: 'moderator', teams: ['red'], custom: { nested: { list: [1, 2.5, null, true] } } },
      { id: 'jane' },
    ]);
    await chatServer(first).revokeUserToken('jane', halfAnHourAgo());
    await chatServer(first).revokeTokens(new Date('2001-02-03T04:05:06.789Z'));
    const before = await snapshot(first);
    await first.stop();

    // The App exists now: the environment names it again, with the same secret.
    const second = await startServer({ data });
    assert.deepEqual(await snapshot(second), before);
    const refused = await call(second, 'GET', '/api/v2/app', { token: oldUserToken(second, 'jane') });
    assert.equal(refused.body.code, 40);
    await second.stop();

    // And it needs no environment any more.
    const third = await startServer({
      data,
      env: { LATCHKEY_API_KEY: undefined, LATCHKEY_API_SECRET: undefined, LATCHKEY_APP_MODE: undefined },
    });
    assert.deepEqual(await snapshot(third), before);
    await third.stop();
  });

  it('still refuses what was revoked in the moment before', async () => {
    const data = makeDataDirectory();
    const first = await startServer({ data });
    await createUsers(first, 'john');
    await chatServer(first).revokeTokens(halfAnHourAgo());
    await first.kill();
    const second = await startServer({ data });
    const refused = await call(second, 'GET', '/api/v2/app', { token: oldUserToken(second, 'john') });
    assert.equal(refused.body.code, 40);
    await second.stop();
  });
});

/** All that a customer can see, without what differs from answer to answer. */
async function snapshot(server) {
  const { body: { app } } = await call(server, 'GET', '/app');
  const { body: { users } } = await call(server, 'GET', '/users', {
    query: { payload: { filter_conditions: {}, sort: [{ field: 'id', direction: 1 }] } },
  });
  return { app, users };
}

describe('a server that is killed while writes are under way', () => {
  it('loses none that it had acknowledged', async () => {
    const data = makeDataDirectory();
    const first = await startServer({ data });
    const acknowledged = new Map(); // user id -> the last number that was answered 2xx
    let stopping = false;
    let total = 0;
    let enough;
    const enoughWritten = new Promise((done) => { enough = done; });

    const write = async (writer) => {
      for (let number = 1; !stopping; number += 1) {
        const id = `writer-${writer}`;
        let answer;
        try {
          answer = await call(first, 'POST', '/api/v2/users', { body: { users: { [id]: { id, custom: { number } } } } });
        } catch {
          return; // the kill: this write was not acknowledged
        }
        if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
        acknowledged.set(id, number);
        total += 1;
        if (total === kAcknowledgedBeforeKill) enough();
      }
    };
    const writers = Array.from({ length: kWriters }, (_, index) => write(index));
    await Promise.race([enoughWritten, Promise.all(writers)]);
    await first.kill();
    stopping = true;
    await Promise.all(writers);

    const second = await startServer({ data });
    const { users } = await nodeServer(second).queryUsers({ payload: { filter_conditions: {}, limit: 100 } });
    const stored = new Map(users.map(({ id, custom }) => [id, custom.number]));
    for (const [id, number] of acknowledged) {
      assert(stored.get(id) >= number, `${id}: ${number} was acknowledged, ${stored.get(id)} is stored`);
    }
    await second.stop();
  });
});
