// Users without a token, and tokens without a signature.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { chatClient, chatServer, feedsClient, withConnection } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { sign, userToken } from './support/tokens.mjs';

let server;
before(async () => { server = await startServer({ mode: 'development' }); });
after(() => server.stop());

describe('an anonymous user', () => {
  it('connects with stream-chat and is !anon, whatever id was sent', async () => {
    const client = chatClient(server);
    try {
      const connected = await client.connectAnonymousUser();
      assert.equal(connected.me.id, '!anon');
      assert.equal(connected.me.role, 'anonymous');
      assert.equal(typeof connected.connection_id, 'string');
    } finally {
      await client.disconnectUser();
    }
  });

  it('reads the app with feeds-client', async () => {
    const client = feedsClient(server);
    await client.connectAnonymous();
    const { app } = await client.getApp();
    assert.equal(typeof app.name, 'string');
    await client.disconnectUser();
  });

  it('may send an empty Authorization', async () => {
    const answer = await call(server, 'GET', '/api/v2/app', { token: '', authType: 'anonymous' });
    assert.equal(answer.status, 200);
  });

  it('may not carry somebody\'s token', async () => {
    const answer = await call(server, 'GET', '/api/v2/app', { token: userToken(server, 'john'), authType: 'anonymous' });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.code, 5);
  });

  it('may write nothing', async () => {
    const answer = await call(server, 'POST', '/api/v2/users', {
      token: null, authType: 'anonymous', body: { users: { '!anon': { id: '!anon' } } },
    });
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 17);
  });
});

describe('a developer token', () => {
  it('is refused with 43 while auth checks are on', async () => {
    const client = chatClient(server);
    await assert.rejects(
      withConnection(client, { id: 'john' }, client.devToken('john'), () => {}),
      (error) => JSON.parse(error.message).code === 43,
    );
  });

  describe('while auth checks are off', () => {
    before(() => chatServer(server).updateAppSettings({ disable_auth_checks: true }));
    after(() => chatServer(server).updateAppSettings({ disable_auth_checks: false }));

    it('of stream-chat connects', async () => {
      const client = chatClient(server);
      await withConnection(client, { id: 'john' }, client.devToken('john'), (connected) => {
        assert.equal(connected.me.id, 'john');
      });
    });

    it('of feeds-client connects', async () => {
      const client = feedsClient(server);
      await withConnection(client, { id: 'jane' }, client.devToken('jane'), () => {
        assert.equal(client.state.getLatestValue().connected_user.id, 'jane');
      });
    });

    const kHeader = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';
    const kAccepted = {
      'with padding': `${kHeader}.${Buffer.from('{"user_id":"jo"}').toString('base64')}.devtoken`,
      'as Unity writes it': `${kHeader}.${Buffer.from('{"user_id":"jo"}').toString('base64url')}.devToken`,
      'with any third part': `${kHeader}.${Buffer.from('{"user_id":"jo"}').toString('base64url')}.handmade`,
    };
    for (const [how, token] of Object.entries(kAccepted)) {
      it(`${how} calls the API`, async () => {
        const answer = await call(server, 'GET', '/api/v2/app', { token });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
      });
    }

    it('never speaks for a server', async () => {
      const forged = [
        `${kHeader}.${Buffer.from('{"server":true}').toString('base64url')}.devtoken`,
        sign({ server: true }, 'another-secret-0123456789abcdefghijklmnop'),
      ];
      for (const token of forged) {
        const answer = await call(server, 'PATCH', '/api/v2/app', { token, body: { suspended: true } });
        assert.equal(answer.status, 401);
        assert.equal(answer.body.code, 43);
      }
    });

    it('is still demanded: no token is 5', async () => {
      const answer = await call(server, 'GET', '/api/v2/app', { token: null });
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, 5);
    });

    it('of a user whose id breaks its JSON is 5', async () => {
      const token = `${kHeader}.${Buffer.from('{"user_id":"jo"hn"}').toString('base64')}.devtoken`;
      const answer = await call(server, 'GET', '/api/v2/app', { token });
      assert.equal(answer.body.code, 5);
    });
  });

  it('is refused again once auth checks are back on', async () => {
    const answer = await call(server, 'GET', '/api/v2/app', { token: chatClient(server).devToken('john') });
    assert.equal(answer.body.code, 43);
  });
});
