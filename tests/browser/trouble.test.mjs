// What the screens say when something is refused, gone or over: a message, and never a blank page.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { callLocally, kPassword, makeAccount } from '../interop/support/admin.mjs';
import { createUsers } from '../interop/support/http.mjs';
import { startServer } from '../interop/support/server.mjs';
import { openBrowser, openPage } from './support/browser.mjs';
import { keepConnected, kScreens } from './support/screens.mjs';

const kNewPassword = 'another horse battery';

let server;
let browser;

before(async () => {
  server = await startServer({ mode: 'development' });
  browser = await openBrowser();
  await makeAccount(server);
  await makeAccount(server, { name: 'victor', role: 'viewer' });
  await createUsers(server, 'john', 'jane');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

keepConnected(() => server);

const addressOf = (at) => at.replace('KEY', server.apiKey);

/** A page for one test, with somebody signed in. */
async function withVisitor(name, use) {
  const visitor = await openPage(browser, server);
  try {
    await visitor.signIn(name);
    await use(visitor);
    visitor.assertWellBehaved();
  } finally {
    await visitor.close();
  }
}

describe('a viewer', () => {
  /** What anybody may do: look, copy, search, go on, make a token of a secret that they have, and change their own password. */
  const kHarmless = [
    /^Copy/, /^Close the navigation$/, /^Open the navigation$/, /^Sign out$/, /^First steps$/, /^Hide the first steps$/,
    /^Explain$/, /^Verify the chain$/, /^Generate token$/, /^Show what is typed$/, /^Change it$/, /^Clear the selection$/,
  ];

  it('is offered nothing that a viewer may not do, and is refused nothing on the way', () =>
    withVisitor('victor', async (visitor) => {
      const { page } = visitor;
      const refused = [];
      page.on('response', (response) => {
        if (response.status() === 403) refused.push(`${response.request().method()} ${response.url()}`);
      });
      for (const [name, { at, shows }] of Object.entries(kScreens)) {
        if (name === 'accounts') continue; // the next test's
        await visitor.goTo(addressOf(at));
        await (await shows(visitor, server)).waitFor();
        if (name === 'users') await page.getByRole('checkbox', { name: 'Select john' }).check();
        const offered = await page.locator('button, [role=switch]').evaluateAll((all) =>
          all
            .filter((one) => one.checkVisibility({ visibilityProperty: true }))
            .filter((one) => one.ariaDisabled !== 'true' && !one.disabled && one.role !== 'tab')
            .map((one) => one.ariaLabel ?? one.textContent.trim()),
        );
        const wrong = offered.filter((label) => !kHarmless.some((harmless) => harmless.test(label)));
        assert.deepEqual(wrong, [], name);
      }
      assert.deepEqual(refused, []);
    }));

  it('has no accounts to manage, also not by the address', () =>
    withVisitor('victor', async (visitor) => {
      await visitor.goTo('/settings?tab=accounts');
      await visitor.page.getByLabel('Current password').waitFor();
      assert.equal(await visitor.page.getByRole('tab', { name: 'Accounts' }).count(), 0);
    }));
});

describe('an owner', () => {
  it('is offered what the viewer is not', () =>
    withVisitor('anna', async (visitor) => {
      const { page } = visitor;
      const offers = {
        '/apps': ['Create an app'],
        '/apps/KEY/authentication': ['Switch to production', 'Rotate the secret…', 'Show', 'Revoke all tokens…'],
        '/apps/KEY/users/john': ['Mint a token…', 'Deactivate…', 'Revoke tokens…'],
        '/apps/KEY/connections': ['End…'],
        '/apps/KEY/settings': ['Suspend…', 'Delete…'],
        '/settings?tab=accounts': ['Add an account'],
      };
      for (const [at, names] of Object.entries(offers)) {
        await visitor.goTo(addressOf(at));
        for (const name of names) {
          const button = page.getByRole('button', { name, exact: true }).first();
          await button.waitFor();
          assert.equal(await button.getAttribute('aria-disabled'), null, `${at} ${name}`);
        }
      }
    }));
});

/** Ways in which the answers to all calls of the admin API but that about the session can go wrong. */
const kTroubles = {
  'the server fails': {
    answer: (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"code":-1,"message":"Something broke here."}' }),
    says: /Something broke here\./,
  },
  'a proxy answers in its place': {
    answer: (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }),
    says: /status 502/,
  },
  'something else answers, and calls it a success': {
    answer: (route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Welcome to the network</h1>' }),
    says: /did not come from a Latchkey server/,
  },
  'it may not be read': {
    answer: (route) => route.fulfill({ status: 403, contentType: 'application/json', body: '{"code":17,"message":"Not for you."}' }),
    says: /Not for you\./,
  },
  'nothing answers': { answer: (route) => route.abort('connectionrefused'), says: /cannot be reached/ },
};

describe('a screen', () => {
  const isAboutSession = (url) => new URL(url).pathname === '/admin/v1/session';
  const isCall = (url) => url.pathname.startsWith('/admin/v1/') && !isAboutSession(url);
  /** These fetch nothing when they come. */
  const kNeedsNothing = ['token-tools', 'explain', 'app-settings', 'settings'];

  for (const [trouble, { answer, says }] of Object.entries(kTroubles)) {
    it(`says so, and comes when it is tried again, where ${trouble}`, () =>
      withVisitor('anna', async (visitor) => {
        const { page } = visitor;
        for (const [name, { at, shows }] of Object.entries(kScreens)) {
          if (kNeedsNothing.includes(name)) continue;
          await page.route(isCall, answer);
          await visitor.goTo(addressOf(at));
          // From nothing: what a page knows already it goes on showing.
          await page.reload();
          const alert = page.getByRole('main').getByRole('alert').filter({ hasText: says }).first();
          await alert.waitFor();
          assert.notEqual((await page.getByRole('heading', { level: 1 }).first().innerText()).trim(), '', name);
          await page.unroute(isCall);
          await page.getByRole('main').getByRole('button', { name: 'Try again' }).first().click();
          // Behind the list of Apps each screen asks for what is its own.
          await (await shows(visitor, server)).waitFor();
        }
      }));
  }

  it('goes on showing what it knows, and says that it is not fed any more', () =>
    withVisitor('anna', async (visitor) => {
      const { page } = visitor;
      await visitor.goTo(addressOf('/apps/KEY/connections'));
      await page.getByRole('link', { name: 'john' }).waitFor();
      await page.route(isCall, (route) => route.abort('connectionrefused'));
      await page.getByRole('alert').filter({ hasText: /cannot be reached/ }).waitFor();
      assert(await page.getByRole('link', { name: 'john' }).isVisible());
      await page.unroute(isCall);
      await page.getByRole('alert').waitFor({ state: 'detached' });
    }));

  it('says so where its own code cannot be loaded, and comes with the next try', () =>
    withVisitor('anna', async (visitor) => {
      const { page } = visitor;
      visitor.expectOnConsole(/Unable to preload CSS|Failed to fetch dynamically imported module/);
      const isCode = (url) => url.pathname.startsWith('/assets/');
      await page.route(isCode, (route) => route.abort('connectionrefused'));
      await page.getByRole('link', { name: 'Audit', exact: true }).click();
      await page.getByRole('alert').filter({ hasText: 'could not be shown' }).waitFor();
      await page.unroute(isCode);
      await page.getByRole('button', { name: 'Load again' }).click();
      await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    }));
});

/** The dialog that suspends the App, with what it asks for. */
async function askToSuspend(page) {
  const { name } = (await callLocally(server, 'GET', `apps/${server.apiKey}`)).app;
  await page.getByRole('button', { name: 'Suspend…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
  const act = dialog.getByRole('button', { name: 'Suspend', exact: true, disabled: false });
  await act.waitFor();
  return { dialog, act };
}

describe('an act', () => {
  for (const [trouble, { answer, says }] of Object.entries(kTroubles)) {
    it(`that comes to nothing is told in its dialog, which stays for another try, where ${trouble}`, () =>
      withVisitor('anna', async (visitor) => {
        const { page } = visitor;
        await visitor.goTo(addressOf('/apps/KEY/settings'));
        const { dialog, act } = await askToSuspend(page);
        const isAct = (url) => url.pathname === `/admin/v1/apps/${server.apiKey}`;
        await page.route(isAct, answer);
        await act.click();
        await dialog.getByRole('alert').filter({ hasText: says }).waitFor();
        assert.equal((await callLocally(server, 'GET', `apps/${server.apiKey}`)).app.settings.suspended ?? false, false);
        await page.unroute(isAct);
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await dialog.waitFor({ state: 'detached' });
      }));
  }
});

describe('a session that ends', () => {
  it('leads to the sign-in by itself, and from there back to where one was', () =>
    withVisitor('anna', async (visitor) => {
      const { page } = visitor;
      const at = addressOf('/apps/KEY/users?search=jo&state=online');
      await visitor.goTo(at);
      await page.getByRole('link', { name: 'john' }).waitFor();
      const { accounts } = await callLocally(server, 'GET', 'accounts');
      const { id } = accounts.find(({ name }) => name === 'anna');
      await callLocally(server, 'PATCH', `accounts/${id}`, { password: kNewPassword });

      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
      assert(await page.getByText('Your session has ended').isVisible());
      await page.getByLabel('Name', { exact: true }).fill('anna');
      await page.getByLabel('Password', { exact: true }).fill(kPassword);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Password', { exact: true }).fill(kNewPassword);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('link', { name: 'john' }).waitFor();
      assert.equal(new URL(page.url()).hash, `#${at}`);
      await callLocally(server, 'PATCH', `accounts/${id}`, { password: kPassword });
    }));

  it('is no message where one signs out, and nothing stays on the page', () =>
    withVisitor('anna', async (visitor) => {
      const { page } = visitor;
      await visitor.goTo(addressOf('/apps/KEY/settings'));
      await page.getByLabel('Name of the app').fill('Renamed');
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByText('Called Renamed now').waitFor();
      await visitor.goTo(addressOf('/apps/KEY/users'));
      await page.getByRole('link', { name: 'john' }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
      assert.equal(await page.getByText('Your session has ended').count(), 0);
      assert.equal(await page.getByRole('link', { name: 'john' }).count(), 0);
      assert.equal(await page.getByText('Called Renamed now').count(), 0);
      await page.goBack();
      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    }));

  it('is noticed by an act too, and does not do it', () =>
    withVisitor('anna', async (visitor) => {
      const { page } = visitor;
      await visitor.goTo(addressOf('/apps/KEY/settings'));
      const { act } = await askToSuspend(page);
      await page.context().clearCookies();
      await act.click();
      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
      await page.getByText('what you were doing just then was not done').waitFor();
      assert.equal((await callLocally(server, 'GET', `apps/${server.apiKey}`)).app.settings.suspended ?? false, false);
    }));
});
