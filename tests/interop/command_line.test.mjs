// The program from a shell: first starts, second starts, and mistakes.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { makeDataDirectory, runProgram, startServer } from './support/server.mjs';
import { nowSeconds, sign } from './support/tokens.mjs';

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

  it('list shows no secret', async () => {
    const server = await startServer();
    const listed = runProgram(['app', 'list', '--data', server.data, '--json']);
    assert.equal(listed.status, 0, listed.stderr);
    assert(!listed.stdout.includes(server.apiSecret));
    await server.stop();
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
