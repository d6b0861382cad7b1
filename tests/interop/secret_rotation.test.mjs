// Secrets rotated while clients go on: both verify, the older one retires, and what rests on it ends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { call, createUsers } from './support/http.mjs';
import { chatClient, chatServer, nodeServer, withConnection } from './support/sdk.mjs';
import { makeDataDirectory, runProgram, startProgram, startServer, within } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { serverToken, sign, userToken } from './support/tokens.mjs';

const kRequests = 10_000;
const kAtOnce = 16;
const kAddedAfter = 2_500; // requests
const kRetiredAfter = 6_000;
const kSockets = 10; // of each secret

/** The admin API, as the command line calls it. */
async function admin(server, method, path, body = {}) {
  const access = JSON.parse(readFileSync(join(server.data, 'admin.json')));
  const response = await fetch(`${server.adminUrl}/admin/v1/apps/${server.apiKey}${path}`, {
    method,
    headers: { Authorization: `Bearer ${access.credential}`, 'Content-Type': 'application/json' },
    body: method === 'GET' ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  assert(response.status < 300, `${method} ${path}: ${response.status} ${answer.message}`);
  return answer;
}

const addSecret = async (server) => (await admin(server, 'POST', '/secrets')).secret;
const retire = (server, id, body) => admin(server, 'POST', `/secrets/${id}/retire`, body);
const secretsOf = async (server) => (await admin(server, 'GET', '/secrets')).secrets;

/** The same server, as its App's backend knows it that has another secret. */
const withSecret = (server, secret) => ({ ...server, url: server.url, wsUrl: server.wsUrl, apiKey: server.apiKey, apiSecret: secret });

async function codeOf(server, token) {
  const { status, body } = await call(server, 'GET', '/api/v2/app', { token });
  return status === 200 ? 200 : body.code;
}

async function openSockets(server, secret, count) {
  const sockets = [];
  const token = userToken(withSecret(server, secret), 'john');
  for (let i = 0; i < count; i += 1) {
    const socket = await Socket.legacy(server, 'john', token);
    await socket.nextOf('health.check');
    sockets.push(socket);
  }
  return sockets;
}

async function assertAlive(socket) {
  socket.send([{ type: 'health.check' }]);
  await socket.nextOf('health.check');
}

describe('rotating a secret under load', () => {
  let server;
  before(async () => {
    server = await startServer();
    await createUsers(server, 'john');
  });
  after(() => server.stop());

  it(`of ${kRequests} requests fails none that should pass, and passes none that should fail`, async () => {
    const older = { token: userToken(server, 'john'), server: serverToken(server.apiSecret), failsFrom: Infinity, passesTo: Infinity };
    let newer = null;
    let added = null;
    let begun = 0;
    const wrong = [];
    const passed = { older: 0, newer: 0 };
    let refused = 0;

    // Time is counted in events: a request that began behind an answer has a higher number than it.
    let now = 0;
    async function ask(number) {
      const of = newer !== null && number % 2 === 0 ? newer : older;
      const token = number % 4 < 2 ? of.token : of.server;
      const began = (now += 1);
      const response = await fetch(`${server.url}/api/v2/app?api_key=${server.apiKey}`, {
        headers: { Authorization: token, 'stream-auth-type': 'jwt' },
      });
      const body = await response.json();
      const ended = (now += 1);
      const name = of === older ? 'older' : 'newer';
      if (response.status === 200) {
        passed[name] += 1;
        if (began > of.failsFrom) wrong.push(`${name} passed behind the retirement`);
      } else {
        refused += 1;
        if (ended < of.passesTo || body.code !== 43) wrong.push(`${name} was refused: ${body.code} ${body.message}`);
      }
    }
    async function rotate(at) {
      if (at === kAddedAfter) {
        added = await addSecret(server);
        newer = {
          token: userToken(withSecret(server, added.api_secret), 'john'),
          server: serverToken(added.api_secret),
          failsFrom: Infinity,
          passesTo: Infinity,
        };
      } else if (at === kRetiredAfter) {
        older.passesTo = now += 1; // from the call on it may be refused
        await retire(server, 1);
        older.failsFrom = now += 1; // and from the answer on it must
      }
    }
    async function work() {
      while (begun < kRequests) {
        const number = (begun += 1);
        if (number === kAddedAfter || number === kRetiredAfter) await rotate(number);
        await ask(number);
      }
    }
    await Promise.all(Array.from({ length: kAtOnce }, work));
    assert.deepEqual(wrong, []);
    assert(passed.older > kAddedAfter && passed.newer > (kRequests - kRetiredAfter) / 2 && refused > 1_000,
      `${JSON.stringify(passed)}, ${refused} refused`);

    const [second, first] = await secretsOf(server);
    assert.deepEqual([first.id, first.state, second.id, second.state], [1, 'retired', 2, 'live']);
    assert.equal(second.usage.tokens_seen, passed.newer);
    assert.equal(first.usage.tokens_seen, passed.older + refused + 1, 'and the call that made john');
  });
});

describe('retiring a secret', () => {
  let server;
  let added;
  let newer;
  before(async () => {
    server = await startServer();
    await createUsers(server, 'john');
    added = await addSecret(server);
    newer = withSecret(server, added.api_secret);
  });
  after(() => server.stop());

  it('lets both secrets work with the SDKs until then', async () => {
    for (const one of [server, newer]) {
      await chatServer(one).getAppSettings();
      await nodeServer(one).getApp();
      await withConnection(chatClient(server), { id: 'john' }, chatServer(one).createToken('john'), (me) => {
        assert.equal(me.me.id, 'john');
      });
    }
  });

  it('says first what it would end, and does nothing', async () => {
    const sockets = await openSockets(server, server.apiSecret, 3);
    const others = await openSockets(server, added.api_secret, 2);
    const answer = await retire(server, 1, { dry_run: true });
    assert.deepEqual(answer.ends, { users: 1, tokens: 1, connections: 3 });
    assert.equal(answer.dry_run, true);
    const secrets = await secretsOf(server);
    assert.deepEqual(secrets.map(({ id, state, usage }) => [id, state, usage.connections]), [[2, 'live', 2], [1, 'live', 3]]);
    for (const socket of [...sockets, ...others]) {
      await assertAlive(socket);
      await socket.close();
    }
  });

  it('ends the sockets that were opened with it, with 43, and no others', async () => {
    const ending = await openSockets(server, server.apiSecret, kSockets);
    const staying = await openSockets(server, added.api_secret, kSockets);
    const answer = await retire(server, 1);
    assert.equal(answer.secret.state, 'retired');
    assert.equal(answer.ends.connections, kSockets);
    assert.equal(await codeOf(server, userToken(server, 'john')), 43);
    assert.equal(await codeOf(server, serverToken(server.apiSecret)), 43);
    assert.equal(await codeOf(server, userToken(newer, 'john')), 200);
    for (const socket of ending) {
      assert.equal((await socket.nextOf('connection.error')).error.code, 43);
      assert.equal((await socket.closed()).code, 4001);
    }
    for (const socket of staying) {
      await assertAlive(socket);
      await socket.close();
    }
    await assert.rejects(chatServer(server).getAppSettings(), { code: 43 });
    await chatServer(newer).getAppSettings();
  });

  it('says of its tokens that their secret is retired', () => {
    const explained = runProgram(['token', 'explain', userToken(server, 'john'), '--data', server.data]);
    assert.equal(explained.status, 1);
    assert.match(explained.stdout, /retired/);
  });
});

describe('retiring a secret at a date', () => {
  it('ends its sockets when the date comes, and outlives a power cut', async () => {
    const data = makeDataDirectory();
    let server = await startServer({ data });
    await createUsers(server, 'john');
    const { api_secret: secret } = await addSecret(server);
    const ending = await openSockets(server, server.apiSecret, 3);
    const staying = await openSockets(server, secret, 3);
    const at = new Date(Date.now() + 1_500);
    const planned = await retire(server, 1, { at: at.toISOString() });
    assert.equal(planned.secret.state, 'retiring');
    const closes = ending.map(async (socket) => {
      const closed = await socket.closed(10_000);
      return { ...closed, at: Date.now() };
    });
    assert.equal(await codeOf(server, userToken(server, 'john')), 200);
    for (const closed of await Promise.all(closes)) {
      assert.equal(closed.code, 4001);
      assert(closed.at >= at.getTime() - 1, 'it ended before its date');
    }
    assert.equal(await codeOf(server, userToken(server, 'john')), 43);
    for (const socket of staying) {
      await assertAlive(socket);
      await socket.close();
    }
    await server.kill();
    server = await startServer({ data });
    assert.equal(await codeOf(server, userToken(server, 'john')), 43);
    assert.equal(await codeOf(server, userToken(withSecret(server, secret), 'john')), 200);
    await server.stop();
  });
});

describe('latchkey app rotate', () => {
  it('adds a secret, shows it once, and plans the end of the older one', async () => {
    const server = await startServer();
    const rotated = runProgram(['app', 'rotate', server.apiKey, '--retire-in', '24h', '--data', server.data, '--json']);
    assert.equal(rotated.status, 0, rotated.stderr);
    const { secret, retiring } = JSON.parse(rotated.stdout);
    assert.equal(secret.signs_new_tokens, true);
    assert.deepEqual(retiring.map(({ id, state }) => [id, state]), [[1, 'retiring']]);
    assert.equal(await codeOf(server, sign({ server: true }, secret.api_secret)), 200);
    assert.equal(await codeOf(server, serverToken(server.apiSecret)), 200);

    const minted = runProgram(['token', 'create', '--user', 'john', '--data', server.data]);
    assert.equal(minted.status, 0, minted.stderr);
    const retired = runProgram(['app', 'secret', 'retire', '1', '--data', server.data, '--json']);
    assert.equal(retired.status, 0, retired.stderr);
    assert.equal(await codeOf(server, minted.stdout.trim()), 200, 'minted with the secret that stays');
    assert.equal(await codeOf(server, serverToken(server.apiSecret)), 43);

    const refused = runProgram(['app', 'secret', 'retire', '2', '--data', server.data]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /last secret/);
    const listed = runProgram(['app', 'secret', 'list', '--data', server.data]);
    assert.equal(listed.status, 0, listed.stderr);
    assert(!listed.stdout.includes(secret.api_secret), 'a list shows no secret');
    assert(!server.log.includes(secret.api_secret), 'the secret is in the log');
    await server.stop();
  });

  it('--watch shows what the older one is used for until its date has come', async () => {
    const server = await startServer();
    await createUsers(server, 'john');
    const sockets = await openSockets(server, server.apiSecret, 2);
    const rotated = runProgram(['app', 'rotate', '--retire-in', '1s', '--watch', '--json', '--data', server.data]);
    assert.equal(rotated.status, 0, rotated.stderr);
    const [made, ...looks] = rotated.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(made.retiring[0].state, 'retiring');
    const [first] = looks[0].older;
    assert.deepEqual([first.id, first.state, first.usage.connections], [1, 'retiring', 2]);
    const [last] = looks.at(-1).older;
    assert.deepEqual([last.id, last.state], [1, 'retired']);
    for (const socket of sockets) assert.equal((await socket.closed()).code, 4001);
    await server.stop();
  });

  it('--watch ends when somebody retires the older one meanwhile', async () => {
    const server = await startServer();
    const rotating = startProgram(['app', 'rotate', '--watch', '--data', server.data]);
    const seen = [];
    const until = async (pattern) => {
      for (;;) {
        const { value, done } = await rotating.lines.next();
        assert(!done, `no line with ${pattern} in ${seen.join('\n')}`);
        seen.push(value);
        if (pattern.test(value)) return;
      }
    };
    await within(20_000, 'the first look', until(/^1 +live/));
    await retire(server, 1);
    await within(20_000, 'the last look', until(/^1 +retired/));
    assert.equal(await within(20_000, 'the end', rotating.ended), 0);
    await server.stop();
  });

  it('takes a planned retirement back', async () => {
    const server = await startServer();
    const access = ['--data', server.data];
    assert.equal(runProgram(['app', 'rotate', '--retire-in', '1h', ...access]).status, 0);
    const undone = runProgram(['app', 'secret', 'unretire', '1', ...access]);
    assert.equal(undone.status, 0, undone.stderr);
    const secrets = await secretsOf(server);
    assert.deepEqual(secrets.map(({ id, state, retires_at }) => [id, state, retires_at]), [[2, 'live', null], [1, 'live', null]]);
    await server.stop();
  });

  it('works on the store where no server runs', async () => {
    const server = await startServer();
    await server.stop();
    const rotated = runProgram(['app', 'rotate', '--data', server.data]);
    assert.equal(rotated.status, 0, rotated.stderr);
    assert.match(rotated.stdout, /api_secret +\S{64}/);
    assert.match(rotated.stdout, /latchkey app secret retire 1/);
  });
});
