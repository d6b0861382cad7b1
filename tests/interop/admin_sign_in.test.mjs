// Signing in to the admin listener, and what must not get anybody in.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { callAdmin, cookieOf, kPassword, setUpCode, signIn, trySignIn } from './support/admin.mjs';
import { makeDataDirectory, runProgram, startServer } from './support/server.mjs';

/** Makes an account by the command line. */
function makeAccount(data, name, role, password = kPassword) {
  const made = runProgram(['admin', 'create', name, '--role', role, '--data', data, '--json'], { input: `${password}\n` });
  assert.equal(made.status, 0, made.stderr);
  return JSON.parse(made.stdout);
}

const owner = { name: 'ann', password: kPassword };

describe('the first account', () => {
  let server;
  let code;
  before(async () => {
    server = await startServer({ args: ['--show-secret'] });
    code = await setUpCode(server);
  });
  after(() => server.stop());

  it('is made with a code that the server prints in a link', async () => {
    assert.match(code, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
    assert.equal((await callAdmin(server, 'GET', 'session')).body.state, 'setup');
    const wrong = await callAdmin(server, 'POST', 'setup', { body: { ...owner, code: '0000-0000-0000-0000' } });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.body.code, 5);
    const made = await callAdmin(server, 'POST', 'setup', { body: { ...owner, code } });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.body.account.role, 'owner');
    const session = await callAdmin(server, 'GET', 'session', { cookie: cookieOf(made) });
    assert.equal(session.body.state, 'signed_in');
    assert.deepEqual(session.body.account, made.body.account);
  });

  it('is made once', async () => {
    const again = await callAdmin(server, 'POST', 'setup', { body: { name: 'eve', password: kPassword, code } });
    assert.equal(again.status, 403);
    assert.equal(again.body.code, 17);
    assert.equal((await callAdmin(server, 'GET', 'session')).body.state, 'signed_out');
  });

  it('leaves no password, no hash and no session in the log', async () => {
    const cookie = await signIn(server, 'ann');
    assert(!server.log.includes(kPassword));
    assert(!server.log.includes('argon2'));
    assert(!server.log.includes(cookie.split('=')[1]));
  });
});

describe('without a terminal', () => {
  it('no code is printed, and the command line makes the first account', async () => {
    const server = await startServer();
    await server.printed(/Stop it with Ctrl-C/); // the last line of what it says at its start
    assert(!server.log.includes('set-up code'));
    makeAccount(server.data, 'ann', 'owner');
    assert.equal((await callAdmin(server, 'GET', 'session')).body.state, 'signed_out');
    await signIn(server, 'ann');
    await server.stop();
  });
});

describe('a session', () => {
  let server;
  before(async () => {
    server = await startServer();
    for (const role of ['owner', 'operator', 'viewer']) makeAccount(server.data, role, role);
  });
  after(() => server.stop());

  it('is known by a cookie that neither scripts nor other sites get', async () => {
    const [line] = (await trySignIn(server, 'viewer')).headers['set-cookie'];
    assert.match(line, /^latchkey-session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const tls = await trySignIn(server, 'viewer', kPassword, { headers: { 'X-Forwarded-Proto': 'https' } });
    assert.match(tls.headers['set-cookie'][0], /^__Host-latchkey-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    assert.equal(tls.headers['cache-control'], 'no-store');
  });

  it('never takes on an id that the browser brings', async () => {
    const planted = `latchkey-session=${'A'.repeat(43)}`;
    const cookie = await signIn(server, 'viewer', { cookie: planted });
    assert.notEqual(cookie, planted);
    assert.equal((await callAdmin(server, 'GET', 'apps', { cookie: planted })).status, 401);
    const next = await signIn(server, 'viewer', { cookie });
    assert.notEqual(next, cookie);
    assert.equal((await callAdmin(server, 'GET', 'apps', { cookie })).status, 401, 'the one before has ended');
    assert.equal((await callAdmin(server, 'GET', 'apps', { cookie: next })).status, 200);
  });

  it('ends when its account signs out, gets another role, or goes', async () => {
    const ofOwner = await signIn(server, 'owner');
    const { id } = makeAccount(server.data, 'gone', 'viewer');
    const isOpen = async (cookie) => (await callAdmin(server, 'GET', 'apps', { cookie })).status === 200;
    const acts = [
      (cookie) => callAdmin(server, 'DELETE', 'session', { cookie }),
      () => callAdmin(server, 'PATCH', `accounts/${id}`, { cookie: ofOwner, body: { role: 'operator', your_password: kPassword } }),
      () => callAdmin(server, 'DELETE', `accounts/${id}`, { cookie: ofOwner }),
    ];
    for (const act of acts) {
      const cookie = await signIn(server, 'gone');
      assert(await isOpen(cookie));
      assert.equal((await act(cookie)).status, 200);
      assert(!await isOpen(cookie));
    }
    assert(await isOpen(ofOwner));
  });

  it('is no way in for pages of other sites', async () => {
    const cookie = await signIn(server, 'owner');
    const create = (headers, body = { name: 'By another site' }) =>
      callAdmin(server, 'POST', 'apps', { cookie, body, headers });
    const own = new URL(server.adminUrl).origin;
    const refused = [
      [403, { Origin: 'https://evil.example' }],
      [403, { Origin: 'null' }],
      [403, { 'Sec-Fetch-Site': 'cross-site' }],
      [403, { Origin: own, 'Sec-Fetch-Site': 'same-site' }],
      [415, { 'Content-Type': 'text/plain' }],
      [415, { 'Content-Type': null }],
      [415, { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ];
    for (const [status, headers] of refused) {
      assert.equal((await create(headers)).status, status, JSON.stringify(headers));
    }
    const { apps } = (await callAdmin(server, 'GET', 'apps', { cookie })).body;
    assert(!apps.some(({ name }) => name === 'By another site'));
    assert.equal((await create({ Origin: own, 'Sec-Fetch-Site': 'same-origin' }, { name: 'By hand' })).status, 201);
    const read = await callAdmin(server, 'GET', 'apps', { cookie, headers: { Origin: 'https://evil.example' } });
    assert.equal(read.status, 403);
    assert.equal(read.headers['access-control-allow-origin'], undefined);
  });

  it('is no way in for a site whose name leads to the listener', async () => {
    const cookie = await signIn(server, 'owner');
    const { port } = new URL(server.adminUrl);
    const asPageOf = (host) => ({ Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' });
    const create = (host) =>
      callAdmin(server, 'POST', 'apps', { cookie, body: { name: 'By a page' }, headers: asPageOf(host) });
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`]) {
      const refused = await create(host);
      assert.equal(refused.status, 403, host);
      assert.equal(refused.body.code, 17);
      assert.match(refused.body.message, /admin-hosts/);
      assert.equal((await callAdmin(server, 'GET', 'session', { headers: { Host: host } })).status, 403);
    }
    assert.equal((await create(`localhost:${port}`)).status, 201);
  });

  it('is reached too by the names that the server is told it has', async () => {
    const named = await startServer({ args: ['--admin-hosts', 'admin.example.com'] });
    const ask = async (host) => (await callAdmin(named, 'GET', 'session', { headers: { Host: host } })).status;
    assert.equal(await ask('admin.example.com'), 200);
    assert.equal(await ask('admin.example.com:8443'), 200);
    assert.equal(await ask('other.example.com'), 403);
    await named.stop();
  });

  it('lets its account do what its role may', async () => {
    const key = server.apiKey;
    const routes = [
      ['viewer', 'GET', 'session'],
      ['viewer', 'GET', 'apps'],
      ['viewer', 'GET', `apps/${key}`],
      ['viewer', 'POST', 'tokens/check', {}],
      ['viewer', 'POST', 'tokens/explain', {}],
      ['viewer', 'POST', 'session/password', {}],
      ['operator', 'PATCH', `apps/${key}`, {}],
      ['operator', 'POST', `apps/${key}/tokens`, {}],
      ['operator', 'POST', `apps/${key}/revoke`, { dry_run: true }],
      ['operator', 'POST', `apps/${key}/unrevoke`, { dry_run: true }],
      ['operator', 'POST', `apps/${key}/users/revoke`, {}],
      ['operator', 'POST', `apps/${key}/users/unrevoke`, {}],
      ['owner', 'POST', 'apps', {}],
      ['owner', 'PATCH', `apps/${key}`, { mode: 'production' }],
      ['owner', 'GET', 'accounts'],
      ['owner', 'POST', 'accounts', {}],
      ['owner', 'PATCH', 'accounts/999', {}],
      ['owner', 'DELETE', 'accounts/999', {}],
    ];
    const ranks = ['viewer', 'operator', 'owner'];
    for (const role of ranks) {
      const cookie = await signIn(server, role);
      for (const [needed, method, path, body] of routes) {
        const answer = await callAdmin(server, method, path, { cookie, body });
        const may = ranks.indexOf(role) >= ranks.indexOf(needed);
        assert.equal(answer.status === 403, !may, `${role}: ${method} ${path} ${answer.status}`);
        if (!may) assert.equal(answer.body.code, 17);
      }
    }
    for (const [, method, path, body] of routes.slice(1)) {
      assert.equal((await callAdmin(server, method, path, { body })).status, 401, `nobody: ${method} ${path}`);
    }
  });
});

describe('guessing', () => {
  let server;
  before(async () => {
    server = await startServer();
    makeAccount(server.data, 'ann', 'owner');
  });
  after(() => server.stop());

  it('learns nothing from the answer', async () => {
    const unknown = await trySignIn(server, 'nobody', kPassword, { from: '192.0.2.1' });
    const wrong = await trySignIn(server, 'ann', 'wrong horse battery', { from: '192.0.2.1' });
    assert.deepEqual([unknown.status, unknown.body.code], [401, 5]);
    assert.deepEqual([wrong.status, wrong.body.code, wrong.body.message], [401, 5, unknown.body.message]);
  });

  it('gets ten thousand tries nowhere, and does not lock the owner out', async () => {
    const kTries = 10_000;
    const counts = {};
    let next = 0;
    const guess = async () => {
      while (next < kTries) {
        const answer = await trySignIn(server, 'ann', `wrong horse ${next++}`, { from: '192.0.2.2' });
        counts[answer.status] = (counts[answer.status] ?? 0) + 1;
        if (answer.status === 429) assert(Number(answer.headers['retry-after']) >= 1);
      }
    };
    await Promise.all(Array.from({ length: 8 }, guess));
    assert.deepEqual(Object.keys(counts).sort(), ['401', '429']);
    assert.equal(counts[401] + counts[429], kTries);
    // Five before the first wait, which doubles each time: how many follow depends on how long this took.
    assert(counts[401] >= 5 && counts[401] <= 16, `${counts[401]} tries were let through`);
    assert.equal((await trySignIn(server, 'ann', kPassword, { from: '192.0.2.2' })).status, 429);
    await signIn(server, 'ann', { from: '192.0.2.3' });
  });

  it('does not fill the audit log, nor stop the command line', async () => {
    writeFileSync(join(server.data, 'password'), 'another horse battery\n');
    const reset = runProgram(['admin', 'reset-password', 'ANN', '--data', server.data,
      '--password-file', join(server.data, 'password')]);
    assert.equal(reset.status, 0, reset.stderr);
    // A new password forgets what was tried with the old one.
    assert.equal((await trySignIn(server, 'ann', 'another horse battery', { from: '192.0.2.2' })).status, 201);
  });
});

describe('latchkey admin', () => {
  it('keeps accounts without a server as with one', async () => {
    const data = makeDataDirectory();
    assert.equal(makeAccount(data, 'ann', 'owner').id, 1);
    assert.equal(makeAccount(data, 'bob', 'viewer').role, 'viewer');
    const server = await startServer({ data });
    await signIn(server, 'bob');
    await server.stop();
    const list = () => JSON.parse(runProgram(['admin', 'list', '--data', data, '--json']).stdout).map(({ name }) => name);
    assert.deepEqual(list(), ['ann', 'bob']);
    assert.equal(runProgram(['admin', 'remove', 'bob', '--data', data]).status, 0);
    assert.deepEqual(list(), ['ann']);
    const last = runProgram(['admin', 'remove', 'ann', '--data', data]);
    assert.equal(last.status, 1);
    assert.match(last.stderr, /last owner/);
  });

  it('refuses passwords and names that cannot be', () => {
    const data = makeDataDirectory();
    const create = (name, input) => runProgram(['admin', 'create', name, '--data', data], { input });
    for (const [name, input] of [['ann', ''], ['ann', 'ninebytes\n'], ['a b', `${kPassword}\n`], ['ann@example.com', 'Ann@Example.com\n']]) {
      assert.equal(create(name, input).status, 1, `${name} ${input}`);
    }
    assert.equal(create('ann', 'ten bytes!\n').status, 0);
    assert.equal(create('ANN', `${kPassword}\n`).status, 1, 'the name is taken');
    assert.equal(runProgram(['admin', 'create', 'bob', '--password', kPassword, '--data', data]).status, 2);
  });
});
