// Every screen, in light and dark and on a phone: axe has nothing against it, it fits, and its picture is kept.
import { after, before, describe, it } from 'node:test';

import { kPassword, setUpCode } from '../interop/support/admin.mjs';
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
});
