// The screens before the sign-in, in light and dark and on a phone: axe has nothing against them, they fit,
// and their pictures are kept.
import { after, before, describe, it } from 'node:test';

import { startServer } from '../interop/support/server.mjs';
import { kLooks, openBrowser, openPage } from './support/browser.mjs';
import { makeAccount } from './support/operators.mjs';

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

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

describe('before there is an account', () => {
  for (const { name, ...options } of kLooks) {
    it(`set-up can be read and used by everybody: ${name}`, () =>
      look(options, `set-up-${name}`, (visitor) => visitor.goTo('/')));
  }
});

describe('before anybody is signed in', () => {
  before(() => makeAccount(server));

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
