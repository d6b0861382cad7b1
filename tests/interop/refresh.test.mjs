// Refreshing tokens: on code 40 the SDKs ask their provider and go on as if nothing had been.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createUsers } from './support/http.mjs';
import { chatClient, chatServer, feedsClient, nextEvent, providerOf, withConnection } from './support/sdk.mjs';
import { startServer, within } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { expiredUserToken, halfAnHourAgo, nowSeconds, oldUserToken, sign, userToken } from './support/tokens.mjs';

const kReconnectMax = 20_000; // ms; the SDKs wait up to 2.5 s before each try

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
