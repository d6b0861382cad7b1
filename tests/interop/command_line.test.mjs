// The program from a shell: first starts, second starts, and mistakes.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { call, createUsers } from './support/http.mjs';
import { makeDataDirectory, runProgram, startServer } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { nowSeconds, serverToken, sign, userToken } from './support/tokens.mjs';

const kNoBootstrap = { LATCHKEY_API_KEY: undefined, LATCHKEY_API_SECRET: undefined, LATCHKEY_APP_MODE: undefined };

describe('a first start without settings', () => {
  it('creates one app in development mode with a key and a secret of its own', async () => {
    const data = makeDataDirectory();
    const server = await startServer({ data, env: kNoBootstrap });
    const listed = runProgram(['app', 'list', '--data', data, '--json']);
    assert.equal(listed.status, 0, listed.stderr);
    const apps = appsOf(listed.stdout);
    assert.equal(apps.length, 1);
    assert.match(apps[0].api_key, /^[a-z0-9]+$/);
    assert.equal(apps[0].mode, 'development');
    await server.stop();
    // Without a server the same command works on the store itself.
    const again = runProgram(['app', 'list', '--data', data, '--json']);
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(appsOf(again.stdout), apps);
  });

  it('keeps its files to its user', async () => {
    const data = makeDataDirectory();
    const server = await startServer({ data, env: kNoBootstrap });
    for (const name of readdirSync(data)) {
      const mode = statSync(join(data, name)).mode & 0o077;
      assert.equal(mode, 0, `${name} is open to others`);
    }
    await server.stop();
  });
});

/** `app list --json` is a list, or an object that holds it. */
function appsOf(stdout) {
  const printed = JSON.parse(stdout);
  return Array.isArray(printed) ? printed : printed.apps;
}

describe('latchkey app', () => {
  it('create makes an app that a running server knows at once', async () => {
    const server = await startServer();
    const created = runProgram(['app', 'create', 'Second', '--data', server.data, '--json', '--mode', 'production']);
    assert.equal(created.status, 0, created.stderr);
    const { api_key: apiKey, api_secret: secret } = JSON.parse(created.stdout);
    const answer = await call(server, 'GET', '/api/v2/app', { apiKey, token: sign({ server: true }, secret) });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.body.app.name, 'Second');
    await server.stop();
  });

  it('update refuses a setting that does not exist, with and without a server', async () => {
    const server = await startServer();
    const update = (...settings) => runProgram(['app', 'update', server.apiKey, ...settings, '--data', server.data]);
    const refuses = (when) => {
      const refused = update('--set', 'multi_tenant_enabled=true', '--set', 'nosuch=1');
      assert.equal(refused.status, 1, when);
      assert.match(refused.stderr, /no member nosuch/, when);
      const shown = runProgram(['app', 'show', server.apiKey, '--json', '--data', server.data]);
      assert.equal(JSON.parse(shown.stdout).settings.multi_tenant_enabled, false, when);
    };
    refuses('with a server');
    await server.stop();
    refuses('without a server');
    assert.equal(update('--set', 'multi_tenant_enabled=true').status, 0);
  });

  it('list shows no secret', async () => {
    const server = await startServer();
    const listed = runProgram(['app', 'list', '--data', server.data, '--json']);
    assert.equal(listed.status, 0, listed.stderr);
    assert(!listed.stdout.includes(server.apiSecret));
    await server.stop();
  });
});

describe('latchkey app delete', () => {
  it('wants the name of the app, and ends what it has', async () => {
    const server = await startServer();
    const access = ['--data', server.data];
    await createUsers(server, 'john');
    const socket = await Socket.legacy(server, 'john', userToken(server, 'john'));
    await socket.nextOf('health.check');
    const { name } = JSON.parse(runProgram(['app', 'show', server.apiKey, '--json', ...access]).stdout);

    assert.equal(runProgram(['app', 'delete', server.apiKey, ...access]).status, 2);
    const wrong = runProgram(['app', 'delete', server.apiKey, '--confirm', 'Another', ...access]);
    assert.equal(wrong.status, 1);
    const preview = runProgram(['app', 'delete', server.apiKey, '--dry-run', '--json', ...access]);
    assert.equal(preview.status, 0, preview.stderr);
    assert.deepEqual(JSON.parse(preview.stdout), { dry_run: true, users: 1, ends: { users: 1, tokens: 1, connections: 1 } });
    assert.equal((await call(server, 'GET', '/api/v2/app', { token: userToken(server, 'john') })).status, 200);

    const done = runProgram(['app', 'delete', server.apiKey, '--confirm', name, ...access]);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /ends 1 open connection of 1 user/);
    await socket.closed();
    const gone = await call(server, 'GET', '/api/v2/app', { token: userToken(server, 'john') });
    assert.deepEqual([gone.status, gone.body.code], [401, 2]);
    await server.stop();
  });
});

describe('latchkey user, connection and audit', () => {
  let server;
  const run = (...args) => {
    const result = runProgram([...args, '--data', server.data]);
    assert.equal(result.status, 0, result.stderr);
    return result.stdout;
  };
  const json = (...args) => JSON.parse(run(...args, '--json'));
  before(async () => {
    server = await startServer();
    await createUsers(server, 'john', 'jane');
  });
  after(() => server.stop());

  it('shows who is there, and who is connected now', async () => {
    const socket = await Socket.legacy(server, 'john', userToken(server, 'john'));
    await socket.nextOf('health.check');
    assert.deepEqual(json('user', 'list', server.apiKey, '--state', 'online').users.map(({ id }) => id), ['john']);
    assert.match(run('user', 'list', '--search', 'jo'), /^john +user +online/);
    const { user_id: userId, client } = json('connection', 'list', server.apiKey, '--user', 'john').connections[0];
    assert.equal(userId, 'john');
    assert.equal(typeof client, 'string');
    assert.equal(json('connection', 'list', '--user', 'jane').total, 0);
    assert.match(run('connection', 'list'), / john /);
    await socket.close();
  });

  it('deactivates a user, whose connection ends, and lets them in again', async () => {
    const token = userToken(server, 'john');
    const status = async () => (await call(server, 'GET', '/api/v2/app', { token })).status;
    const socket = await Socket.legacy(server, 'john', token);
    await socket.nextOf('health.check');
    assert.deepEqual(json('user', 'deactivate', 'john', '--dry-run').ends, { users: 1, tokens: 1, connections: 1 });
    assert.equal(await status(), 200);
    assert.match(run('user', 'deactivate', 'john'), /deactivated 1 user: john\nends 1 open connection/);
    await socket.closed();
    assert.equal(await status(), 401);
    assert.notEqual(json('user', 'show', 'john').deactivated_at, null);
    run('user', 'reactivate', 'john');
    assert.equal(await status(), 200);
    const refused = runProgram(['user', 'deactivate', 'jane', 'nobody', '--data', server.data]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /nobody/);
    assert.equal(json('user', 'show', 'jane').deactivated_at, null, 'all, or none');
  });

  it('tells who did so, and that nobody altered the log', () => {
    const [reactivated] = json('audit', 'list', '--app', server.apiKey, '--action', 'users.reactivate').entries;
    assert.deepEqual([reactivated.actor.kind, reactivated.target], ['local', 'john']);
    assert.match(run('audit', 'list', '--limit', '1'), /users\.reactivate +local/);
    assert.equal(json('audit', 'verify').verified, true);
    assert.match(run('audit', 'verify'), /^whole \(entries: \d+\)/);
  });

  it('gives a terminal nothing that it would obey', async () => {
    const name = 'a\u001b[31mb\u009bc\u202ed';
    const made = await call(server, 'POST', '/api/v2/users', {
      token: serverToken(server.apiSecret), body: { users: { evil: { id: 'evil', name } } },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    for (const shown of [run('user', 'list'), run('user', 'show', 'evil')]) {
      assert.match(shown, /a\?\[31mb\?c\?d/);
    }
    assert.equal(json('user', 'show', 'evil').name, name);
  });
});

describe('latchkey token', () => {
  it('create makes a token that the server takes', async () => {
    const server = await startServer();
    const created = runProgram(['token', 'create', '--user', 'john', '--expires-in', '1h', '--data', server.data]);
    assert.equal(created.status, 0, created.stderr);
    const token = created.stdout.trim();
    const answer = await call(server, 'GET', '/api/v2/app', { token });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    assert.equal(claims.user_id, 'john');
    assert(Math.abs(claims.exp - nowSeconds() - 3600) < 30);
    await server.stop();
  });

  it('check --batch answers one line for each line, whatever it holds', () => {
    const secret = 'batch-secret-0123456789abcdefghijklmnop';
    const app = { api_key: 'key', secrets: [secret], mode: 'production', disable_auth_checks: false, revoke_tokens_issued_before: null };
    const now = 1767225600;
    const lines = [
      JSON.stringify({ id: 1, token: sign({ user_id: 'john' }, secret), auth_type: 'jwt', api_key: 'key', now, app }),
      JSON.stringify({ id: 2, token: sign({ user_id: 'john', exp: now }, secret), auth_type: 'jwt', api_key: 'key', now, app }),
      JSON.stringify({ id: 3, token: sign({ server: true }, secret), auth_type: 'jwt', api_key: 'key', now, app }),
      JSON.stringify({ id: 4, token: 'x', auth_type: 'jwt', api_key: 'key', now }),
      '{"id": 5',
      '[]',
      '',
    ];
    const result = runProgram(['token', 'check', '--batch'], { input: `${lines.join('\n')}\n` });
    assert.equal(result.status, 0, result.stderr);
    const answers = result.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(answers.length, lines.length);
    const { verdict, kind, user_id: userId } = answers[0];
    assert.deepEqual({ verdict, kind, userId }, { verdict: 'accept', kind: 'user', userId: 'john' });
    assert.deepEqual([answers[1].verdict, answers[1].code], ['reject', 40]);
    assert.deepEqual([answers[2].verdict, answers[2].kind], ['accept', 'server']);
    assert.deepEqual([answers[3].id, answers[3].verdict, answers[3].code], [4, 'reject', 2]);
    for (const answer of answers.slice(4)) assert.equal(answer.verdict, 'reject');
  });
});

describe('a second server on the same data', () => {
  it('refuses to start and says why', async () => {
    const server = await startServer();
    const second = runProgram(['serve', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--data', server.data]);
    assert.equal(second.status, 1);
    assert.match(second.stderr + second.stdout, /(another|already|in use|locked|running)/i);
    assert.match(second.stderr + second.stdout, new RegExp(server.data));
    await server.stop();
  });

  it('with another secret for a known API key refuses to start', async () => {
    const server = await startServer();
    await server.stop();
    const env = {
      LATCHKEY_API_KEY: server.apiKey,
      LATCHKEY_API_SECRET: 'not-the-same-secret-0123456789abcdefghijkl',
      LATCHKEY_APP_MODE: 'production',
    };
    const second = runProgram(
      ['serve', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--data', server.data], { env });
    assert.equal(second.status, 1);
    assert.match(second.stderr + second.stdout, /secret/);
    assert(!(second.stderr + second.stdout).includes(env.LATCHKEY_API_SECRET));
  });
});

describe('wrong usage ends with status 2 and says what was meant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  after(() => rmSync(folder, { recursive: true }));

  const kWrong = [
    [['serve', '--lisen', '127.0.0.1:0'], /--listen/],
    [['serv'], /serve/],
    [['serve', '--listen', 'nonsense'], /listen/],
    [['app', 'create'], /name/i],
    [['token', 'create'], /--user/],
    [['user', 'lst'], /list/],
    [['user', 'deactivate'], /ID/],
    [['app', 'delete', 'key'], /--confirm/],
    [['audit', 'verfy'], /verify/],
  ];
  for (const [args, hint] of kWrong) {
    it(args.join(' '), () => {
      const result = runProgram(args, { cwd: folder });
      assert.equal(result.status, 2, result.stderr + result.stdout);
      assert.match(result.stderr + result.stdout, hint);
    });
  }

  it('for a short secret in the environment names the length', () => {
    const result = runProgram(
      ['serve', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--data', makeDataDirectory()],
      { env: { LATCHKEY_API_KEY: 'key1', LATCHKEY_API_SECRET: 'tiny-secret' } });
    assert.notEqual(result.status, 0);
    assert.match(result.stderr + result.stdout, /32/);
    assert(!(result.stderr + result.stdout).includes('tiny-secret'));
  });
});

describe('latchkey version', () => {
  it('prints its version', () => {
    const result = runProgram(['version']);
    assert.equal(result.status, 0);
    assert.match(result.stdout, /\d+\.\d+\.\d+/);
  });
});
