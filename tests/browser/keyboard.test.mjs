// Every control can be reached with the keyboard alone and shows that it was, and a dialog keeps the focus to itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { callLocally, makeAccount } from '../interop/support/admin.mjs';
import { createUsers } from '../interop/support/http.mjs';
import { startServer } from '../interop/support/server.mjs';
import { oldUserToken } from '../interop/support/tokens.mjs';
import { decisionAbout } from './support/asking.mjs';
import { kLooks, openBrowser, openPage } from './support/browser.mjs';
import { keepConnected, kScreens } from './support/screens.mjs';

let server;
let browser;
let visitors;
let unchecked; // an app whose auth checks are off

before(async () => {
  server = await startServer({ mode: 'development' });
  browser = await openBrowser();
  await makeAccount(server);
  await makeAccount(server, { name: 'victor', role: 'viewer' });
  await callLocally(server, 'POST', `apps/${server.apiKey}/secrets`);
  await createUsers(server, 'john', 'jane');
  ({ app: unchecked } = await callLocally(server, 'POST', 'apps', { name: 'Unchecked', mode: 'development' }));
  await callLocally(server, 'PATCH', `apps/${unchecked.api_key}`, { disable_auth_checks: true });
  visitors = {};
  for (const { name, ...options } of kLooks) {
    visitors[name] = await openPage(browser, server, options);
    await visitors[name].signIn();
  }
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const addressOf = (at) => at.replace('KEY', server.apiKey).replace('UNCHECKED', unchecked.api_key);

/** Notes each control of the page that shows, one for each group of radio buttons; returns what they are called. */
function findControls() {
  const takesFocus = (element) =>
    element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true });
  const isChosen = ({ type, name, checked }) =>
    type !== 'radio' || checked || !document.querySelector(`input[name="${CSS.escape(name)}"]:checked`);
  globalThis.noted = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter((element) => takesFocus(element) && isChosen(element));
  return globalThis.noted.map((element) => element.outerHTML.slice(0, 160));
}

/** Which of the noted controls has the focus (-1: none of them), and what is wrong with how it shows. */
function findFocus() {
  const element = document.activeElement;
  const at = globalThis.noted.indexOf(element);
  if (at < 0) return { at };
  const showsFocus = (candidate) =>
    [null, '::after'].some((part) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(candidate, part);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    });
  // One that is drawn by what stands beside it, as a choice is, shows there.
  const drawn = element.classList.contains('visually-hidden') ? element.nextElementSibling : element;
  const { left, right, top, bottom } = drawn.getBoundingClientRect();
  const isInView = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
  return { at, flaw: !showsFocus(drawn) ? 'no outline' : !isInView ? 'out of view' : undefined };
}

/** Goes once around the page with Tab. Returns the controls that were not reached, or do not show the focus. */
async function walkAround(page) {
  const controls = await page.evaluate(findControls);
  const missing = new Set(controls.keys());
  const flaws = [];
  // One more for each end of the page, where the focus leaves it.
  for (let presses = 0; presses < controls.length + 4 && missing.size > 0; presses += 1) {
    await page.keyboard.press('Tab');
    const { at, flaw } = await page.evaluate(findFocus);
    if (flaw !== undefined && missing.has(at)) flaws.push(`${flaw}: ${controls[at]}`);
    missing.delete(at);
  }
  return [...[...missing].map((at) => `not reached: ${controls[at]}`), ...flaws];
}

describe('with the keyboard alone', () => {
  keepConnected(() => server);

  for (const [name, { at, shows }] of Object.entries(kScreens)) {
    for (const look of ['light', 'phone']) {
      it(`every control can be reached, and shows that it was: ${name}, ${look}`, async () => {
        const visitor = visitors[look];
        await visitor.goTo(addressOf(at));
        await (await shows(visitor, server)).waitFor();
        assert.deepEqual(await walkAround(visitor.page), []);
        visitor.assertWellBehaved();
      });
    }
  }

  it('the navigation of a narrow page is opened, gone to, and closed', async () => {
    const visitor = visitors.phone;
    const { page } = visitor;
    await visitor.goTo(addressOf('/apps/KEY'));
    await page.getByRole('button', { name: 'Open the navigation' }).press('Enter');
    const users = page.getByRole('link', { name: 'Users', exact: true });
    await users.focus();
    await page.keyboard.press('Escape');
    await users.waitFor({ state: 'hidden' });
    const opener = page.getByRole('button', { name: 'Open the navigation' });
    assert(await opener.evaluate((element) => element === document.activeElement), 'the focus is back where it was');
    await opener.press('Enter');
    await users.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await users.waitFor({ state: 'hidden' });
  });

  it('the navigation can be left out', async () => {
    const visitor = visitors.light;
    await visitor.goTo(addressOf('/apps/KEY/users'));
    await visitor.page.reload();
    await visitor.page.getByRole('heading', { level: 1 }).waitFor();
    await visitor.page.getByRole('link', { name: 'Skip to the content' }).press('Enter');
    assert.equal(await visitor.page.evaluate(() => document.activeElement?.id), 'main');
  });

  it('a user is revoked, and that is undone', async () => {
    const visitor = visitors.light;
    const { page } = visitor;
    const token = oldUserToken(server, 'jane');
    await visitor.goTo(addressOf('/apps/KEY/users?search=jane'));
    await page.getByRole('checkbox', { name: 'Select jane' }).focus();
    await page.keyboard.press('Space');
    const act = page.getByRole('button', { name: 'Revoke tokens' });
    await tabTo(page, act);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This ends').waitFor();
    await tabTo(page, dialog.getByRole('button', { name: 'Revoke', exact: true }));
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    // What opened it has gone with the selection.
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main', 'the focus has a place to go on from');
    assert.equal((await decisionAbout(server, token)).status, 401);
    await tabTo(page, page.getByRole('button', { name: 'Undo', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText('Undone for jane').waitFor();
    assert.equal((await decisionAbout(server, token)).status, 200);
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY', 'nor is it lost with the message');
    visitor.assertWellBehaved();
  });

  it('all tokens of an app are revoked by typing its name, and that is undone', async () => {
    const visitor = visitors.light;
    const { page } = visitor;
    const token = oldUserToken(server, 'jane');
    await visitor.goTo(addressOf('/apps/KEY/authentication'));
    await page.getByRole('button', { name: 'Revoke all tokens' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This ends').waitFor();
    const { app } = await callLocally(server, 'GET', `apps/${server.apiKey}`);
    // Enter alone does nothing: the name is not there yet.
    await page.keyboard.press('Enter');
    await page.keyboard.type(app.name);
    assert.equal((await decisionAbout(server, token)).status, 200);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await decisionAbout(server, token)).status, 401);
    const undo = page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Undo', exact: true });
    await tabTo(page, undo);
    await page.keyboard.press('Enter');
    await undo.waitFor({ state: 'detached' });
    assert.equal((await decisionAbout(server, token)).status, 200);
    visitor.assertWellBehaved();
  });
});

/** Whether it has the focus. */
const isFocused = (target) => target.evaluate((element) => element === document.activeElement);

describe('a message', () => {
  it('is gone to from anywhere with F6, and back, and waits while a dialog is open', async () => {
    const visitor = await openPage(browser, server);
    const { page } = visitor;
    await page.clock.install();
    await visitor.signIn();
    const token = oldUserToken(server, 'jane');
    await visitor.goTo(addressOf('/apps/KEY/users?search=jane'));
    await page.getByRole('checkbox', { name: 'Select jane' }).check();
    await page.getByRole('button', { name: 'Revoke tokens' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    const undo = page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Undo', exact: true });
    await undo.waitFor();
    const search = page.getByLabel('Search').first();
    await search.focus();
    await page.keyboard.press('F6');
    assert(await isFocused(undo), 'it has the focus');
    await page.keyboard.press('F6');
    assert(await isFocused(search), 'the focus is back');

    await visitor.goTo('/apps');
    await page.getByRole('button', { name: 'Create an app' }).press('Enter');
    const name = page.getByRole('dialog').getByLabel('Name');
    await name.waitFor();
    await page.clock.fastForward(40_000);
    await page.keyboard.press('F6');
    assert(await isFocused(undo), 'from a dialog too');
    await visitor.assertAccessible();
    await page.keyboard.press('F6');
    assert(await isFocused(name), 'and back into it');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await decisionAbout(server, token)).status, 401);
    await page.keyboard.press('F6');
    await page.keyboard.press('Enter');
    await page.getByText('Undone for jane').waitFor();
    assert.equal((await decisionAbout(server, token)).status, 200);
    assert(await isFocused(page.getByRole('button', { name: 'Create an app' })), 'the focus is back where it was');
    visitor.assertWellBehaved();
    await visitor.close();
  });
});

describe('a form that cannot be sent', () => {
  /** What the field that has the focus says of itself, to whoever cannot see it. */
  const heard = (page) =>
    page.evaluate(() => {
      const { labels, ariaInvalid, attributes } = document.activeElement;
      const notes = (attributes['aria-describedby']?.value ?? '').split(' ').filter(Boolean);
      return [labels?.[0]?.textContent, ariaInvalid, notes.map((id) => document.getElementById(id).innerText.trim()).at(-1)];
    });

  it('takes the focus to the first field at fault, at each try', async () => {
    const visitor = await openPage(browser, server);
    const { page } = visitor;
    await visitor.goTo('/sign-in');
    const send = page.getByRole('button', { name: 'Sign in', exact: true });
    for (let tries = 0; tries < 2; tries += 1) {
      await send.press('Enter');
      assert.deepEqual(await heard(page), ['Name', 'true', 'The name is needed.']);
    }
    await page.keyboard.type('anna');
    await page.keyboard.press('Enter');
    assert.deepEqual(await heard(page), ['Password', 'true', 'The password is needed.']);
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The name or the password is wrong.', { exact: true }).waitFor();

    await visitor.goTo('/token-generator');
    await page.getByLabel('User id').fill('john');
    await page.getByRole('button', { name: 'Generate token' }).press('Enter');
    const [label, invalid] = await heard(page);
    assert.deepEqual([label, invalid], ['API secret', 'true']);
    visitor.assertWellBehaved();
    await visitor.close();
  });
});

describe('the chart', () => {
  it('says its peak, what it cannot know, and the values that arrow keys lead to', async () => {
    const visitor = visitors.light;
    const { page } = visitor;
    await visitor.goTo(addressOf('/apps/KEY'));
    const chart = page.getByRole('img', { name: /Decisions per second/ });
    await chart.waitFor();
    assert.match(await chart.getAttribute('aria-label'), /The peak was at .+ let in|There was no decision/);
    assert.match(await chart.getAttribute('aria-label'), /It begins at .+ when this page was opened\./);
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('status').filter({ hasText: /: Users .+, Refused .+ per second/ }).waitFor({ state: 'attached' });
  });
});

/** Presses Tab until the focus is there. */
async function tabTo(page, target) {
  await target.waitFor();
  for (let presses = 0; !(await target.evaluate((element) => element === document.activeElement)); presses += 1) {
    assert(presses < 100, `Tab does not lead to ${target}`);
    await page.keyboard.press('Tab');
  }
}

describe('a dialog', () => {
  keepConnected(() => server);

  const button = (name) => (page) => page.getByRole('button', { name }).first();
  const inRow = (text, name) => (page) => page.getByRole('row').filter({ hasText: text }).getByRole('button', { name });
  /** Where each dialog is, and what opens it. */
  const kDialogs = {
    'create an app': ['/apps', button('Create an app')],
    'switch the mode': ['/apps/KEY/authentication', button('Switch to production')],
    'switch auth checks off': ['/apps/KEY/authentication', (page) => page.getByRole('switch', { name: 'Disable Auth Checks' })],
    'switch auth checks on': ['/apps/UNCHECKED/authentication', (page) => page.getByRole('switch', { name: 'Disable Auth Checks' })],
    'go to production unchecked': ['/apps/UNCHECKED/authentication', button('Switch to production')],
    'rotate the secret': ['/apps/KEY/authentication', button('Rotate the secret')],
    'show a secret': ['/apps/KEY/authentication', inRow('Secret 1', 'Show')],
    'retire a secret': ['/apps/KEY/authentication', inRow('Secret 1', 'Retire')],
    'revoke all tokens': ['/apps/KEY/authentication', button('Revoke all tokens')],
    'mint a token': ['/apps/KEY/users/john', button('Mint a token')],
    'deactivate a user': ['/apps/KEY/users/john', button('Deactivate')],
    'revoke a user': ['/apps/KEY/users/john', button('Revoke tokens')],
    'end a connection': ['/apps/KEY/connections', button('End')],
    'suspend an app': ['/apps/KEY/settings', button('Suspend')],
    'delete an app': ['/apps/KEY/settings', button('Delete')],
    'add an account': ['/settings?tab=accounts', button('Add an account')],
    'change a role': ['/settings?tab=accounts', inRow('victor', 'Role')],
    'set a password': ['/settings?tab=accounts', inRow('victor', 'Password')],
    'disable an account': ['/settings?tab=accounts', inRow('victor', 'Disable')],
    'remove an account': ['/settings?tab=accounts', inRow('victor', 'Remove')],
  };

  for (const [name, [at, openerOf]] of Object.entries(kDialogs)) {
    for (const look of ['dark', 'phone']) {
      it(`can be read by everybody, keeps the focus, and gives it back: ${name}, ${look}`, async () => {
        const visitor = visitors[look];
        const { page } = visitor;
        await visitor.goTo(addressOf(at));
        const opener = openerOf(page);
        await opener.press('Enter');
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        await dialog.getByRole('status', { name: /Counting/ }).waitFor({ state: 'detached' });
        const focusIsInside = () =>
          // Between its last control and its first the browser has the focus, and the page has none.
          page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null);
        assert.equal(await page.evaluate(() => document.activeElement?.closest('dialog') !== null), true, 'it has the focus');
        await visitor.assertAccessible();
        await visitor.assertFits();
        await visitor.keepScreenshot(`dialog-${name.replaceAll(' ', '-')}-${look}`);
        const stops = await dialog.locator('button, input, select, textarea').count();
        for (const key of ['Tab', 'Shift+Tab']) {
          for (let presses = 0; presses < stops + 3; presses += 1) {
            await page.keyboard.press(key);
            assert(await focusIsInside(), `${key} leads out of it`);
          }
        }
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        assert(await opener.evaluate((element) => element === document.activeElement), 'the focus is back where it was');
        visitor.assertWellBehaved();
      });
    }
  }
});
