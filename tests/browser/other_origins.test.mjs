// What the page of another origin gets out of a browser in which somebody is signed in: nothing.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';

import { callLocally, makeAccount, signIn } from '../interop/support/admin.mjs';
import { RawWebSocket } from '../interop/support/raw_socket.mjs';
import { startServer } from '../interop/support/server.mjs';
import { openBrowser, openPage } from './support/browser.mjs';

const kLive = '/admin/v1/live';

let server;
let browser;
let others;
let visitor;
let other;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await makeAccount(server);
  others = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Another</title><h1>Another page</h1>');
  });
  await new Promise((done) => others.listen(0, '127.0.0.1', done));
  visitor = await openPage(browser, server);
  await visitor.signIn();
});
after(async () => {
  await browser?.close();
  others?.close();
  others?.closeAllConnections();
  await server?.stop();
});

/**
 * Pages that are not the dashboard's. A cookie knows no ports: what one browser holds for a host is sent to every port
 * of it, also where the page that asks is another program's. `SameSite` is no help there, for it is the same site.
 */
const kElsewhere = {
  'another port of the same host': () => `http://127.0.0.1:${others.address().port}/`,
  'another host': () => `http://localhost:${others.address().port}/`,
};

const isSignedIn = (page) =>
  page.evaluate(async () => (await (await fetch('/admin/v1/session')).json()).state === 'signed_in');
const appsOf = async () => (await callLocally(server, 'GET', 'apps')).apps.map(({ name }) => name);

for (const [elsewhere, urlOf] of Object.entries(kElsewhere)) {
  describe(`a page of ${elsewhere}`, () => {
    beforeEach(async () => {
      await other?.close();
      other = await visitor.page.context().newPage();
      await other.goto(urlOf());
      assert(await isSignedIn(visitor.page), 'there is a session to be had');
    });

    it('cannot frame the dashboard', async () => {
      const frame = (src) =>
        other.evaluate((url) => {
          document.body.append(Object.assign(document.createElement('iframe'), { src: url }));
        }, src);
      for (const path of ['/', '/#/token-generator']) {
        const refused = other.waitForEvent('requestfailed');
        await frame(server.adminUrl + path);
        assert.equal((await refused).failure().errorText, 'net::ERR_BLOCKED_BY_RESPONSE', path);
      }
      const taken = other.waitForEvent('frameattached');
      await frame(urlOf());
      await (await taken).getByText('Another page').waitFor();
    });

    it('hears nothing of the live figures', async () => {
      const listen = (page) =>
        page.evaluate(
          (url) => new Promise((done) => {
            const socket = new WebSocket(url);
            socket.onmessage = ({ data }) => done(JSON.parse(data).type);
            socket.onclose = ({ code }) => done(code);
          }),
          server.adminUrl.replace('http', 'ws') + kLive,
        );
      assert.equal(await listen(other), 1006);
      assert.equal(await listen(visitor.page), 'figures', 'the dashboard does');
    });

    it('makes no app, whatever it sends', async () => {
      const before = await appsOf();
      const url = `${server.adminUrl}/admin/v1/apps`;
      // A form cannot say that it sends JSON, but it can send it.
      await other.evaluate(async (action) => {
        for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
          const target = Object.assign(document.createElement('iframe'), { name: enctype });
          const form = Object.assign(document.createElement('form'), { method: 'post', action, enctype, target: enctype });
          form.append(Object.assign(document.createElement('input'), { name: '{"name":"By a form","x":"', value: '"}' }));
          document.body.append(target, form);
          await new Promise((done) => {
            target.onload = done;
            form.submit();
          });
        }
      }, url);
      const byFetch = await other.evaluate(async (target) => {
        const body = '{"name":"By a script"}';
        const call = (options) =>
          fetch(target, { method: 'POST', body, credentials: 'include', ...options }).then(
            (answer) => answer.type,
            () => 'refused',
          );
        return [
          await call({ mode: 'no-cors' }),
          await call({ mode: 'cors' }),
          await call({ mode: 'cors', headers: { 'Content-Type': 'application/json' } }),
          navigator.sendBeacon(target, new Blob([body], { type: 'text/plain' })) ? 'sent' : 'refused',
        ];
      }, url);
      assert.deepEqual(byFetch, ['opaque', 'refused', 'refused', 'sent']);
      assert.deepEqual(await appsOf(), before);
    });

    it('reads nothing', async () => {
      const read = await other.evaluate(async (url) => {
        const byFetch = await fetch(`${url}/admin/v1/apps`, { credentials: 'include' }).then((it) => it.text(), () => 'refused');
        const byScript = await new Promise((done) => {
          const script = Object.assign(document.createElement('script'), { src: `${url}/admin/v1/apps` });
          script.onload = () => done('loaded');
          script.onerror = () => done('refused');
          document.body.append(script);
        });
        return [byFetch, byScript];
      }, server.adminUrl);
      assert.deepEqual(read, ['refused', 'refused']);
    });

    it('keeps no hold on a window of the dashboard that it opened', async () => {
      const opening = other.context().waitForEvent('page');
      await other.evaluate((url) => void (globalThis.opened = window.open(url)), server.adminUrl);
      const opened = await opening;
      await opened.getByRole('heading', { level: 1 }).waitFor();
      assert.equal(await opened.evaluate(() => window.opener), null);
      assert.equal(await other.evaluate(() => globalThis.opened.closed), true, 'to the page that opened it, it is gone');
      await opened.close();
    });
  });
}

describe('a session', () => {
  it('is not what the page of another port planted before the sign-in', async () => {
    const planted = 'A'.repeat(43);
    const victim = await openPage(browser, server);
    const context = victim.page.context();
    const page = await context.newPage();
    await page.goto(kElsewhere['another port of the same host']());
    await page.evaluate((value) => void (document.cookie = `latchkey-session=${value}; path=/`), planted);
    await victim.signIn();
    const [cookie] = await context.cookies(server.adminUrl);
    assert.notEqual(cookie.value, planted);
    assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Strict']);

    const attacker = await openPage(browser, server);
    await attacker.page.context().addCookies([{ name: 'latchkey-session', value: planted, url: server.adminUrl }]);
    await attacker.goTo('/');
    await attacker.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();

    // Nor can a script, be it of the dashboard itself, read the real one or put another in its place.
    for (const reader of [page, victim.page]) {
      await reader.evaluate((value) => void (document.cookie = `latchkey-session=${value}; path=/`), planted);
      assert.equal(await reader.evaluate(() => document.cookie), '');
    }
    assert(await isSignedIn(victim.page));
    await attacker.close();
    await victim.close();
  });
});

describe('the live figures', () => {
  it('go to who shows the own origin, and to nobody of another or of none', async () => {
    const { host } = new URL(server.adminUrl);
    const cookie = await signIn(server, 'anna');
    const [address, port] = host.split(':');
    const statusFor = async (headers) => {
      const socket = await RawWebSocket.open(host, kLive, { Cookie: cookie, ...headers });
      socket.destroy();
      return socket.status;
    };
    assert.equal(await statusFor({ Origin: `http://${host}` }), 101);
    for (const origin of [
      `http://${address}:${Number(port) - 1}`,
      `http://${address}`,
      `http://localhost:${port}`,
      `http://${host}.evil.example`,
      `http://evil.example/${host}`,
      'null',
    ]) {
      assert.equal(await statusFor({ Origin: origin }), 403, JSON.stringify(origin));
    }
    assert.equal(await statusFor({}), 403, 'every browser says where a page is from');
    assert.equal(await statusFor({ Origin: `http://${host}`, Cookie: null }), 401, 'nor to nobody at all');
  });
});
