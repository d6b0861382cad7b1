// Tokens made by each SDK and by other people's JWT libraries are accepted as they are.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { SignJWT } from 'jose';

import { call } from './support/http.mjs';
import { kRecordedSdks } from './support/recorded_sdks.mjs';
import { chatClient, chatServer, feedsClient, nodeServer, withConnection } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { kHour, nowSeconds, sign } from './support/tokens.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

/** Each way in which an integrator's backend makes a user's token. */
const kMints = {
  'stream-chat createToken': (id) => chatServer(server).createToken(id),
  'stream-chat createToken with exp': (id) => chatServer(server).createToken(id, nowSeconds() + kHour),
  'stream-chat createToken with exp and iat': (id) =>
    chatServer(server).createToken(id, nowSeconds() + kHour, nowSeconds()),
  'node-sdk generateUserToken': (id) => nodeServer(server).generateUserToken({ user_id: id }),
  'node-sdk generateUserToken with validity_in_seconds': (id) =>
    nodeServer(server).generateUserToken({ user_id: id, validity_in_seconds: 60 }),
  'node-sdk generatePermanentUserToken': (id) =>
    nodeServer(server).generatePermanentUserToken({ user_id: id }),
  'node-sdk createToken': (id) => nodeServer(server).createToken(id),
  'node-sdk generateCallToken': (id) =>
    nodeServer(server).generateCallToken({ user_id: id, call_cids: ['default:1', 'default:2'] }),
  'jsonwebtoken': (id) => sign({ user_id: id, iat: nowSeconds(), exp: nowSeconds() + kHour }, server.apiSecret),
  'jose': (id) =>
    new SignJWT({ user_id: id })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(server.apiSecret)),
  'thirty lines of nothing': (id) => {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ typ: 'JWT', alg: 'HS256' })}.${part({ user_id: id, exp: nowSeconds() + kHour })}`;
    return `${signed}.${createHmac('sha256', server.apiSecret).update(signed).digest('base64url')}`;
  },
};

describe('a user token', () => {
  for (const [maker, mint] of Object.entries(kMints)) {
    it(`made by ${maker} opens a stream-chat connection`, async () => {
      const client = chatClient(server);
      await withConnection(client, { id: 'john', name: 'John' }, await mint('john'), (connected) => {
        assert.equal(connected.me.id, 'john');
        assert.equal(connected.me.role, 'user');
        assert.equal(client.user.name, 'John');
      });
    });

    it(`made by ${maker} opens a feeds-client connection`, async () => {
      const client = feedsClient(server);
      await withConnection(client, { id: 'jane', name: 'Jane' }, await mint('jane'), () => {
        const { connected_user: me, is_ws_connection_healthy: healthy } = client.state.getLatestValue();
        assert.equal(me.id, 'jane');
        assert.equal(me.role, 'user');
        assert(me.created_at > 1.6e18, 'nanoseconds, which the SDK hands on as they are');
        assert.equal(healthy, true);
      });
    });

    it(`made by ${maker} calls the API in both styles`, async () => {
      const token = await mint('john');
      for (const path of ['/users', '/api/v2/users']) {
        const answer = await call(server, 'GET', path, { token, query: { payload: { filter_conditions: {} } } });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
      }
    });
  }

  it('of another user does not connect as this one', async () => {
    const client = chatClient(server);
    // stream-chat compares a static token's user itself, so a provider brings it to the server.
    await assert.rejects(
      withConnection(client, { id: 'john' }, async () => chatServer(server).createToken('jane'), () => {}),
      (error) => JSON.parse(error.message).code === 5,
    );
  });

  it('may be as old as it likes while it has no exp', async () => {
    const token = chatServer(server).createToken('john', undefined, 1);
    const answer = await call(server, 'GET', '/api/v2/app', { token });
    assert.equal(answer.status, 200);
  });

  it('may expire 56 years ahead, as one sample of the documentation makes it', async () => {
    const token = chatServer(server).createToken('john', 2 * nowSeconds(), nowSeconds());
    const answer = await call(server, 'GET', '/api/v2/app', { token });
    assert.equal(answer.status, 200);
  });

  it('with the longest user id connects, and one character more is refused', async () => {
    const longest = 'u'.repeat(255);
    const client = chatClient(server);
    await withConnection(client, { id: longest }, chatServer(server).createToken(longest), (connected) => {
      assert.equal(connected.me.id, longest);
    });
    const answer = await call(server, 'GET', '/api/v2/app', { token: chatServer(server).createToken(`${longest}u`) });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.code, 5);
  });
});

describe('a server token', () => {
  for (const [maker, sdk] of Object.entries(kRecordedSdks)) {
    it(`of the SDK ${maker} reads the whole app`, async () => {
      const { app } = await sdk.send(server, 'GET', '/app');
      assert.equal(app.disable_auth_checks, false);
    });
  }

  it('of stream-chat and of node-sdk reads the whole app', async () => {
    for (const { app } of [await chatServer(server).getAppSettings(), await nodeServer(server).getApp()]) {
      assert.equal(app.disable_auth_checks, false);
    }
  });

  it('does not come from a token whose user_id is misspelt', async () => {
    const token = sign({ userId: 'john' }, server.apiSecret);
    const answer = await call(server, 'GET', '/api/v2/app', { token });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.code, 5);
    assert.match(answer.body.message, /user_id/);
  });

  it('opens no connection', async () => {
    const client = chatClient(server);
    await assert.rejects(
      withConnection(client, { id: 'john' }, async () => sign({ server: true }, server.apiSecret), () => {}),
      (error) => JSON.parse(error.message).code === 5,
    );
  });
});

describe('the Bearer prefix', () => {
  it('is taken off where somebody sends it', async () => {
    const token = `Bearer ${chatServer(server).createToken('john')}`;
    const answer = await call(server, 'GET', '/api/v2/app', { token });
    assert.equal(answer.status, 200);
  });
});
