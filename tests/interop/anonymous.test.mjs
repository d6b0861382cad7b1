// Users without a token.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { chatClient, feedsClient } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { userToken } from './support/tokens.mjs';

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
