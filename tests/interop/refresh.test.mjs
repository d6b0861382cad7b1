// Refreshing tokens: on code 40 the SDKs ask their provider and go on as if nothing had been.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { createUsers, revokeUsers } from './support/http.mjs';
import { kRecordedSdks } from './support/recorded_sdks.mjs';
import { chatClient, chatServer, feedsClient, nextEvent, providerOf, withConnection } from './support/sdk.mjs';
import { startServer, within } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { expiredUserToken, halfAnHourAgo, nowSeconds, oldUserToken, sign, userToken } from './support/tokens.mjs';

const kReconnectMax = 20_000; // ms; the SDKs wait up to 2.5 s before each try
const kParallel = 50;
// ms; stream-chat counts the failures of all its calls together, and waits up to 25 s after a dozen
const kBurstMax = 60_000;
const kProviderLatency = 10; // ms; what a token endpoint near by takes

let server;
before(async () => {
  server = await startServer();
  await createUsers(server, 'john', 'jane');
});
after(() => server.stop());

describe('stream-chat', () => {
  it('whose provider starts with an expired token asks again and connects', async () => {
    const provider = providerOf(expiredUserToken(server, 'john'), () => userToken(server, 'john'));
    await withConnection(chatClient(server), { id: 'john' }, provider, (connected) => {
      assert.equal(connected.me.id, 'john');
      assert.equal(provider.calls, 2);
    });
  });

  it('goes on calling over a token\'s end', async () => {
    const client = chatClient(server);
    const provider = providerOf(() => userToken(server, 'john'));
    await withConnection(client, { id: 'john' }, provider, async () => {
      client.tokenManager.token = expiredUserToken(server, 'john');
      const { users } = await client.queryUsers({ id: 'jane' });
      assert.equal(users[0].id, 'jane');
      assert.equal(provider.calls, 2);
    });
  });

  it('does not ask again over a token that no refresh mends', async () => {
    const provider = providerOf(() => sign({ user_id: 'john' }, 'another-secret-0123456789abcdefghijklmnop'));
    await assert.rejects(
      withConnection(chatClient(server), { id: 'john' }, provider, () => {}),
      (error) => JSON.parse(error.message).code === 43,
    );
    assert.equal(provider.calls, 1);
  });

  it('outlives the end of its token on a live connection', async () => {
    const client = chatClient(server);
    const provider = providerOf(
      () => userToken(server, 'john', { exp: nowSeconds() + 2 }),
      () => userToken(server, 'john'),
    );
    await withConnection(client, { id: 'john' }, provider, async () => {
      await within(kReconnectMax, 'connection.recovered', nextEvent(client, 'connection.recovered'));
      assert.equal(provider.calls, 2);
      assert.equal((await client.queryUsers({ id: 'jane' })).users.length, 1);
    });
  });
});

describe('feeds-client', () => {
  it('whose provider starts with an expired token asks again and connects', async () => {
    const client = feedsClient(server);
    const provider = providerOf(expiredUserToken(server, 'john'), () => userToken(server, 'john'));
    await withConnection(client, { id: 'john' }, provider, () => {
      assert.equal(client.state.getLatestValue().connected_user.id, 'john');
      assert.equal(provider.calls, 2);
    });
  });

  it('goes on calling over a revocation', async () => {
    const client = feedsClient(server);
    // The first token is good for the connection; what the calls then hold is revoked.
    const provider = providerOf(() => userToken(server, 'jane'));
    await withConnection(client, { id: 'jane' }, provider, async () => {
      client.tokenManager.token = oldUserToken(server, 'jane');
      await chatServer(server).revokeUserToken('jane', halfAnHourAgo());
      const { users } = await client.queryUsers({ payload: { filter_conditions: { id: 'john' } } });
      assert.equal(users[0].id, 'john');
      assert.equal(provider.calls, 2);
    });
  });
});

describe('a live connection', () => {
  it('is told 40 and closed with 4001 when its token ends', async () => {
    const ends = nowSeconds() + 2;
    const socket = await Socket.legacy(server, 'john', userToken(server, 'john', { exp: ends }));
    await socket.nextOf('health.check');
    const frame = await within(10_000, 'the error frame', socket.nextOf('connection.error'));
    assert.equal(frame.error.code, 40);
    assert(Date.now() >= ends * 1000, 'not before the end');
    assert.equal((await socket.closed()).code, 4001);
  });
});

/**
 * Calls, `kParallel` at a time, until `isOver()`; how many there were. Each has to succeed: the first
 * that does not fails all of it.
 */
async function callUntil(isOver, call) {
  let calls = 0;
  await Promise.all(Array.from({ length: kParallel }, async () => {
    do {
      await call();
      calls += 1;
    } while (!isOver());
  }));
  return calls;
}

/** Each SDK as an app uses it: a client, a call that only a good token answers, its socket coming back. */
const kApps = {
  'stream-chat': {
    client: () => chatClient(server),
    call: async (client) => assert.equal((await client.queryUsers({ id: 'jane' })).users[0].id, 'jane'),
    recovered: (client) => nextEvent(client, 'connection.recovered'),
    plainProviderMax: 8,
  },
  'feeds-client': {
    client: () => feedsClient(server),
    call: async (client) => {
      const { users } = await client.queryUsers({ payload: { filter_conditions: { id: 'jane' } } });
      assert.equal(users[0].id, 'jane');
    },
    recovered: (client) => new Promise((done) => {
      client.on('connection.changed', (event) => event.online && done());
    }),
    // It asks again without a pause until the seconds are over.
    plainProviderMax: 6000 / kProviderLatency,
  },
};

describe('an app amid calls', { concurrency: true }, () => {
  for (const [sdk, { client: makeClient, call, recovered, plainProviderMax }] of Object.entries(kApps)) {
    it(`with ${sdk} does not notice the end of its token`, async () => {
      const client = makeClient();
      const user = { id: `expiring-${sdk}` };
      const provider = providerOf(
        () => userToken(server, user.id, { exp: nowSeconds() + 2 }),
        () => userToken(server, user.id),
      );
      await withConnection(client, user, provider, async () => {
        const back = recovered(client);
        const calls = callUntil(() => provider.calls > 1, () => call(client));
        await within(kBurstMax, 'the calls', calls);
        await within(kReconnectMax, 'the socket to come back', back);
        // Once at first; then each call that was under way may ask, and the socket.
        assert(provider.calls >= 2 && provider.calls <= 1 + kParallel + 2, `${provider.calls} tokens were asked for`);
        await call(client);
      });
    });

    it(`with ${sdk} does not notice a revocation and its undoing`, async () => {
      const client = makeClient();
      const user = { id: `revoked-${sdk}` };
      const provider = providerOf(oldUserToken(server, user.id), () => userToken(server, user.id));
      await withConnection(client, user, provider, async () => {
        const back = recovered(client);
        let undone = false;
        const calls = callUntil(() => undone, () => call(client));
        const revocation = (async () => {
          await call(client);
          await revokeUsers(server, [user.id], halfAnHourAgo());
          await back;
          await revokeUsers(server, [user.id], null);
          undone = true;
        })();
        await within(kBurstMax, 'the calls', Promise.all([calls, revocation]));
        assert(provider.calls >= 2 && provider.calls <= 1 + kParallel + 2, `${provider.calls} tokens were asked for`);
        await call(client);
      });
    });

    // Tokens dated before the revocation, though made after it, are covered by it: those of the same second,
    // and of five more where an SDK dates them back. The client has to ask until they are over.
    const kProviders = {
      'a plain provider': (id) => userToken(server, id),
      'a provider that dates its tokens 5 s back': (id) => kRecordedSdks.Python.userToken(server, id),
    };
    for (const [kind, mint] of Object.entries(kProviders)) {
      it(`with ${sdk} and ${kind} gets over a revocation of this very moment`, async () => {
        const client = makeClient();
        const user = { id: `now-${sdk}-${kind.length}` };
        const provider = providerOf(() => delay(kProviderLatency).then(() => mint(user.id)));
        await withConnection(client, user, provider, async () => {
          const back = recovered(client);
          await revokeUsers(server, [user.id], new Date());
          await within(kBurstMax, 'the call', call(client));
          await within(kReconnectMax, 'the socket to come back', back);
          assert(provider.calls >= 2 && provider.calls <= plainProviderMax, `${provider.calls} tokens were asked for`);
        });
      });
    }
  }
});
