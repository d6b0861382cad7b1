// The examples of the C++ SDKs against the real program: a token provider, a client that outlives its tokens,
// and the backend that revokes them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { runExample, startExample } from './support/examples.mjs';
import { startServer } from './support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const backendEnvironment = () => ({
  STREAM_BASE_URL: server.url,
  STREAM_API_KEY: server.apiKey,
  STREAM_API_SECRET: server.apiSecret,
});

/** A provider whose tokens live that many seconds, and a client that it keeps connected. */
async function connect(userId, lifetime, { session = `session-of-${userId}` } = {}) {
  const provider = startExample('token_provider', ['0', String(lifetime)], backendEnvironment());
  const endpoint = await provider.line(/^http:/);
  const client = startExample('console_client', [server.url, server.apiKey, userId, endpoint], { SESSION: session });
  return {
    provider,
    client,
    async stop(signal) {
      const ended = await client.end(signal);
      assert.deepEqual(await provider.end('SIGTERM'), { status: null, signal: 'SIGTERM' });
      return ended;
    },
  };
}

function revoke(...args) {
  const { status, stdout, stderr } = runExample('revoke_user', args, backendEnvironment());
  assert.equal(status, 0, stderr);
  return stdout;
}

const assertNothingWasLost = (client) =>
  assert.deepEqual(client.lines.filter((line) => /failed|offline|not connected/.test(line)), []);

describe('the console client', () => {
  it('stays connected while its tokens expire, one after the other', async () => {
    const { client, stop } = await connect('john', 2);
    await client.line('connected as john');
    for (let expiry = 0; expiry < 2; ++expiry) {
      await client.line('asking for a token');
      await client.line('online');
      await client.line('call answered');
    }
    assertNothingWasLost(client);
    assert.deepEqual(await stop(), { status: 0, signal: null });
    assert.equal(client.lines.at(-1), 'offline');
  });

  it('stays connected when its tokens are revoked, and does not notice that it is undone', async () => {
    const { client, stop } = await connect('jane', 3600);
    await client.line('connected as jane');
    // Dates of issue are rounded up to the second: a second later, the token is older than the revocation.
    for (let calls = 0; calls < 3; ++calls) await client.line('call answered');
    assert.match(revoke('jane'), /^void are jane's tokens issued before \d{4}-/);
    await client.line('asking for a token');
    await client.line('online');
    await client.line('call answered');
    const asked = () => client.lines.filter((line) => line === 'asking for a token').length;
    const askedBefore = asked();
    assert.equal(revoke('--undo', 'jane'), 'what jane holds is good again\n');
    await client.line('call answered');
    await client.line('call answered');
    assert.equal(asked(), askedBefore);
    assertNothingWasLost(client);
    assert.deepEqual(await stop('SIGINT'), { status: 0, signal: null });
  });

  it('says why it is not connected: a session that nobody knows, and somebody else\'s', async () => {
    for (const [session, reason] of [['guessed', /^not connected: .*answered 401/], ['session-of-jane', /^not connected: /]]) {
      const { client, stop } = await connect('john', 60, { session });
      await client.line(reason);
      assert.deepEqual(await stop(), { status: 1, signal: null });
    }
  });
});

describe('the example revoke_user', () => {
  it('says what the server said of a user that it does not know', () => {
    const { status, stdout, stderr } = runExample('revoke_user', ['nobody'], backendEnvironment());
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /\(code \d+, HTTP 404, request .+\)\n$/);
  });
});
