// Every screen, in light and dark and on a phone: axe has nothing against it, it fits, and its picture is kept.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { callLocally, kPassword, setUpCode } from '../interop/support/admin.mjs';
import { createUsers, revokeUsers } from '../interop/support/http.mjs';
import { startServer } from '../interop/support/server.mjs';
import { kLooks, openBrowser, openPage } from './support/browser.mjs';
import { keepConnected, kScreens } from './support/screens.mjs';

let server;
let browser;

before(async () => {
  // The set-up code is printed where somebody may read it.
  server = await startServer({ mode: 'development', args: ['--show-secret'] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Something to see on each screen. */
async function fillServer() {
  await createUsers(server, 'john', 'jane', 'x'.repeat(255));
  await revokeUsers(server, ['jane'], new Date(Date.now() - 60_000).toISOString());
}

/** Opens a page, has it looked at, and makes sure that nothing went wrong on it. */
async function look(options, name, use) {
  const visitor = await openPage(browser, server, options);
  try {
    await use(visitor);
    await visitor.assertAccessible();
    await visitor.assertFits();
    await visitor.keepScreenshot(name);
    visitor.assertWellBehaved();
  } finally {
    await visitor.close();
  }
}

describe('before anybody is signed in', () => {
  for (const { name, ...options } of kLooks) {
    it(`set-up can be read and used by everybody: ${name}`, () =>
      look(options, `set-up-${name}`, (visitor) => visitor.goTo('/')));
  }

  it('the code that the server printed makes the first account, once', async () => {
    const code = await setUpCode(server);
    const visitor = await openPage(browser, server);
    const { page } = visitor;
    await visitor.goTo(`/setup?code=${code}`);
    await page.getByLabel('Your name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill(kPassword);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { level: 1, name: 'Apps' }).waitFor();
    visitor.assertWellBehaved();
    await visitor.close();

    const later = await openPage(browser, server);
    await later.goTo(`/setup?code=${code}`);
    await later.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await later.close();
  });

  for (const { name, ...options } of kLooks) {
    it(`sign-in can be read and used by everybody: ${name}`, () =>
      look(options, `sign-in-${name}`, (visitor) => visitor.goTo('/')));

    it(`the token generator can be read and used by everybody: ${name}`, () =>
      look(options, `token-generator-${name}`, async (visitor) => {
        const { page } = visitor;
        await visitor.goTo('/');
        await page.getByRole('link', { name: 'Token generator' }).click();
        await page.getByLabel('User id').fill('john');
        await page.getByLabel('API secret', { exact: true }).fill(server.apiSecret);
        await page.getByRole('button', { name: 'Generate token' }).click();
        await page.getByRole('button', { name: 'Show as QR code' }).click();
        await page.getByRole('img', { name: /QR code/ }).waitFor();
      }));
  }
});

describe('signed in', () => {
  let visitors;
  before(async () => {
    await fillServer();
    visitors = await Promise.all(
      kLooks.map(async ({ name: _, ...options }) => {
        const visitor = await openPage(browser, server, options);
        await visitor.signIn();
        return visitor;
      }),
    );
  });
  keepConnected(() => server);
  after(() => Promise.all((visitors ?? []).map((visitor) => visitor.close())));

  for (const [screen, { at, shows }] of Object.entries(kScreens)) {
    for (const [index, { name: look }] of kLooks.entries()) {
      it(`${screen} can be read and used by everybody: ${look}`, async () => {
        const visitor = visitors[index];
        await visitor.goTo(at.replace('KEY', server.apiKey));
        await (await shows(visitor, server)).waitFor();
        await visitor.assertAccessible();
        await visitor.assertFits();
        await visitor.keepScreenshot(`${screen}-${look}`);
        visitor.assertWellBehaved();
      });
    }
  }

  /** Each that is on, chosen or current, and one beside it that is not. */
  const kStates = {
    '/apps/KEY': [
      ['.nav-link[aria-current=page]', '.nav-link:not([aria-current])'],
      ['.segmented input:checked + span', '.segmented input:not(:checked) + span'],
      ['.series-user .chart-swatch', '.series-refused .chart-swatch'],
      ['.bars-fill', '.bars-track'],
    ],
    '/apps/KEY/authentication': [['.switch[aria-checked=true]', '.switch[aria-checked=false]']],
    '/apps/KEY/tokens': [['[role=tab][aria-selected=true]', '[role=tab][aria-selected=false]']],
  };

  it('what is on, chosen or current shows in forced colours', async () => {
    const { page } = visitors[0];
    await fetch(`${server.url}/api/v2/app?api_key=${server.apiKey}`, { headers: { Authorization: 'x', 'Stream-Auth-Type': 'jwt' } });
    await page.emulateMedia({ forcedColors: 'active' });
    for (const [at, pairs] of Object.entries(kStates)) {
      await visitors[0].goTo(at.replace('KEY', server.apiKey));
      for (const pair of pairs) {
        const [is, isNot] = await Promise.all(
          pair.map((selector) => page.locator(selector).first().evaluate((one) => getComputedStyle(one).backgroundColor)),
        );
        assert.notEqual(is, isNot, `${at}: ${pair[0]}`);
      }
      await visitors[0].keepScreenshot(`forced-colours${at.replaceAll('/', '-')}`);
    }
    await page.emulateMedia({ forcedColors: null });
  });

  it('a dialog about an app with the longest name has its cross and its words apart', async () => {
    const { page } = visitors[0];
    const { app } = await callLocally(server, 'POST', 'apps', { name: 'W'.repeat(255), mode: 'development' });
    for (const viewport of [{ width: 1280, height: 900 }, { width: 320, height: 256 }]) {
      await page.setViewportSize(viewport);
      await visitors[0].goTo(`/apps/${app.api_key}/settings`);
      await page.getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('dialog');
      const boxOf = (selector) => dialog.locator(selector).boundingBox();
      const [frame, cross, title, body] = await Promise.all([
        dialog.boundingBox(), boxOf('[aria-label=Close]'), boxOf('h2'), boxOf('.dialog-body'),
      ]);
      assert(cross.x + cross.width <= frame.x + frame.width, 'the cross is in the dialog');
      assert(title.x + title.width <= cross.x, 'the title ends before the cross');
      assert(title.y + title.height <= body.y, 'the title ends before the body');
      await visitors[0].keepScreenshot(`dialog-long-name-${viewport.width}`);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
    await callLocally(server, 'DELETE', `apps/${app.api_key}`, { confirm: app.name });
    await page.setViewportSize(kLooks[0].viewport);
  });

  for (const screen of ['authentication', 'connections', 'accounts']) {
    it(`${screen} has what can be done with a row within the narrowest page`, async () => {
      const [visitor] = visitors;
      const { page } = visitor;
      await page.setViewportSize({ width: 320, height: 760 });
      const { at, shows } = kScreens[screen];
      await visitor.goTo(at.replace('KEY', server.apiKey));
      await (await shows(visitor, server)).waitFor();
      const beyond = await page.locator('.cell-actions button').evaluateAll((buttons) =>
        buttons
          .filter((button) => button.getBoundingClientRect().right > button.closest('.table-frame').getBoundingClientRect().right)
          .map(({ textContent }) => textContent),
      );
      await page.setViewportSize(kLooks[0].viewport);
      assert.deepEqual(beyond, []);
    });
  }
});
