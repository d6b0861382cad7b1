// What is left of an App's allowances, as the server SDKs ask for it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { chatServer, nodeServer } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';

let server;
let chat;
let node;
before(async () => {
  server = await startServer({ args: ['--loops', '1'] }); // each loop has counters of its own
  chat = chatServer(server);
  node = nodeServer(server);
});
after(() => server.stop());

describe('rate limits', () => {
  it('are shown for all platforms, or for those that are asked for', async () => {
    const all = await chat.getRateLimits();
    for (const platform of ['server_side', 'android', 'ios', 'web']) {
      assert.equal(typeof all[platform].Connect.limit, 'number', platform);
    }
    const some = await chat.getRateLimits({ serverSide: true, endpoints: ['UpdateApp', 'QueryChannels'] });
    assert.deepEqual(Object.keys(some).sort(), ['duration', 'server_side']);
    assert.deepEqual(Object.keys(some.server_side), ['UpdateApp']);
    const { limit, remaining, reset } = some.server_side.UpdateApp;
    assert(remaining <= limit && remaining > 0);
    assert(reset * 1000 > Date.now() && reset * 1000 < Date.now() + 61_000);
  });

  it('count what is asked', async () => {
    const left = async () => (await node.getRateLimits({ web: true, endpoints: 'ListRoles' })).web.ListRoles;
    let before;
    let after;
    do { // again where a new minute began in between
      before = await left();
      await chat.listRoles();
      after = await left();
    } while (after.reset !== before.reset);
    assert.equal(after.remaining, before.remaining - 1);
  });
});
