// `/token/NAME` against a real identity provider and a real service, used by stream-chat as an app does.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { importJWK, SignJWT } from 'jose';

import { kClientId, makeKey, startIdentityProvider } from './support/identity_provider.mjs';
import { assertDescribed } from './support/openapi.mjs';
import { chatClient, chatServer, withConnection } from './support/sdk.mjs';
import { makeDataDirectory, startServer, within } from './support/server.mjs';

const kApiKey = 'interopkey01';
const kWebhookSecret = 'webhook-secret-0123456789-abcdefghijkl';
const kOrigin = 'https://app.example.com';

async function startWith(providers) {
  const data = makeDataDirectory();
  const config = join(data, 'settings.toml');
  writeFileSync(config, providers);
  return startServer({ data, args: ['--config', config] });
}

/** Asks `/token/NAME`; what comes back is as openapi.json says. */
async function ask(server, name, { token, method = 'GET', body, headers = {} } = {}) {
  const response = await fetch(`${server.url}/token/${name}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  const text = await response.text();
  assertDescribed(method, `/token/${name}`, response.status, response.headers.get('content-type'), text);
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
}

/** Waits for something that another part of the program does by and by. */
async function eventually(what, check) {
  const isSo = async () => {
    while (!(await check())) await new Promise((go) => setTimeout(go, 20));
  };
  await within(10_000, what, isSo());
}

describe('a token provider of type oidc', () => {
  let provider;
  let server;
  let key;

  before(async () => {
    key = await makeKey('RS256');
    provider = await startIdentityProvider({ keys: [key] });
    server = await startWith(`
[token_provider.idp]
type = "oidc"
app = "${kApiKey}"
issuer = "${provider.issuer}"
audience = "${kClientId}"
allowed_origins = ["${kOrigin}"]

[token_provider.brief]
type = "oidc"
app = "${kApiKey}"
issuer = "${provider.issuer}"
audience = "${kClientId}"
lifetime = "2s"
jitter = "0%"
`);
  });
  after(async () => {
    await server.stop();
    await provider.stop();
  });

  /** A token such as the provider would make, but for what the test changes. */
  async function forge(claims = {}, { signer = key, header = {} } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const content = { iss: provider.issuer, aud: kClientId, sub: 'john', iat: now, exp: now + 300, ...claims };
    return new SignJWT(content)
      .setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header })
      .sign(await importJWK(signer, signer.alg));
  }

  async function refuse(token, why) {
    const { status, body } = await ask(server, 'idp', { token });
    assert.equal(status, 401);
    assert.equal(body.code, 5);
    assert.match(body.message, why);
  }

  it('gives a token for an ID token, and stores the user', async () => {
    const { status, body, headers } = await ask(server, 'idp', { token: await provider.idToken('john') });
    assert.equal(status, 200);
    assert.equal(body.user_id, 'john');
    assert.equal(headers.get('cache-control'), 'no-store');
    const { iat, exp, user_id } = claimsOf(body.token);
    assert.equal(user_id, 'john');
    assert(exp - iat <= 3600 && exp - iat >= 3240, `lives for ${exp - iat} s`);
    assert.equal(new Date(body.expires_at).getTime(), exp * 1000);
    assert(Math.abs(new Date(body.server_time).getTime() - Date.now()) < 60_000);
    const { users } = await chatServer(server).queryUsers({ id: 'john' });
    assert.equal(users[0].name, 'Name of john');
    assert.equal(users[0].image, 'https://img.example.com/john.png');
  });

  it('takes the token and its nonce in the body', async () => {
    const token = await provider.idToken('john', { nonce: 'n-1' });
    assert.equal((await ask(server, 'idp', { method: 'POST', body: { token, nonce: 'n-1' } })).status, 200);
    assert.equal((await ask(server, 'idp', { method: 'POST', body: { token, nonce: 'n-2' } })).status, 401);
  });

  it('gives the same token to calls at the same moment', async () => {
    const token = await provider.idToken('many');
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server, 'idp', { token })));
    assert.equal(new Set(answers.map(({ body }) => body.token)).size, 1);
  });

  it('lets stream-chat connect by it', async () => {
    const client = chatClient(server);
    await withConnection(client, { id: 'jane' }, tokensFor('jane'), async () => {
      assert.equal(client.userID, 'jane');
      await client.getAppSettings();
    });
  });

  it('carries stream-chat over a revocation of this moment', async () => {
    const client = chatClient(server);
    await withConnection(client, { id: 'mary' }, tokensFor('mary'), async () => {
      const first = client.tokenManager.getToken();
      await chatServer(server).revokeUserToken('mary', new Date());
      await eventually('a call under a new token', async () => {
        try {
          await client.getAppSettings();
        } catch {
          return false;
        }
        return client.tokenManager.getToken() !== first;
      });
      await eventually('the socket to come back', () => client.wsConnection?.isHealthy);
    });
  });

  it('carries stream-chat over the expiry of its token', async () => {
    const client = chatClient(server);
    await withConnection(client, { id: 'brief' }, tokensFor('brief', 'brief'), async () => {
      const first = client.tokenManager.getToken();
      await eventually('a second token', () => client.tokenManager.getToken() !== first);
      await eventually('a call under it', () => client.getAppSettings().then(() => true, () => false));
      await eventually('the socket to come back', () => client.wsConnection?.isHealthy);
    });
  });

  /** What an app writes: the four lines of the documentation. */
  function tokensFor(account, name = 'idp') {
    return async () => {
      const { status, body } = await ask(server, name, { token: await provider.idToken(account) });
      if (status !== 200) throw new Error(`no token: ${status}`);
      return body.token;
    };
  }

  it('refuses what proves nothing', async () => {
    const now = Math.floor(Date.now() / 1000);
    assert.equal((await ask(server, 'idp', { token: await forge() })).status, 200);
    await refuse(undefined, /no token/);
    await refuse('x.y.z', /cannot be read/);
    await refuse(await forge({ iss: 'https://id.example.com' }), /another issuer/);
    await refuse(await forge({ aud: 'other' }), /made out to others/);
    await refuse(await forge({ aud: [kClientId, 'other'] }), /azp/);
    await refuse(await forge({ exp: now - 60 }), /has expired/);
    await refuse(await forge({ nbf: now + 60 }), /not valid yet/);
    await refuse(await forge({ sub: 'auth0|5f7c' }), /no user id/);
    await refuse(await forge({}, { header: { typ: 'logout+jwt' } }), /neither an ID token/);
    await refuse(await forge({}, { signer: { ...(await makeKey('RS256')), kid: key.kid } }), /signature/);
  });

  it('takes neither an unsigned token nor its public key for a secret', async () => {
    const [, payload] = (await forge()).split('.');
    const encode = (header) => Buffer.from(JSON.stringify(header)).toString('base64url');
    await refuse(`${encode({ alg: 'none' })}.${payload}.`, /cannot be read/);
    await refuse(`${encode({ alg: 'none' })}.${payload}.AA`, /algorithm/);
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const input = `${encode({ alg: 'HS256', kid: key.kid })}.${payload}`;
    const mac = createHmac('sha256', pem).update(input).digest('base64url');
    await refuse(`${input}.${mac}`, /algorithm/);
  });

  it('goes on when the provider turns to new keys', async () => {
    const old = await provider.idToken('john');
    for (const alg of ['ES256', 'EdDSA', 'RS256']) {
      key = await makeKey(alg);
      await provider.use([key]);
      const answer = await ask(server, 'idp', { token: await provider.idToken('john') });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    }
    assert.equal((await ask(server, 'idp', { token: old })).status, 401);
  });

  it('does not ask the provider for each made-up key', async () => {
    provider.requests.length = 0;
    for (let i = 0; i < 20; ++i) {
      assert.equal((await ask(server, 'idp', { token: await forge({}, { header: { kid: randomUUID() } }) })).status, 401);
    }
    assert(provider.requests.length <= 8, `${provider.requests.length} requests`);
  });

  it('goes on while the provider is out of order', async () => {
    const token = await provider.idToken('john');
    provider.outOfOrder = 503;
    try {
      assert.equal((await ask(server, 'idp', { token })).status, 200);
    } finally {
      provider.outOfOrder = undefined;
    }
  });

  it('gives none to a deactivated user', async () => {
    const token = await provider.idToken('gone');
    assert.equal((await ask(server, 'idp', { token })).status, 200);
    await chatServer(server).deactivateUser('gone');
    await refuse(token, /deactivated/);
  });

  it('answers pages of its origins, and no others', async () => {
    const preflight = (origin) =>
      fetch(`${server.url}/token/idp`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      });
    const allowed = await preflight(kOrigin);
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), kOrigin);
    assert.match(allowed.headers.get('access-control-allow-headers'), /authorization/);
    const other = await preflight('https://evil.example.com');
    assert.equal(other.headers.get('access-control-allow-origin'), null);
    const answer = await ask(server, 'idp', { token: await provider.idToken('john'), headers: { origin: kOrigin } });
    assert.equal(answer.headers.get('access-control-allow-origin'), kOrigin);
    const refused = await ask(server, 'idp', {
      token: await provider.idToken('john'),
      headers: { origin: 'https://evil.example.com' },
    });
    assert.equal(refused.status, 403);
    assert.equal(refused.body.code, 17);
    assert.equal(refused.headers.get('access-control-allow-origin'), null);
  });

  it('is counted', async () => {
    const text = await (await fetch(`${server.adminUrl}/metrics`)).text();
    for (const outcome of ['minted', 'shared', 'refused']) {
      assert.match(text, new RegExp(`latchkey_token_provider_total\\{provider="idp",outcome="${outcome}"\\} [1-9]`));
    }
  });
});

describe('a token provider of type webhook', () => {
  let service;
  let server;
  let answers;
  let questions;

  before(async () => {
    service = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      questions.push({ headers: request.headers, body, url: request.url, method: request.method });
      const { status, user, hang } = answers.shift() ?? { status: 500 };
      if (!hang) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(user ?? {}));
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    server = await startWith(`
[token_provider.shop]
type = "webhook"
app = "${kApiKey}"
url = "http://127.0.0.1:${service.address().port}/chat-user?from=latchkey"
secret = "${kWebhookSecret}"
forward_headers = ["Cookie"]
timeout = "1s"
`);
  });
  after(async () => {
    await server.stop();
    service.close();
    service.closeAllConnections?.();
  });

  function askShop(script) {
    answers = script;
    questions = [];
    return ask(server, 'shop', {
      method: 'POST',
      token: 'session-1',
      body: { cart: 7 },
      headers: { cookie: 'sid=1', 'x-other': 'no' },
    });
  }

  // As docs/operating/token-provider.md has it.
  function isFromLatchkey(secret, header, body, now = Date.now() / 1000) {
    const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
    if (!mac || Math.abs(now - Number(time)) > 300) return false;
    const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest();
    return timingSafeEqual(expected, Buffer.from(mac, 'hex'));
  }

  it('hands the proof on, signed, and gives a token for the user that comes back', async () => {
    const { status, body } = await askShop([{ status: 200, user: { user_id: 'shopper', name: 'Sue', expires_in_s: 600 } }]);
    assert.equal(status, 200);
    const [{ headers, body: sent, url, method }] = questions;
    assert.equal(`${method} ${url}`, 'POST /chat-user?from=latchkey');
    assert.equal(sent, '{"cart":7}');
    assert.equal(headers.authorization, 'Bearer session-1');
    assert.equal(headers.cookie, 'sid=1');
    assert.equal(headers['x-other'], undefined);
    assert.equal(headers['x-latchkey-app'], kApiKey);
    assert(isFromLatchkey(kWebhookSecret, headers['x-latchkey-signature'], sent));
    assert(!isFromLatchkey('another secret', headers['x-latchkey-signature'], sent));
    assert(!isFromLatchkey(kWebhookSecret, headers['x-latchkey-signature'], '{"cart":8}'));
    const { iat, exp, user_id } = claimsOf(body.token);
    assert.equal(user_id, 'shopper');
    assert(exp - iat <= 600 && exp - iat >= 540);
    const { users } = await chatServer(server).queryUsers({ id: 'shopper' });
    assert.equal(users[0].name, 'Sue');
  });

  it('lets stream-chat connect by it', async () => {
    const client = chatClient(server);
    const provider = async () => (await askShop([{ status: 200, user: { user_id: 'shopper' } }])).body.token;
    await withConnection(client, { id: 'shopper' }, provider, async () => {
      await client.getAppSettings();
    });
  });

  it('takes 401 and 403 for a refusal', async () => {
    for (const status of [401, 403]) {
      const answer = await askShop([{ status }]);
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, 5);
      assert.equal(questions.length, 1);
    }
  });

  it('asks again where nobody worked on it, with the same key', async () => {
    const answer = await askShop([{ status: 503 }, { status: 502 }, { status: 200, user: { user_id: 'shopper' } }]);
    assert.equal(answer.status, 200);
    assert.equal(new Set(questions.map(({ headers }) => headers['idempotency-key'])).size, 1);
    assert.equal(questions.length, 3);
    assert.equal((await askShop([{ status: 503 }, { status: 503 }, { status: 503 }, { status: 200 }])).status, 502);
    assert.equal(questions.length, 3);
  });

  it('says that the service failed, whatever it says', async () => {
    for (const answer of [{ status: 500 }, { status: 200 }, { status: 200, user: { user_id: 'a b' } }, { status: 302 }]) {
      const { status, body } = await askShop([answer]);
      assert.equal(status, 502);
      assert.equal(body.code, -1);
      assert.equal(questions.length, 1);
    }
  });

  it('waits no longer than its deadline', async () => {
    const started = Date.now();
    assert.equal((await askShop([{ hang: true }])).status, 502);
    assert(Date.now() - started < 10_000);
  });

  it('says so where nobody listens there', async () => {
    const { port } = service.address();
    service.close();
    service.closeAllConnections?.();
    assert.equal((await askShop([])).status, 502);
    service.listen(port, '127.0.0.1');
    await once(service, 'listening');
    assert.equal((await askShop([{ status: 200, user: { user_id: 'shopper' } }])).status, 200);
  });
});
