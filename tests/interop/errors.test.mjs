// What an SDK's user sees when something is refused: the codes that the documentation names.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call, createUsers } from './support/http.mjs';
import { chatClient, chatServer, feedsClient, nodeServer, withConnection } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { expiredUserToken, kHour, nowSeconds, sign, signText, userToken } from './support/tokens.mjs';

const kWrongSecret = 'another-secret-0123456789abcdefghijklmnopqrstuvwxyz';

let server;
before(async () => {
  server = await startServer();
  await createUsers(server, 'john');
});
after(() => server.stop());

/** Bad credentials of a user, with the code that each SDK has to be told. */
const kRefused = [
  ['an expired token', 40, () => ({ token: expiredUserToken(server, 'john') })],
  ['a token that expires this second', 40, () => ({ token: userToken(server, 'john', { exp: nowSeconds() }) })],
  ['a token not valid yet', 41, () => ({ token: userToken(server, 'john', { nbf: nowSeconds() + kHour }) })],
  ['a token issued in the future', 42, () => ({ token: userToken(server, 'john', { iat: nowSeconds() + kHour }) })],
  ['a token signed with another secret', 43, () => ({ token: sign({ user_id: 'john' }, kWrongSecret) })],
  ['an expired token signed with another secret', 43, () => ({
    token: sign({ user_id: 'john', exp: nowSeconds() - kHour }, kWrongSecret),
  })],
  ['a token of another algorithm', 43, () => ({ token: sign({ user_id: 'john' }, server.apiSecret, { algorithm: 'HS384' }) })],
  ['an unsigned token', 5, () => ({ token: sign({ user_id: 'john' }, '', { algorithm: 'none' }) })],
  ['a developer token', 43, () => ({ token: chatClient(server).devToken('john') })],
  ['a token with a text as exp', 5, () => ({
    token: signText('{"user_id":"john","exp":"soon"}', server.apiSecret),
  })],
  ['an unknown API key', 2, () => ({ key: 'nosuchkey', token: userToken(server, 'john') })],
];

describe('connecting with', () => {
  for (const [what, code, credentials] of kRefused) {
    it(`${what} fails with ${code} in stream-chat`, async () => {
      const { key, token } = credentials();
      await assert.rejects(
        withConnection(chatClient(server, { key }), { id: 'john' }, token, () => {}),
        (error) => {
          const seen = JSON.parse(error.message);
          assert.equal(seen.code, code, error.message);
          assert.equal(seen.isWSFailure, false);
          return true;
        },
      );
    });

    it(`${what} fails with ${code} in feeds-client`, async () => {
      const { key, token } = credentials();
      await assert.rejects(
        withConnection(feedsClient(server, { key }), { id: 'john' }, token, () => {}),
        (error) => {
          assert.equal(JSON.parse(error.message).code, code, error.message);
          return true;
        },
      );
    });
  }
});

describe('calling with', () => {
  for (const [what, code, credentials] of kRefused) {
    it(`${what} is 401 with ${code} in both styles`, async () => {
      const { key = server.apiKey, token } = credentials();
      for (const path of ['/users', '/api/v2/users']) {
        const answer = await call(server, 'GET', path, { token, apiKey: key, query: { payload: { filter_conditions: {} } } });
        assert.equal(answer.status, 401, JSON.stringify(answer.body));
        assert.equal(answer.body.code, code, JSON.stringify(answer.body));
        assert.equal(answer.body.StatusCode, 401);
        assert.deepEqual(answer.body.details, []);
        assert.match(answer.body.message, /^QueryUsers failed with error: "/);
        assert.equal(typeof answer.body.more_info, 'string');
        assert.equal(typeof answer.body.duration, 'string');
      }
    });
  }

  it('no token, an empty one or garbage is 5', async () => {
    for (const token of [null, '', 'garbage', 'a.b', 'a.b.c', 'a.b.c.d', 'undefined', 'null']) {
      const answer = await call(server, 'GET', '/api/v2/app', { token });
      assert.equal(answer.status, 401, `${token}`);
      assert.equal(answer.body.code, 5, `${token}: ${JSON.stringify(answer.body)}`);
    }
  });

  it('no API key, or an empty one, is 2', async () => {
    for (const apiKey of [null, '']) {
      const answer = await call(server, 'GET', '/api/v2/app', { apiKey });
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, 2);
    }
  });

  it('no auth type, or an unknown one, is 5', async () => {
    for (const authType of [null, '', 'simple']) {
      const answer = await call(server, 'GET', '/api/v2/app', { authType });
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, 5);
    }
  });
});

describe('the leeway', () => {
  it('lets a clock be 9 s behind for iat and nbf', async () => {
    for (const claims of [{ iat: nowSeconds() + 9 }, { nbf: nowSeconds() + 9 }]) {
      const answer = await call(server, 'GET', '/api/v2/app', { token: userToken(server, 'john', claims) });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    }
  });

  it('does not reach 15 s', async () => {
    const early = await call(server, 'GET', '/api/v2/app', { token: userToken(server, 'john', { iat: nowSeconds() + 15 }) });
    assert.equal(early.body.code, 42);
    const later = await call(server, 'GET', '/api/v2/app', { token: userToken(server, 'john', { nbf: nowSeconds() + 15 }) });
    assert.equal(later.body.code, 41);
  });
});

describe('a server SDK', () => {
  const kServers = {
    'stream-chat': (options) => {
      const chat = chatServer(server, options);
      return {
        getApp: () => chat.getAppSettings(),
        patch: (users) => chat.partialUpdateUsers(users),
        updateApp: (settings) => chat.updateAppSettings(settings),
      };
    },
    'node-sdk': (options) => {
      const node = nodeServer(server, options);
      return {
        getApp: () => node.getApp(),
        patch: (users) => node.updateUsersPartial({ users }),
        updateApp: (settings) => node.updateApp(settings),
      };
    },
  };
  for (const [sdk, make] of Object.entries(kServers)) {
    it(`${sdk} shows a wrong secret as 43, naming the API key`, async () => {
      await assert.rejects(make({ secret: kWrongSecret }).getApp(), (error) => {
        assert.equal(error.code, 43);
        assert.match(error.message, new RegExp(server.apiKey));
        return true;
      });
    });

    it(`${sdk} shows an unknown API key as 2`, async () => {
      await assert.rejects(make({ key: 'nosuchkey' }).getApp(), { code: 2 });
    });

    it(`${sdk} shows an unknown user as 16`, async () => {
      await assert.rejects(make().patch([{ id: 'nobody', set: { name: 'x' } }]), { code: 16 });
    });

    it(`${sdk} shows invalid input as 4`, async () => {
      await assert.rejects(make().patch([{ id: 'john', set: { revoke_tokens_issued_before: 'soon' } }]), { code: 4 });
      await assert.rejects(make().patch([]), { code: 4 });
      await assert.rejects(make().patch([{ id: 'john' }, { id: 'john' }]), { code: 4 });
      await assert.rejects(make().updateApp({ enforce_unique_usernames: 'perhaps' }), { code: 4 });
    });
  }

  it('node-sdk finds the status and the rate limit beside the error', async () => {
    await assert.rejects(nodeServer(server, { key: 'nosuchkey' }).getApp(), (error) => {
      assert.equal(error.metadata.responseCode, 401);
      assert.equal(typeof error.metadata.rateLimit.rateLimit, 'number');
      return true;
    });
  });
});

describe('a client', () => {
  it('is told 17 for what only a server may do', async () => {
    const client = chatClient(server);
    await withConnection(client, { id: 'john' }, userToken(server, 'john'), async () => {
      await assert.rejects(client.updateAppSettings({ disable_permissions_checks: true }), { code: 17, status: 403 });
      await assert.rejects(client.revokeUserToken('john', new Date()), { code: 17, status: 403 });
      await assert.rejects(client.partialUpdateUser({ id: 'john', set: { role: 'admin' } }), { code: 17, status: 403 });
      await assert.rejects(client.partialUpdateUser({ id: 'jane', set: { name: 'x' } }), { code: 17, status: 403 });
    });
  });

  it('is told 17 before its body is judged', async () => {
    const answer = await call(server, 'PATCH', '/api/v2/app', {
      token: userToken(server, 'john'),
      body: { enforce_unique_usernames: 7 },
    });
    assert.equal(answer.body.code, 17);
  });
});

describe('a body', () => {
  const kBad = ['', '[]', 'null', '{', '{"users":null}', '{"users":{}}', '{"users":[{"id":5}]}', '{"users":[{}]}', '"users"'];
  for (const body of kBad) {
    it(`of ${JSON.stringify(body)} is 400 with 4 on PATCH users`, async () => {
      const answer = await call(server, 'PATCH', '/api/v2/users', { body });
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.equal(answer.body.code, 4);
      assert.match(answer.body.message, /^UpdateUsersPartial failed with error: "/);
    });
  }

  it('over 5 MB is 413 with 22', async () => {
    const answer = await call(server, 'POST', '/api/v2/users', { body: `{"x":"${'y'.repeat(5 * 1024 * 1024)}"}` });
    assert.equal(answer.status, 413);
    assert.equal(answer.body.code, 22);
  });
});
