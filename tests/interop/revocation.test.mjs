// Revoking tokens and undoing it, per user, per list of users and per App, through each SDK.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { call, createUsers, revokeUsers } from './support/http.mjs';
import { kRecordedSdks } from './support/recorded_sdks.mjs';
import { chatClient, chatServer, feedsClient, nextEvent, nodeServer, providerOf, withConnection } from './support/sdk.mjs';
import { startServer, within } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { halfAnHourAgo, nowSeconds, oldUserToken, sign, userToken } from './support/tokens.mjs';

const kReconnectMax = 20_000; // ms; the SDKs wait up to 2.5 s before each try

let server;
let chat;
let node;
before(async () => {
  server = await startServer();
  chat = chatServer(server);
  node = nodeServer(server);
  await createUsers(server, 'john', 'jane', 'jack');
});
beforeEach(async () => {
  await chat.revokeTokens(null);
  await chat.revokeUsersToken(['john', 'jane', 'jack'], null);
});
after(() => server.stop());

async function codeOf(token, path = '/api/v2/app') {
  const { status, body } = await call(server, 'GET', path, { token });
  return status === 200 ? 200 : body.code;
}

/** One row for each SDK that is recorded: `revoke` with its SDK as first argument. */
const eachRecorded = (revoke) => Object.fromEntries(
  Object.entries(kRecordedSdks).map(([name, sdk]) => [`the SDK ${name}`, (...rest) => revoke(sdk, ...rest)]));

/** Each way to revoke or, with null, to undo: the users' names, then the date. */
const kUserRevokers = {
  'stream-chat revokeUserToken': async (ids, date) => {
    for (const id of ids) await chat.revokeUserToken(id, date);
  },
  'stream-chat revokeUsersToken': (ids, date) => chat.revokeUsersToken(ids, date),
  'node-sdk updateUsersPartial': (ids, date) =>
    node.updateUsersPartial({ users: ids.map((id) => ({ id, set: { revoke_tokens_issued_before: date } })) }),
  ...eachRecorded((sdk, ids, date) => (date === null ? sdk.undoUsers(server, ids) : sdk.revokeUsers(server, ids, date))),
};

const kAppRevokers = {
  'stream-chat revokeTokens': (date) => chat.revokeTokens(date),
  'node-sdk updateApp': (date) => node.updateApp({ revoke_tokens_issued_before: date }),
  ...eachRecorded((sdk, date) => (date === null ? sdk.undoApp(server) : sdk.revokeApp(server, date))),
};

describe('revoking users\' tokens', () => {
  for (const [way, revoke] of Object.entries(kUserRevokers)) {
    it(`by ${way} voids what was issued before, at once, and null undoes it, at once`, async () => {
      const old = { john: oldUserToken(server, 'john'), jane: oldUserToken(server, 'jane') };
      assert.equal(await codeOf(old.john), 200);
      await revoke(['john', 'jane'], halfAnHourAgo());
      for (const path of ['/app', '/api/v2/app']) {
        assert.equal(await codeOf(old.john, path), 40);
        assert.equal(await codeOf(old.jane, path), 40);
      }
      assert.equal(await codeOf(userToken(server, 'john')), 200, 'a token issued since');
      assert.equal(await codeOf(oldUserToken(server, 'jack')), 200, 'another user');
      await revoke(['john', 'jane'], null);
      assert.equal(await codeOf(old.john), 200);
      assert.equal(await codeOf(old.jane), 200);
    });
  }

  it('voids tokens without iat, and undoing it lets them in again', async () => {
    const timeless = chat.createToken('john');
    assert.equal(await codeOf(timeless), 200);
    await chat.revokeUserToken('john', new Date(0));
    assert.equal(await codeOf(timeless), 40);
    await chat.revokeUserToken('john', null);
    assert.equal(await codeOf(timeless), 200);
  });

  it('compares exactly: a token of that very second stands, one a second older does not', async () => {
    const second = nowSeconds() - 100;
    await chat.revokeUserToken('john', new Date(second * 1000));
    assert.equal(await codeOf(userToken(server, 'john', { iat: second })), 200);
    assert.equal(await codeOf(userToken(server, 'john', { iat: second - 1 })), 40);
    await chat.revokeUserToken('john', new Date(second * 1000 + 1));
    assert.equal(await codeOf(userToken(server, 'john', { iat: second })), 40);
  });

  it('without a date revokes what was issued until now', async () => {
    const token = userToken(server, 'john', { iat: nowSeconds() - 1 });
    await chat.revokeUserToken('john');
    assert.equal(await codeOf(token), 40);
  });

  it('answers the same instant in both styles', async () => {
    await chat.revokeUserToken('john', new Date('2023-11-14T22:13:20.123Z'));
    const { users: legacy } = await chat.queryUsers({ id: 'john' });
    assert.equal(new Date(legacy[0].revoke_tokens_issued_before).toISOString(), '2023-11-14T22:13:20.123Z');
    const { users: v2 } = await node.queryUsers({ payload: { filter_conditions: { id: 'john' } } });
    assert.equal(v2[0].revoke_tokens_issued_before.toISOString(), '2023-11-14T22:13:20.123Z');
  });

  const kSpellings = [
    '2023-11-14T22:13:20Z', '2023-11-14T22:13:20+00:00', '2023-11-14T23:13:20+01:00',
    '2023-11-14T22:13:20.000+00:00', '2023-11-14T22:13:20.000000000Z', '2023-11-14T22:13:20.0000000+00:00',
    '2023-11-14T22:13:20.000000', '2023-11-14 22:13:20 UTC', '2023-11-15 00:13:20 +0200',
    1700000000, 1700000000000, 1700000000000000, 1700000000000000000n,
  ];
  for (const spelling of kSpellings) {
    it(`reads ${spelling} as some SDK writes it`, async () => {
      const date = typeof spelling === 'string' ? JSON.stringify(spelling) : String(spelling);
      const body = `{"users":[{"id":"jack","set":{"revoke_tokens_issued_before":${date}}}]}`;
      const answer = await call(server, 'PATCH', '/api/v2/users', { body });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const { users } = await chat.queryUsers({ id: 'jack' });
      assert.equal(new Date(users[0].revoke_tokens_issued_before).getTime(), 1_700_000_000_000);
    });
  }

  it('is refused to the user itself', async () => {
    const answer = await call(server, 'PATCH', '/api/v2/users', {
      token: userToken(server, 'john'),
      body: { users: [{ id: 'john', set: { revoke_tokens_issued_before: null } }] },
    });
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 17);
  });

  it('survives an upsert of the user', async () => {
    await chat.revokeUserToken('john', halfAnHourAgo());
    await node.upsertUsers([{ id: 'john', name: 'John again' }]);
    assert.equal(await codeOf(oldUserToken(server, 'john')), 40);
  });
});

describe('revoking an app\'s tokens', () => {
  for (const [way, revoke] of Object.entries(kAppRevokers)) {
    it(`by ${way} voids every user's, spares the server's, and null undoes it`, async () => {
      const old = ['john', 'jane', 'never-seen'].map((id) => oldUserToken(server, id));
      await revoke(halfAnHourAgo());
      for (const token of old) assert.equal(await codeOf(token), 40);
      assert.equal(await codeOf(chat.createToken('john')), 40, 'a token without iat');
      assert.equal(await codeOf(userToken(server, 'john')), 200, 'a token issued since');
      assert.equal(await codeOf(sign({ server: true }, server.apiSecret)), 200, 'a server token');
      assert.equal(await codeOf(sign({ server: true, iat: 1 }, server.apiSecret)), 200, 'an old server token');
      await revoke(null);
      for (const token of old) assert.equal(await codeOf(token), 200);
    });
  }

  it('is not undone by a body that names something else', async () => {
    await chat.revokeTokens(halfAnHourAgo());
    await chat.updateAppSettings({ cdn_expiration_seconds: 14400 });
    assert.equal(await codeOf(oldUserToken(server, 'john')), 40);
  });

  it('shows in both styles', async () => {
    await chat.revokeTokens('2023-11-14T22:13:20.123Z');
    const { app: legacy } = await chat.getAppSettings();
    assert.equal(new Date(legacy.revoke_tokens_issued_before).toISOString(), '2023-11-14T22:13:20.123Z');
    const { app: v2 } = await node.getApp();
    assert.equal(new Date(v2.revoke_tokens_issued_before).toISOString(), '2023-11-14T22:13:20.123Z');
  });

  it('and a user\'s are independent: the later date decides, undoing one leaves the other', async () => {
    const token = oldUserToken(server, 'john');
    await chat.revokeTokens(halfAnHourAgo());
    await chat.revokeUserToken('john', new Date(0));
    assert.equal(await codeOf(token), 40);
    await chat.revokeUserToken('john', null);
    assert.equal(await codeOf(token), 40);
    await chat.revokeTokens(null);
    assert.equal(await codeOf(token), 200);
  });
});

describe('a live connection', () => {
  const kCuts = {
    'of a revoked user': () => revokeUsers(server, ['john'], halfAnHourAgo()),
    'of a revoked app': () => chat.revokeTokens(halfAnHourAgo()),
  };
  for (const [whose, revoke] of Object.entries(kCuts)) {
    it(`${whose} is told 40 and closed with 4001`, async () => {
      const legacy = await Socket.legacy(server, 'john', oldUserToken(server, 'john'));
      await legacy.nextOf('health.check');
      const v2 = await Socket.v2(server);
      v2.send({ token: oldUserToken(server, 'john'), user_details: { id: 'john' } });
      await v2.nextOf('connection.ok');
      await revoke();
      for (const socket of [legacy, v2]) {
        const frame = await socket.nextOf('connection.error');
        assert.equal(frame.error.code, 40);
        assert.equal(frame.error.StatusCode, 401);
        assert.equal((await socket.closed()).code, 4001);
      }
    });

    it(`${whose} with a newer token stays`, async () => {
      const socket = await Socket.legacy(server, 'john', userToken(server, 'john'));
      await socket.nextOf('health.check');
      await revoke();
      socket.send('still there?');
      assert.equal((await socket.nextOf('health.check')).me, undefined);
      await socket.close();
    });
  }

  it('of another user stays', async () => {
    const socket = await Socket.legacy(server, 'jane', oldUserToken(server, 'jane'));
    await socket.nextOf('health.check');
    await revokeUsers(server, ['john'], halfAnHourAgo());
    socket.send('still there?');
    await socket.nextOf('health.check');
    await socket.close();
  });

  it('of stream-chat comes back by its token provider', async () => {
    const client = chatClient(server);
    const provider = providerOf(oldUserToken(server, 'john'), () => userToken(server, 'john'));
    await withConnection(client, { id: 'john' }, provider, async () => {
      const recovered = nextEvent(client, 'connection.recovered');
      await chat.revokeUserToken('john', halfAnHourAgo());
      await within(kReconnectMax, 'connection.recovered', recovered);
      assert.equal(provider.calls, 2);
      assert.equal(client.wsConnection.isHealthy, true);
    });
  });

  it('of feeds-client comes back by its token provider', async () => {
    const client = feedsClient(server);
    const provider = providerOf(oldUserToken(server, 'john'), () => userToken(server, 'john'));
    await withConnection(client, { id: 'john' }, provider, async () => {
      const firstId = client.wsConnection.connectionID;
      const again = new Promise((done) => {
        client.on('connection.changed', (event) => event.online && done());
      });
      await chat.revokeUserToken('john', halfAnHourAgo());
      await within(kReconnectMax, 'the connection to come back', again);
      assert.equal(provider.calls, 2);
      assert.notEqual(client.wsConnection.connectionID, firstId);
    });
  });
});
