// What operators see and do by the admin API, and what it says of itself. Each answer is held against
// src/api/openapi/admin.json by `callAdmin`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import WebSocket from 'ws';

import { callAdmin, cookieOf, kPassword, setUpCode } from './support/admin.mjs';
import { call, createUsers } from './support/http.mjs';
import { assertAdminFrameDescribed, Checker, kAdminDocument } from './support/openapi.mjs';
import { startServer, within } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { userToken } from './support/tokens.mjs';

const kFramesMax = 5_000; // ms for two of them, a second apart

let server;
let credential;
before(async () => {
  server = await startServer({ args: ['--show-secret'] });
  credential = JSON.parse(readFileSync(join(server.data, 'admin.json'), 'utf8')).credential;
  await createUsers(server, 'anna', 'anton', 'bert', 'carl@example');
});
after(() => server.stop());

/** A call with the command line's credential; `shown`: another one, null for none. */
function ask(method, path, body, { shown = credential, headers = {} } = {}) {
  const authorization = shown === null ? {} : { Authorization: `Bearer ${shown}` };
  return callAdmin(server, method, path, { body, headers: { ...authorization, ...headers } });
}

async function listed(query) {
  const { body } = await ask('GET', `apps/${server.apiKey}/users?${query}`);
  return body.users.map(({ id }) => id);
}

/** The first frames of the live socket, as they come. */
async function watchLive(count) {
  const socket = new WebSocket(`${server.adminUrl.replace('http', 'ws')}/admin/v1/live`, {
    headers: { Authorization: `Bearer ${credential}` },
  });
  const frames = [];
  await within(kFramesMax, 'the live figures', new Promise((done, fail) => {
    socket.on('error', fail);
    socket.on('message', (data) => {
      frames.push(JSON.parse(data.toString()));
      if (frames.length === count) done();
    });
  }));
  socket.terminate();
  return frames;
}

describe('admin.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(kAdminDocument));
    assert(valid, JSON.stringify(errors));
    assert.equal(validator.version, '3.1');
  });

  it('has schemas that compile in strict mode, and reaches every part of it', () => {
    new Checker(kAdminDocument).compileAll();
    const text = JSON.stringify(kAdminDocument);
    for (const kind of ['parameters', 'responses', 'schemas']) {
      for (const name of Object.keys(kAdminDocument.components[kind])) {
        assert(text.includes(`"#/components/${kind}/${name}"`), `${name} of ${kind} is used by nothing`);
      }
    }
  });

  it('is served to everybody, and not sent twice; nothing else is', async () => {
    const answer = await ask('GET', 'openapi.json', undefined, { shown: null });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, kAdminDocument);
    const again = await ask('GET', 'openapi.json', undefined, { shown: null, headers: { 'If-None-Match': answer.headers.etag } });
    assert.equal(again.status, 304);
    const head = await ask('HEAD', 'openapi.json', undefined, { shown: null });
    assert.equal(head.status, 200);
    assert.equal(head.headers['content-length'], answer.headers['content-length']);
    for (const shown of [null, 'another', `${credential}x`]) {
      const refused = await ask('GET', 'apps', undefined, { shown });
      assert.equal(refused.status, 401);
      assert.equal(refused.headers['www-authenticate'], 'Bearer');
      assert.equal(refused.headers['cache-control'], 'no-store');
    }
  });

  it('describes each success that there is, as it is', async () => {
    const seen = new Set();
    const note = (method, path, status) => {
      seen.add(`${new Checker(kAdminDocument).findOperation(method, `/${path}`).operationId} ${status}`);
    };
    const act = async (method, path, { body = method === 'GET' ? undefined : {}, cookie, headers = {} } = {}) => {
      const shown = cookie ? {} : { Authorization: `Bearer ${credential}` };
      const answer = await callAdmin(server, method, path, { body, cookie, headers: { ...shown, ...headers } });
      assert(answer.status < 400, `${method} ${path}: ${answer.status} ${answer.body.message}`);
      note(method, path, answer.status);
      return answer;
    };

    // Whoever signs in.
    const made = await act('POST', 'setup', { body: { code: await setUpCode(server), name: 'olga', password: kPassword } });
    await act('GET', 'session', { cookie: cookieOf(made) });
    await act('POST', 'session/password', { cookie: cookieOf(made), body: { current: kPassword, new: 'another password' } });
    const again = await act('POST', 'session', { body: { name: 'olga', password: 'another password' }, headers: { Authorization: null } });
    await act('DELETE', 'session', { cookie: cookieOf(again) });
    await act('GET', 'session', { headers: { Authorization: null } });

    const { body: { account } } = await act('POST', 'accounts', { body: { name: 'vera', role: 'viewer', oidc_subject: 'v' } });
    await act('PATCH', `accounts/${account.id}`, { body: { disabled: true } });
    await act('GET', 'accounts');
    await act('DELETE', `accounts/${account.id}`);

    const { body: { app } } = await act('POST', 'apps', { body: { name: 'Short lived', mode: 'development' } });
    const path = `apps/${app.api_key}`;
    await act('GET', 'apps');
    await act('GET', path);
    await act('PATCH', path, { body: { name: 'Shorter lived', suspended: false } });

    await act('POST', `${path}/users`, { body: { id: 'ann', name: 'Ann' } });
    await act('GET', `${path}/users?search=a&state=active&role=user&limit=1`);
    for (const what of ['revoke', 'unrevoke', 'deactivate', 'reactivate']) {
      await act('POST', `${path}/users/${what}`, { body: { user_ids: ['ann'] } });
    }
    await act('POST', `${path}/revoke`, { body: { before: '2026-01-01T00:00:00Z' } });
    await act('POST', `${path}/users/revoke`, { body: { user_ids: ['ann'], before: '2026-01-01T00:00:00Z' } });
    await act('GET', `${path}/revocations?limit=1`);
    await act('GET', `${path}/users/ann`);

    const { body: { token } } = await act('POST', `${path}/tokens`, { body: { user_id: 'ann' } });
    await act('POST', 'tokens/check', { body: { api_key: app.api_key, token } });
    for (const shown of [token, `${token}x`, 'a.b', '']) {
      await act('POST', 'tokens/explain', { body: { api_key: app.api_key, token: shown, now: '2030-01-01T00:00:00Z' } });
    }
    const connection = await Socket.legacy({ wsUrl: server.wsUrl, apiKey: app.api_key }, 'ann', token);
    await connection.nextOf('health.check');
    await act('GET', `${path}/connections?user_id=ann&limit=1`);
    await act('GET', `${path}/overview`);
    const frames = await watchLive(2);
    frames.forEach((frame, at) => assertAdminFrameDescribed('/live', at === 0, frame));
    note('GET', 'live', 101);
    await connection.close();
    await act('POST', `${path}/unrevoke`);

    const { body: { secret } } = await act('POST', `${path}/secrets`);
    await act('GET', `${path}/secrets`);
    await act('POST', `${path}/secrets/${secret.id}/reveal`);
    await act('POST', `${path}/secrets/${secret.id}/retire`, { body: { at: '2999-01-01T00:00:00Z' } });
    await act('POST', `${path}/secrets/${secret.id}/unretire`);
    await act('DELETE', path, { body: { confirm: 'Shorter lived' } });

    await act('GET', 'audit?actor=olga&action=setup.done&limit=1');
    await act('GET', 'audit');
    await act('POST', 'audit/verify');
    await act('GET', 'doctor');
    await act('GET', 'server');
    await act('GET', 'openapi.json');
    await act('GET', 'openapi.json', { headers: { 'If-None-Match': '*' } });

    const described = Object.values(kAdminDocument.paths).flatMap(Object.values).flatMap(({ operationId, responses }) =>
      Object.keys(responses).filter((status) => Number(status) < 400).map((status) => `${operationId} ${status}`));
    // Those that lead by an identity provider want one: admin_oidc.test.mjs sees them.
    const elsewhere = ['BeginOidc 302', 'FinishOidc 200'];
    assert.deepEqual([...seen, ...elsewhere].sort(), described.sort());
  });
});

describe('the admin API', () => {
  it('says which methods a path has', async () => {
    const refused = await ask('PUT', 'apps', {});
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.allow, 'GET, HEAD, POST');
  });

  it('pages through users, and finds them by search and state', async () => {
    assert.deepEqual(await listed(''), ['anna', 'anton', 'bert', 'carl@example']);
    assert.deepEqual(await listed('search=AN'), ['anna', 'anton']);
    const first = await ask('GET', `apps/${server.apiKey}/users?limit=3`);
    assert.deepEqual(await listed(`limit=3&cursor=${first.body.next}`), ['carl@example']);
    assert.equal((await ask('GET', `apps/${server.apiKey}/users?limit=0`)).status, 400);
    const one = await ask('GET', `apps/${server.apiKey}/users/carl%40example`);
    assert.equal(one.body.user.id, 'carl@example');
    assert.equal((await ask('GET', `apps/${server.apiKey}/users/nobody`)).status, 404);
  });

  it('revokes and shows who did, and takes it back', async () => {
    const users = `apps/${server.apiKey}/users`;
    await ask('POST', `${users}/revoke`, { user_ids: ['anna'] });
    assert.deepEqual(await listed('state=revoked'), ['anna']);
    const { body } = await ask('GET', `apps/${server.apiKey}/revocations`);
    assert.deepEqual(body.users.map(({ user_id }) => user_id), ['anna']);
    assert.equal((await ask('GET', `${users}/anna`)).body.user.revocation.set_by, body.users[0].set_by);
    await ask('POST', `${users}/unrevoke`, { user_ids: ['anna'] });
    assert.deepEqual(await listed('state=revoked'), []);
  });

  it('deactivates, which refuses the user until it is taken back', async () => {
    const users = `apps/${server.apiKey}/users`;
    const token = userToken(server, 'bert');
    await ask('POST', `${users}/deactivate`, { user_ids: ['bert'], dry_run: true });
    assert.equal((await call(server, 'GET', '/app', { token })).status, 200);
    await ask('POST', `${users}/deactivate`, { user_ids: ['bert'] });
    assert.equal((await call(server, 'GET', '/app', { token })).status, 401);
    assert.deepEqual(await listed('state=deactivated'), ['bert']);
    await ask('POST', `${users}/reactivate`, { user_ids: ['bert'] });
    assert.equal((await call(server, 'GET', '/app', { token })).status, 200);
  });

  it('deletes an app where its name is given', async () => {
    const { body } = await ask('POST', 'apps', { name: 'Short lived' });
    const path = `apps/${body.app.api_key}`;
    assert.equal((await ask('DELETE', path, { confirm: 'short lived' })).status, 400);
    assert.equal((await ask('DELETE', path, { dry_run: true })).status, 200);
    assert.equal((await ask('GET', path)).status, 200);
    assert.equal((await ask('DELETE', path, { confirm: 'Short lived' })).status, 200);
    assert.equal((await ask('GET', path)).status, 404);
  });

  it('tells what the server is', async () => {
    const { body } = await ask('GET', 'server');
    assert.equal(body.public_url, server.url);
    assert.equal(`http://${body.admin_listen}`, server.adminUrl);
    assert.equal(body.apps, 1);
    assert.equal(body.ready, true);
  });
});
