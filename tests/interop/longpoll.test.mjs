// Long-polling: what stream-chat falls back to where nothing lets WebSockets through.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { after, before, describe, it } from 'node:test';

import { call, createUsers, revokeUsers } from './support/http.mjs';
import { chatClient, nextEvent, providerOf } from './support/sdk.mjs';
import { startServer, within } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { oldUserToken, halfAnHourAgo, userToken } from './support/tokens.mjs';

const kFallbackMax = 15_000; // ms; the SDK gives WebSockets 6 s before it falls back
const kRecoveryMax = 10_000;
const kEventMax = 5_000; // far less than the 20 s that an idle poll takes

let server;
let proxy;

/** Passes everything on but upgrades, as some networks do. */
async function startProxy(target) {
  const seen = { upgrades: 0, polls: 0 };
  const listener = createServer((incoming, outgoing) => {
    if (incoming.url.startsWith('/longpoll')) seen.polls += 1;
    const { hostname, port } = new URL(target);
    const passed = request(
      { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  listener.on('upgrade', (incoming, socket) => {
    seen.upgrades += 1;
    socket.destroy();
  });
  await new Promise((done) => listener.listen(0, '127.0.0.1', done));
  return {
    ...server,
    url: `http://127.0.0.1:${listener.address().port}`,
    seen,
    stop: () => {
      listener.close();
      listener.closeAllConnections?.();
    },
  };
}

before(async () => {
  server = await startServer();
  proxy = await startProxy(server.url);
  await createUsers(server, 'john', 'jane');
});
after(async () => {
  proxy?.stop();
  await server?.stop();
});

describe('stream-chat behind a proxy without WebSockets', () => {
  it('connects by long-polling, and recovers from a revocation', async () => {
    const client = chatClient(proxy, { enableWSFallback: true });
    const provider = providerOf(() => oldUserToken(server, 'john'), () => userToken(server, 'john'));
    try {
      const connected = await within(
        kFallbackMax, 'the connection', client.connectUser({ id: 'john' }, provider));
      assert.equal(connected.me.id, 'john');
      assert(proxy.seen.upgrades > 0, 'WebSockets were tried first');
      const first = client._getConnectionID();

      const recovered = nextEvent(client, 'connection.recovered');
      await revokeUsers(server, ['john'], halfAnHourAgo());
      await within(kRecoveryMax, 'connection.recovered', recovered);
      assert.equal(provider.calls, 2);
      assert.notEqual(client._getConnectionID(), first);
      const { users } = await client.queryUsers({ id: 'john' }, {}, { presence: true });
      assert.equal(users[0].online, true);
    } finally {
      await client.disconnectUser();
    }
    const { body } = await call(server, 'GET', '/users', {
      query: { payload: { filter_conditions: { id: 'john' } } },
    });
    assert.equal(body.users[0].online, false, 'the SDK says when it goes');
  });

  it('is told at once of its own user, and of those whom it watches', async () => {
    const client = chatClient(proxy, { enableWSFallback: true });
    try {
      await within(kFallbackMax, 'the connection', client.connectUser({ id: 'john' }, userToken(server, 'john')));
      const updated = nextEvent(client, 'user.updated');
      await call(server, 'PATCH', '/users', { body: { users: [{ id: 'john', set: { name: 'John' } }] } });
      assert.equal((await within(kEventMax, 'user.updated', updated)).user.name, 'John');

      await client.queryUsers({ id: 'jane' }, {}, { presence: true });
      const came = nextEvent(client, 'user.presence.changed');
      const jane = await Socket.legacy(server, 'jane', userToken(server, 'jane'));
      assert.equal((await within(kEventMax, 'user.presence.changed', came)).user.online, true);
      await jane.close();
    } finally {
      await client.disconnectUser();
    }
  });
});
