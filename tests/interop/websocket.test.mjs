// WebSocket conversations frame by frame, as every SDK's client relies on them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startServer } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { expiredUserToken, sign, userToken } from './support/tokens.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

const kRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

async function openV2(userId, { binary = false, userDetails = {} } = {}) {
  const socket = await Socket.v2(server);
  const message = JSON.stringify({ token: userToken(server, userId), user_details: { id: userId, ...userDetails } });
  socket.send(binary ? Buffer.from(message) : message, { binary });
  return socket;
}

describe('the first frame', () => {
  it('of a legacy connection has what Android, Swift and Flutter need', async () => {
    const socket = await Socket.legacy(server, 'john', userToken(server, 'john'), {
      json: { user_details: { id: 'john', name: 'John', color: 'blue' } },
    });
    const frame = await socket.next();
    assert.equal(frame.type, 'health.check');
    assert.match(frame.connection_id, /^.{1,36}$/);
    assert.equal(frame.cid, '*');
    assert.match(frame.created_at, kRfc3339);
    const { me } = frame;
    assert.equal(me.id, 'john');
    assert.equal(me.role, 'user');
    assert.equal(me.name, 'John');
    assert.equal(me.color, 'blue');
    assert.equal(me.custom, undefined);
    assert.match(me.created_at, kRfc3339);
    assert.match(me.updated_at, kRfc3339);
    for (const flag of ['banned', 'online', 'invisible']) assert.equal(typeof me[flag], 'boolean', flag);
    for (const list of ['teams', 'devices', 'mutes', 'channel_mutes']) assert(Array.isArray(me[list]), list);
    for (const count of ['unread_count', 'total_unread_count', 'unread_channels', 'unread_threads']) {
      assert.equal(typeof me[count], 'number', count);
    }
    assert.equal(me.language, '');
    await socket.close();
  });

  it('of a v2 connection has dates as integer nanoseconds and nested custom data', async () => {
    const socket = await openV2('jane', { userDetails: { name: 'Jane', custom: { color: 'red' } } });
    const frame = await socket.next();
    assert.equal(frame.type, 'connection.ok');
    assert.match(frame.connection_id, /^.{1,36}$/);
    assert(frame.created_at > 1.6e18, 'nanoseconds');
    assert.equal(frame.me.id, 'jane');
    assert.equal(frame.me.name, 'Jane');
    assert.deepEqual(frame.me.custom, { color: 'red' });
    assert(frame.me.created_at > 1.6e18, 'nanoseconds');
    await socket.close();
  });

  it('of a v2 connection comes after an auth message in a binary frame too', async () => {
    const socket = await openV2('swift', { binary: true });
    assert.equal((await socket.next()).type, 'connection.ok');
    await socket.close();
  });

  it('differs in its connection id from every other\'s', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 10 }, () => Socket.legacy(server, 'john', userToken(server, 'john'))));
    const ids = new Set();
    for (const socket of sockets) ids.add((await socket.next()).connection_id);
    assert.equal(ids.size, sockets.length);
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  it('comes where the credentials are in headers, as Chat Swift sends them', async () => {
    const json = encodeURIComponent(JSON.stringify({ user_id: 'swift', user_details: { id: 'swift' } }));
    const socket = await Socket.open(server, `/connect?api_key=${server.apiKey}&json=${json}`, {
      headers: {
        Authorization: userToken(server, 'swift'),
        'Stream-Auth-Type': 'jwt',
        'X-Stream-Client': 'stream-chat-swift-client-v5',
      },
    });
    assert.equal((await socket.next()).me.id, 'swift');
    await socket.close();
  });

  it('ignores reserved fields of user_details', async () => {
    const socket = await Socket.legacy(server, 'humble', userToken(server, 'humble'), {
      json: { user_details: { id: 'humble', role: 'admin', banned: true, teams: ['red'], unread_count: 9, anon: true } },
    });
    const { me } = await socket.next();
    assert.equal(me.role, 'user');
    assert.equal(me.banned, false);
    assert.deepEqual(me.teams, []);
    assert.equal(me.unread_count, 0);
    await socket.close();
  });
});

describe('a health.check', () => {
  it('answers every legacy frame, whatever it holds', async () => {
    const socket = await Socket.legacy(server, 'john', userToken(server, 'john'));
    const { connection_id: id } = await socket.next();
    for (const frame of ['[{"type":"health.check","client_id":"john--1"}]', '{"type":"health.check"}', '', 'hello', '{']) {
      socket.send(frame);
      const answer = await socket.next();
      assert.equal(answer.type, 'health.check', JSON.stringify(frame));
      assert.equal(answer.connection_id, id);
      assert.equal(answer.cid, '*');
      assert.match(answer.created_at, kRfc3339);
      assert.equal(answer.me, undefined);
    }
    socket.send(Buffer.from([0, 255]), { binary: true });
    assert.equal((await socket.next()).type, 'health.check');
    await socket.close();
  });

  it('answers every v2 frame', async () => {
    const socket = await openV2('john');
    const { connection_id: id } = await socket.next();
    for (const frame of ['[{"type":"health.check","client_id":"john--1"}]', '', 'hello']) {
      socket.send(frame);
      const answer = await socket.next();
      assert.equal(answer.type, 'health.check');
      assert.equal(answer.connection_id, id);
      assert(answer.created_at > 1.6e18);
      assert.deepEqual(answer.custom, {});
    }
    await socket.close();
  });

  it('follows the pong after a ping', async () => {
    for (const socket of [await Socket.legacy(server, 'john', userToken(server, 'john')), await openV2('john')]) {
      await socket.next();
      socket.ping('abc');
      assert.deepEqual(await socket.next(), { pong: 'abc' });
      assert.equal((await socket.next()).type, 'health.check');
      await socket.close();
    }
  });
});

describe('a refused connection is upgraded, told why, and closed with 1000', () => {
  const kLegacy = [
    ['an expired token', 40, 401, () => expiredUserToken(server, 'john'), {}],
    ['a bad signature', 43, 401, () => sign({ user_id: 'john' }, 'another-secret-0123456789abcdefghijklmnop'), {}],
    ['no token', 5, 401, () => '', {}],
    ['a server token', 5, 401, () => sign({ server: true }, server.apiSecret), {}],
    ['another user\'s token', 5, 401, () => userToken(server, 'jane'), {}],
    ['an unknown API key', 2, 401, () => userToken(server, 'john'), { query: { api_key: 'nosuchkey' } }],
    ['an unknown auth type', 5, 401, () => userToken(server, 'john'), { query: { 'stream-auth-type': 'simple' } }],
    ['a payload that is no JSON', 4, 400, () => userToken(server, 'john'), { query: { json: '{' } }],
    ['a payload without user_details', 4, 400, () => userToken(server, 'john'), { query: { json: '{"user_id":"john"}' } }],
  ];
  for (const [what, code, status, token, options] of kLegacy) {
    it(`for ${what}`, async () => {
      const socket = await Socket.legacy(server, 'john', token(), options);
      const frame = await socket.next();
      assert.equal(frame.type, 'connection.error');
      assert.match(frame.created_at, kRfc3339);
      assert.equal(frame.error.code, code, JSON.stringify(frame));
      assert.equal(frame.error.StatusCode, status);
      assert.deepEqual(frame.error.details, []);
      assert.equal(typeof frame.error.message, 'string');
      const { code: closeCode, reason } = await socket.closed();
      assert.equal(closeCode, 1000);
      assert(reason.length > 0);
    });
  }

  it('without a type where the client did not name itself, as Unreal needs it', async () => {
    const json = encodeURIComponent('{"user_details":{"id":"john"}}');
    const socket = await Socket.open(server,
      `/connect?api_key=${server.apiKey}&stream-auth-type=jwt&authorization=${expiredUserToken(server, 'john')}&json=${json}`);
    const frame = await socket.next();
    assert.equal(frame.type, undefined);
    assert.equal(frame.error.code, 40);
    assert.equal((await socket.closed()).code, 1000);
  });

  const kV2 = [
    ['an expired token', 40, () => ({ token: expiredUserToken(server, 'john'), user_details: { id: 'john' } })],
    ['another user\'s token', 5, () => ({ token: userToken(server, 'jane'), user_details: { id: 'john' } })],
    ['no token', 5, () => ({ user_details: { id: 'john' } })],
    ['JSON that is no auth message', 4, () => [1, 2, 3]],
    ['text that is no JSON', 4, () => 'hello'],
  ];
  for (const [what, code, message] of kV2) {
    it(`on v2 for ${what}`, async () => {
      const socket = await Socket.v2(server);
      socket.send(message());
      const frame = await socket.next();
      assert.equal(frame.type, 'connection.error');
      assert(frame.created_at > 1.6e18, 'nanoseconds');
      assert.equal(frame.error.code, code, JSON.stringify(frame));
      assert.equal((await socket.closed()).code, 1000);
    });
  }
});

describe('an upgrade', () => {
  it('echoes the subprotocol that Unreal asks for, or leaves it out', async () => {
    const socket = await Socket.legacy(server, 'john', userToken(server, 'john'), { protocols: ['wss'] });
    assert.equal((await socket.next()).type, 'health.check');
    assert.equal(socket.protocol, 'wss');
    await socket.close();
  });

  it('to a path that is no WebSocket is not made', async () => {
    await assert.rejects(Socket.open(server, '/api/v2/nothing'), /answered 4\d\d/);
  });
});

describe('a server that stops', () => {
  it('closes its connections so that clients come back', async () => {
    const other = await startServer();
    const socket = await Socket.legacy(other, 'john', userToken(other, 'john'));
    await socket.next();
    const [{ code }] = await Promise.all([socket.closed(10_000), other.stop()]);
    assert.notEqual(code, 1000);
  });
});
