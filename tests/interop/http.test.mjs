// HTTP as it is on the wire: what browsers, proxies and operators rely on.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { call, createUsers, revokeUsers } from './support/http.mjs';
import { startServer, within } from './support/server.mjs';
import { expiredUserToken, halfAnHourAgo, nowSeconds, oldUserToken, userToken } from './support/tokens.mjs';

let server;
before(async () => {
  server = await startServer();
  await createUsers(server, 'john');
});
after(() => server.stop());

/** Header values of a list, lower case. */
const listOf = (value) => value.toLowerCase().split(/\s*,\s*/);

describe('CORS', () => {
  for (const path of ['/app', '/api/v2/users', '/connect', '/nothing/here']) {
    it(`lets a browser ask for ${path} without credentials`, async () => {
      const response = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://app.example',
          'Access-Control-Request-Method': 'PATCH',
          'Access-Control-Request-Headers': 'authorization,stream-auth-type,x-stream-client',
        },
      });
      assert(response.ok, `${response.status}`);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      const methods = listOf(response.headers.get('access-control-allow-methods'));
      for (const method of ['get', 'post', 'put', 'patch', 'delete', 'options']) assert(methods.includes(method), method);
      const headers = listOf(response.headers.get('access-control-allow-headers'));
      for (const header of ['authorization', 'content-type', 'stream-auth-type', 'x-stream-client', 'x-client-request-id', 'accept']) {
        assert(headers.includes(header), header);
      }
      assert.equal(response.headers.get('access-control-max-age'), '86400');
    });
  }

  it('lets a browser read every answer and its limits, refusals too', async () => {
    for (const options of [{}, { token: expiredUserToken(server, 'john') }, { apiKey: null }]) {
      const { headers } = await call(server, 'GET', '/api/v2/app', options);
      assert.equal(headers.get('access-control-allow-origin'), '*');
      const exposed = listOf(headers.get('access-control-expose-headers'));
      for (const header of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'retry-after']) {
        assert(exposed.includes(header), header);
      }
    }
  });
});

describe('every answer', () => {
  it('carries plausible rate limits', async () => {
    for (const path of ['/app', '/api/v2/app']) {
      const { headers } = await call(server, 'GET', path);
      const number = (name) => {
        assert.match(headers.get(name), /^\d+$/, name);
        return Number(headers.get(name));
      };
      assert(number('x-ratelimit-limit') > 0);
      assert(number('x-ratelimit-remaining') <= number('x-ratelimit-limit'));
      const reset = number('x-ratelimit-reset');
      assert(reset >= nowSeconds() - 2 && reset <= nowSeconds() + 3600, `${reset}`);
    }
  });

  it('is JSON with a duration', async () => {
    for (const [method, path, body] of [
      ['GET', '/app'], ['GET', '/api/v2/app'], ['PATCH', '/app', { cdn_expiration_seconds: 14400 }],
      ['POST', '/users', { users: { john: { id: 'john' } } }], ['PATCH', '/users', { users: [{ id: 'john' }] }],
    ]) {
      const answer = await call(server, method, path, { body });
      assert.match(answer.headers.get('content-type'), /^application\/json/);
      assert.match(answer.body.duration, /^\d+(\.\d+)?(ns|µs|us|ms|s)$/);
      assert.equal(answer.status, method === 'POST' ? 201 : 200);
    }
  });
});

describe('an unknown path', () => {
  for (const path of ['/', '/nothing', '/api/v2/nothing', '/api/v3/app', '/api/v2/app/']) {
    it(`such as ${path} is 404 with 16, in JSON`, async () => {
      const answer = await call(server, 'GET', path);
      assert.equal(answer.status, 404);
      assert.equal(answer.body.code, 16);
      assert.equal(answer.body.StatusCode, 404);
      assert.deepEqual(answer.body.details, []);
    });
  }
});

describe('bodies that SDKs send where none is needed', () => {
  it('are tolerated on GET: none with a content type, or null', async () => {
    const bare = await call(server, 'GET', '/api/v2/app', { headers: { 'Content-Type': 'application/json' } });
    assert.equal(bare.status, 200);
    // fetch sends no body with GET, so this one is written by hand.
    const request = [
      `GET /api/v2/app?api_key=${server.apiKey} HTTP/1.1`, `Host: ${server.host}`, 'Stream-Auth-Type: jwt',
      `Authorization: ${userToken(server, 'john')}`, 'Content-Type: application/json', 'Content-Length: 4',
      'Connection: close', '', 'null',
    ].join('\r\n');
    assert.match(await exchange(request), /^HTTP\/1\.1 200 /);
  });

  it('are read as they are where Flutter mislabels them as gzip', async () => {
    const answer = await call(server, 'PATCH', '/users', {
      body: { users: [{ id: 'john', set: { name: 'Plain' } }] },
      headers: { 'Content-Encoding': 'application/gzip' },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.body.users.john.name, 'Plain');
  });
});

/** Writes bytes, gives back everything until the server closes. */
function exchange(bytes) {
  const [host, port] = server.host.split(':');
  const answer = new Promise((done, fail) => {
    const socket = connect(Number(port), host, () => socket.write(bytes));
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => done(Buffer.concat(chunks).toString()));
    socket.on('error', fail);
  });
  return within(10_000, 'an answer', answer);
}

describe('header names', () => {
  it('are read in any case', async () => {
    const request = [
      `GET /app?api_key=${server.apiKey} HTTP/1.1`, `hOST: ${server.host}`, 'STREAM-AUTH-TYPE: jwt',
      `AUTHORIZATION: ${userToken(server, 'john')}`, 'connection: close', '', '',
    ].join('\r\n');
    assert.match(await exchange(request), /^HTTP\/1\.1 200 /);
  });
});

describe('a header block', () => {
  it('over 32 KB is 431 with 24', async () => {
    const answer = await call(server, 'GET', '/app', { headers: { 'X-Large': 'x'.repeat(33 * 1024) } });
    assert.equal(answer.status, 431);
    assert.equal(answer.body.code, 24);
  });

  it('with a request line of 16 KB is read', async () => {
    const answer = await call(server, 'GET', '/app', { query: { padding: 'x'.repeat(16 * 1024) } });
    assert.equal(answer.status, 200);
  });
});

describe('/authz/check', () => {
  const check = (options) => call(server, 'GET', '/authz/check', { authType: null, ...options });

  it('tells the service behind it who a user is', async () => {
    const expires = nowSeconds() + 600;
    const answer = await check({ token: userToken(server, 'john', { exp: expires }) });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.headers.get('x-latchkey-user'), 'john');
    assert.equal(answer.headers.get('x-latchkey-role'), 'user');
    assert.equal(answer.headers.get('x-latchkey-kind'), 'user');
    assert.equal(answer.headers.get('x-latchkey-token-expires-at'), String(expires));
    assert.notEqual(answer.headers.get('x-latchkey-app'), null);
  });

  it('tells a server from a user', async () => {
    const answer = await check({});
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-latchkey-kind'), 'server');
  });

  it('takes Bearer and the API key in a header', async () => {
    const answer = await check({
      apiKey: null,
      token: `Bearer ${userToken(server, 'john')}`,
      headers: { 'X-Api-Key': server.apiKey },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.headers.get('x-latchkey-user'), 'john');
  });

  it('refuses with the code that says why, and names nobody', async () => {
    await revokeUsers(server, ['john'], halfAnHourAgo());
    for (const [token, code] of [[oldUserToken(server, 'john'), 40], [expiredUserToken(server, 'john'), 40], ['garbage', 5], [null, 5]]) {
      const answer = await check({ token });
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, code);
      assert.equal(answer.headers.get('x-latchkey-user'), null);
    }
    await revokeUsers(server, ['john'], null);
    assert.equal((await check({ token: oldUserToken(server, 'john') })).status, 200);
  });

  it('believes no X-Latchkey header of the caller', async () => {
    const answer = await check({ token: userToken(server, 'john'), headers: { 'X-Latchkey-User': 'root' } });
    assert.equal(answer.headers.get('x-latchkey-user'), 'john');
  });
});

describe('operators', () => {
  for (const path of ['/health/live', '/health/ready', '/hi']) {
    it(`find ${path} without credentials`, async () => {
      const answer = await call(server, 'GET', path, { token: null, authType: null, apiKey: null });
      assert.equal(answer.status, 200);
    });
  }

  it('find the health of it on the admin listener too, and no API', async () => {
    assert.equal((await fetch(`${server.adminUrl}/health/live`)).status, 200);
    assert.equal((await fetch(`${server.adminUrl}/health/ready`)).status, 200);
    assert.equal((await fetch(`${server.adminUrl}/api/v2/app?api_key=${server.apiKey}`)).status, 404);
  });
});
