// Operators who sign in to the dashboard by an identity provider, as a browser does it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { setUpCode } from './support/admin.mjs';
import { kClientId, kClientSecret, makeKey, startIdentityProvider } from './support/identity_provider.mjs';
import { assertAdminDescribed } from './support/openapi.mjs';
import { startServer } from './support/server.mjs';

/** What the name of the cookie looks like that binds a sign-in to its browser. */
const kBindingName = 'latchkey-oidc-[\\w-]+';

const kOwner = { name: 'olivia', password: 'a password of olivia' };

describe('signing in to the dashboard by an identity provider', () => {
  let provider;
  let server;
  let owner; // the cookie of a session

  before(async () => {
    provider = await startIdentityProvider({ keys: [await makeKey('RS256')] });
    server = await startServer({
      args: ['--show-secret'],
      env: {
        LATCHKEY_ADMIN_OIDC_ISSUER: provider.issuer,
        LATCHKEY_ADMIN_OIDC_CLIENT_ID: kClientId,
        LATCHKEY_ADMIN_OIDC_CLIENT_SECRET: kClientSecret,
        LATCHKEY_ADMIN_OIDC_NAME: 'Example',
      },
    });
    provider.redirectUris = [`${server.adminUrl}/admin/v1/session/oidc/callback`];
    await provider.use([await makeKey('RS256')]);
    const made = await call('POST', '/setup', { body: { code: await setUpCode(server), ...kOwner } });
    assert.equal(made.status, 201, await made.text());
    owner = cookieOf(made, 'latchkey-session');
    const account = await call('POST', '/accounts', {
      cookie: owner,
      body: { name: 'oscar', role: 'operator', oidc_subject: 'oscar-at-idp', your_password: kOwner.password },
    });
    assert.equal(account.status, 201);
  });
  after(async () => {
    await server.stop();
    await provider.stop();
  });

  async function call(method, path, { cookie, body } = {}) {
    const response = await fetch(`${server.adminUrl}/admin/v1${path}`, {
      method,
      redirect: 'manual',
      body: body && JSON.stringify(body),
      headers: { ...(cookie && { cookie }), ...(body && { 'content-type': 'application/json' }) },
    });
    const text = await response.clone().text();
    assertAdminDescribed(method, path, response.status, response.headers.get('content-type'), text);
    return response;
  }

  /** `name=value`, of an answer that sets it; `name` is the text of a regular expression. */
  function cookieOf(response, name) {
    return new RegExp(`${name}=[^;,]+`).exec(response.headers.get('set-cookie') ?? '')?.[0];
  }

  /** To the provider and back: what the browser brings, not delivered yet. */
  async function goThere(account) {
    const sent = await call('GET', '/session/oidc');
    assert.equal(sent.status, 302);
    const binding = cookieOf(sent, kBindingName);
    assert(binding);
    const back = await provider.signIn(account, sent.headers.get('location'));
    return { sent, binding, path: `${back.pathname}${back.search}`.replace('/admin/v1', '') };
  }

  it('says that one can', async () => {
    const session = await (await call('GET', '/session')).json();
    assert.deepEqual(session.oidc, { name: 'Example' });
  });

  it('signs in who has an account, and goes on to the dashboard', async () => {
    const { sent, binding, path } = await goThere('oscar-at-idp');
    const asked = new URL(sent.headers.get('location')).searchParams;
    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert(asked.get('nonce').length >= 43 && asked.get('state').length >= 43);
    assert.match(sent.headers.get('set-cookie'), /HttpOnly; SameSite=Lax/);
    const page = await call('GET', path, { cookie: binding });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /url=\//);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
    const session = cookieOf(page, 'latchkey-session');
    const { state, account } = await (await call('GET', '/session', { cookie: session })).json();
    assert.equal(state, 'signed_in');
    assert.equal(account.name, 'oscar');
    assert.equal(account.role, 'operator');
    assert.equal(account.sign_in, 'oidc');
  });

  it('takes what the provider gave once', async () => {
    const { binding, path } = await goThere('oscar-at-idp');
    assert.equal((await call('GET', path, { cookie: binding })).status, 200);
    assert.equal((await call('GET', path, { cookie: binding })).status, 401);
  });

  it('signs nobody in in another browser', async () => {
    const { binding, path } = await goThere('oscar-at-idp');
    const other = await call('GET', '/session/oidc');
    const others = cookieOf(other, kBindingName);
    const forged = `${binding.split('=')[0]}=${others.split('=')[1]}`;
    for (const cookie of [undefined, others, forged]) {
      const page = await call('GET', path, { cookie });
      assert.equal(page.status, 401);
      assert.equal(cookieOf(page, 'latchkey-session'), undefined);
    }
    assert.equal((await call('GET', path, { cookie: binding })).status, 200);
  });

  it('signs in in either of two tabs', async () => {
    const tabs = [await goThere('oscar-at-idp'), await goThere('oscar-at-idp')];
    const cookie = tabs.map(({ binding }) => binding).join('; ');
    for (const { binding, path } of tabs) {
      const page = await call('GET', path, { cookie });
      assert.equal(page.status, 200);
      assert(page.headers.getSetCookie().some((line) => line.startsWith(`${binding.split('=')[0]}=; `)));
    }
  });

  it('signs in nobody without an account, and nobody whose account is disabled', async () => {
    const stranger = await goThere('stranger');
    assert.equal((await call('GET', stranger.path, { cookie: stranger.binding })).status, 401);
    const { accounts } = await (await call('GET', '/accounts', { cookie: owner })).json();
    const { id } = accounts.find(({ name }) => name === 'oscar');
    await call('PATCH', `/accounts/${id}`, { cookie: owner, body: { disabled: true } });
    const disabled = await goThere('oscar-at-idp');
    assert.equal((await call('GET', disabled.path, { cookie: disabled.binding })).status, 401);
    await call('PATCH', `/accounts/${id}`, { cookie: owner, body: { disabled: false } });
    const again = await goThere('oscar-at-idp');
    assert.equal((await call('GET', again.path, { cookie: again.binding })).status, 200);
  });

  it('refuses a code that is none, and a state that nobody was given', async () => {
    const { binding, path } = await goThere('oscar-at-idp');
    assert.equal((await call('GET', path.replace(/code=[^&]+/, 'code=made-up'), { cookie: binding })).status, 401);
    assert.equal((await call('GET', '/session/oidc/callback?state=x&code=y', { cookie: binding })).status, 401);
    assert.equal((await call('GET', '/session/oidc/callback')).status, 401);
  });

  it('says so where the provider is out of order', async () => {
    const { binding, path } = await goThere('oscar-at-idp');
    provider.outOfOrder = 503;
    try {
      const page = await call('GET', path, { cookie: binding });
      assert.equal(page.status, 401);
      assert.equal(cookieOf(page, 'latchkey-session'), undefined);
    } finally {
      provider.outOfOrder = undefined;
    }
  });

  it('writes down who signed in, and that somebody could not', async () => {
    const entries = async (action) =>
      (await (await call('GET', `/audit?action=${action}`, { cookie: owner })).json()).entries;
    assert((await entries('account.sign_in')).some(({ actor }) => actor.name === 'oscar'));
    assert((await entries('account.sign_in_failed')).length > 0);
  });
});
