// What the server says of itself: the document, and the check that holds everything else against it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';

import { call, createUsers } from './support/http.mjs';
import { Checker, kDocument } from './support/openapi.mjs';
import { startServer } from './support/server.mjs';
import { Socket } from './support/socket.mjs';
import { userToken } from './support/tokens.mjs';

const kSchema = (name) => ({ $ref: `#/components/schemas/${name}` });

let server;
before(async () => {
  server = await startServer();
  await createUsers(server, 'john', 'jane');
});
after(() => server.stop());

describe('openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(kDocument));
    assert(valid, JSON.stringify(errors));
    assert.equal(validator.version, '3.1');
  });

  it('has schemas that compile in strict mode, and reaches each of them', () => {
    const names = new Checker(kDocument).compileAll();
    const text = JSON.stringify(kDocument);
    for (const name of names) assert(text.includes(`"${kSchema(name).$ref}"`), `${name} is used by nothing`);
  });

  it('is served to anyone, and not sent twice', async () => {
    const response = await fetch(`${server.url}/openapi.json`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^application\/json/);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.deepEqual(await response.json(), kDocument);
    const again = await fetch(`${server.url}/openapi.json`, { headers: { 'If-None-Match': response.headers.get('etag') } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
    const head = await fetch(`${server.url}/openapi.json`, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), response.headers.get('content-length'));
  });

  it('names the headers of an answer of /authz/check', async () => {
    const { headers } = await call(server, 'GET', '/authz/check', { token: userToken(server, 'john') });
    const described = Object.keys(kDocument.components.responses.Authorized.headers).map((name) => name.toLowerCase());
    const sent = [...headers.keys()].filter((name) => name.startsWith('x-latchkey-'));
    assert.deepEqual(sent.filter((name) => !described.includes(name)), []);
    assert(sent.includes('x-latchkey-app') && sent.includes('x-latchkey-user'));
  });
});

/** `json` without one of its members, however deep `path` leads. */
function without(json, [key, ...rest]) {
  const copy = { ...json };
  if (rest.length > 0) copy[key] = without(copy[key], rest);
  else delete copy[key];
  return copy;
}

function withValue(json, [key, ...rest], value) {
  return { ...json, [key]: rest.length > 0 ? withValue(json[key], rest, value) : value };
}

/** The keys of `json` that may be left out, as far as its schema says. */
function optionalKeys(schema, json, path = []) {
  const checker = new Checker(kDocument);
  const part = path.reduce((value, key) => value[key], json);
  return Object.keys(part).filter((key) => checker.faults(schema, without(json, [...path, key])).length === 0);
}

/** One call of each operation in one style; a path may need what the calls before it were answered. */
const kCallsOfBoth = (style) => [
  ['GET', `${style}/app`],
  ['PATCH', `${style}/app`, { body: { cdn_expiration_seconds: 14400 } }],
  ['POST', `${style}/users`, { body: { users: { ann: { id: 'ann' }, ben: { id: 'ben' } } } }],
  ['PATCH', `${style}/users`, { body: { users: [{ id: 'ann', set: { name: 'Ann' } }] } }],
  ['GET', `${style}/users`, { query: { payload: { filter_conditions: {} } } }],
  ['POST', `${style}/guest`, { body: { user: { id: 'guest' } } }],
  ['POST', `${style}/users/ann/deactivate`, { body: {} }],
  ['POST', `${style}/users/ann/reactivate`, { body: {} }],
  ['POST', `${style}/users/deactivate`, { body: { user_ids: ['ann', 'ben'] } }],
  ['POST', `${style}/users/reactivate`, { body: { user_ids: ['ann', 'ben'] } }],
  ['GET', `${style}/users/ann/export`],
  ['POST', `${style}/users/delete`, { body: { user_ids: ['ann', 'ben'], user: 'soft' } }],
  ['GET', ({ body }) => `${style}/tasks/${body.task_id}`],
  ['POST', `${style}/users/restore`, { body: { user_ids: ['ann', 'ben'] } }],
  ['GET', `${style}/roles`],
  ['POST', `${style}/roles`, { body: { name: 'editor' } }],
  ['DELETE', `${style}/roles/editor`],
  ['GET', `${style}/rate_limits`],
  ['GET', `${style}/longpoll`, {
    token: userToken(server, 'ann'), query: { json: { user_id: 'ann', user_details: { id: 'ann' } } },
  }],
];
const kCallsOfOne = () => [
  ['DELETE', '/users/ben'],
  ['POST', '/sync', { body: { channel_cids: ['a:b'], last_sync_at: '2026-01-01T00:00:00Z' } }],
  ['POST', '/api/v2/chat/sync', { body: { channel_cids: ['a:b'], last_sync_at: '2026-01-01T00:00:00Z' } }],
  ['GET', '/authz/check'],
  ['GET', '/hi'],
  ['GET', '/health/live'],
  ['GET', '/health/ready'],
  ['GET', '/openapi.json'],
  ['GET', '/openapi.json', { headers: { 'If-None-Match': '*' } }],
];

describe('every operation', () => {
  it('gives each success that is described, as it is described', async () => {
    const checker = new Checker(kDocument);
    const described = Object.values(kDocument.paths).flatMap(Object.values).flatMap(({ operationId, responses }) =>
      Object.keys(responses).filter((status) => !status.endsWith('XX')).map((status) => `${operationId} ${status}`));

    const seen = [];
    let last;
    for (const [method, path, options] of [...kCallsOfBoth(''), ...kCallsOfBoth('/api/v2'), ...kCallsOfOne()]) {
      const target = typeof path === 'function' ? path(last) : path;
      last = await call(server, method, target, options); // which checks it
      seen.push(`${checker.findOperation(method, target).operationId} ${last.status}`);
    }
    for (const open of [Socket.legacy(server, 'jane', userToken(server, 'jane')), Socket.v2(server)]) {
      await (await open).close();
    }
    // Those of a token provider want one to be set up: token_provider.test.mjs sees them.
    const elsewhere = ['GetProviderToken 200', 'CreateProviderToken 200'];
    assert.deepEqual([...seen, ...elsewhere, 'Connect 101', 'ConnectV2 101'].sort(), described.sort());
  });
});

describe('the check of answers', () => {
  const checker = new Checker(kDocument);
  const query = { payload: { filter_conditions: { id: 'john' } } };
  const kOptionalOfUser = ['name'];

  /** A real answer; where the part is that the SDKs are strict about; what of it they can do without. */
  const kAnswers = [
    ['an app', 'GET', '/app', {}, 'AppResponseLegacy', ['app'], []],
    ['an app', 'GET', '/api/v2/app', {}, 'AppResponseV2', ['app'], []],
    ['the app of a client', 'GET', '/api/v2/app', { user: 'john' }, 'AppResponseV2', ['app'], []],
    ['an upload configuration', 'GET', '/app', { user: 'john' }, 'AppResponseLegacy', ['app', 'file_upload_config'], []],
    ['a user', 'POST', '/users', { body: { users: { john: { id: 'john', name: 'John', color: 'blue' } } } },
      'UserMapResponseLegacy', ['users', 'john'], [...kOptionalOfUser, 'color']],
    ['a user', 'POST', '/api/v2/users', { body: { users: { john: { id: 'john', name: 'John', custom: { color: 'blue' } } } } },
      'UserMapResponseV2', ['users', 'john'], kOptionalOfUser],
    ['an update', 'PATCH', '/users', { body: { users: [{ id: 'john' }] } }, 'UserMapResponseLegacy', [], []],
    ['a query', 'GET', '/api/v2/users', { query }, 'UserListResponseV2', [], []],
    ['a guest', 'POST', '/guest', { body: { user: { id: 'g' } } }, 'GuestResponseLegacy', [], []],
    ['a guest', 'POST', '/api/v2/guest', { body: { user: { id: 'g' } } }, 'GuestResponseV2', ['user'], []],
    ['an error', 'PATCH', '/app', { body: { disable_auth_checks: 'yes' } }, 'Error', [], ['exception_fields']],
    ['an error', 'GET', '/api/v2/app', { token: null }, 'Error', [], []],
  ];
  for (const [what, method, path, { user, ...options }, name, part, optional] of kAnswers) {
    it(`refuses ${what} of ${method} ${path} without a field that SDKs need, or with one more (${part.join('.') || 'whole'})`, async () => {
      const token = user === undefined ? options : { token: userToken(server, user) };
      const { body } = await call(server, method, path, { ...options, ...token });
      assert.deepEqual(checker.faults(kSchema(name), body), []);
      assert.deepEqual(optionalKeys(kSchema(name), body, part).sort(), [...optional].sort());
      const more = checker.faults(kSchema(name), withValue(body, [...part, 'undescribed'], 1));
      const open = part[0] === 'users' && name.endsWith('Legacy'); // custom data stands there
      assert.equal(more.length === 0, open, more.join('\n'));
    });
  }

  for (const [path, name, wrong] of [
    ['/users', 'UserMapResponseLegacy', [1795289763812000000, '2026-11-21T19:36:03+01:00', '2026-11-21', null]],
    ['/api/v2/users', 'UserMapResponseV2', ['2026-11-21T19:36:03.812Z', '1795289763812000000', 1.5, -1, null]],
  ]) {
    it(`refuses dates of the other style in an answer of ${path}`, async () => {
      const { body } = await call(server, 'POST', path, { body: { users: { john: { id: 'john' } } } });
      for (const date of wrong) {
        for (const field of ['created_at', 'updated_at', 'revoke_tokens_issued_before']) {
          const changed = withValue(body, ['users', 'john', field], date);
          assert.notDeepEqual(checker.faults(kSchema(name), changed), [], `${field}: ${date}`);
        }
      }
    });
  }

  it('refuses a null where a value belongs', async () => {
    const { body } = await call(server, 'GET', '/api/v2/app');
    for (const key of Object.keys(body.app)) {
      assert.notDeepEqual(checker.faults(kSchema('AppResponseV2'), withValue(body, ['app', key], null)), [], key);
    }
  });

  it('refuses an error with something in its details', async () => {
    const { body } = await call(server, 'GET', '/app', { token: null });
    assert.notDeepEqual(checker.faults(kSchema('Error'), { ...body, details: [1] }), []);
  });

  it('refuses statuses, paths and bodies that are not described', () => {
    const faults = (method, path, status, type = 'application/json', text = '{"duration":"0.01ms"}') =>
      checker.answerFaults(method, path, status, type, text).length;
    assert.equal(faults('PATCH', '/app', 200), 0);
    assert.equal(faults('PATCH', '/api/v2/app?api_key=k', 200), 0);
    assert.equal(faults('PATCH', '/app', 201), 1);
    assert.equal(faults('PATCH', '/nothing', 200), 1);
    assert.equal(faults('PATCH', '/app', 200, 'text/plain'), 1);
    assert.equal(faults('PATCH', '/app', 200, 'application/json', 'OK'), 1);
    assert.equal(faults('PATCH', '/app', 200, 'application/json', '{}'), 1);
    assert(faults('PATCH', '/app', 401) > 0);
    assert.equal(faults('POST', '/users/john/deactivate', 200), 1);
    assert.equal(faults('GET', '/openapi.json', 304, null, ''), 0);
    assert.equal(faults('GET', '/openapi.json', 304), 1);
  });
});

describe('the check of frames', () => {
  const checker = new Checker(kDocument);

  for (const [style, path, open] of [
    ['legacy', '/connect', () => Socket.legacy(server, 'jane', userToken(server, 'jane'))],
    ['v2', '/api/v2/connect', async () => {
      const socket = await Socket.v2(server);
      socket.send({ token: userToken(server, 'jane'), user_details: { id: 'jane' } });
      return socket;
    }],
  ]) {
    it(`refuses a ${style} greeting without a field that SDKs need`, async () => {
      const socket = await open();
      const first = await socket.next();
      const faults = (frame, isFirst = true) => checker.frameFaults(path, isFirst, frame);
      assert.deepEqual(faults(first), []);
      for (const key of Object.keys(first)) assert.notDeepEqual(faults(without(first, [key])), [], key);
      const dispensable = Object.keys(first.me).filter((key) => faults(without(first, ['me', key])).length === 0);
      assert.deepEqual(dispensable.sort(), ['blocked_user_ids', 'last_active']);

      socket.send('');
      const later = await socket.next();
      assert.deepEqual(faults(later, false), []);
      assert.notDeepEqual(faults(later, true), [], 'a greeting has `me`');
      for (const key of Object.keys(later)) assert.notDeepEqual(faults(without(later, [key]), false), [], key);
      assert.notDeepEqual(faults({ ...later, type: 'undescribed' }, false), []);
      await socket.close();
    });
  }
});
