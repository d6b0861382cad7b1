// Users and their connections: found, chosen, revoked with a look at what it ends, and taken back.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { makeAccount } from '../interop/support/admin.mjs';
import { createUsers } from '../interop/support/http.mjs';
import { Socket } from '../interop/support/socket.mjs';
import { oldUserToken } from '../interop/support/tokens.mjs';
import { claimsOf, decisionAbout } from './support/asking.mjs';
import { openPage } from './support/browser.mjs';
import { visitSignedIn } from './support/visits.mjs';

let server;
let browser;
let visitor;
let page;
visitSignedIn((stage) => ({ server, browser, visitor, page } = stage), {
  prepare: (started) => makeAccount(started, { name: 'victor', role: 'viewer' }),
});

const at = (path) => `/apps/${server.apiKey}/${path}`;
const rowOf = (id) => page.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) });
const dialog = () => page.getByRole('dialog');

/** A user of this test alone, and a live connection under a token that a revocation covers. */
let count = 0;
let userId;
let token;
let socket;
beforeEach(async () => {
  count += 1;
  userId = `user-${count}`;
  await createUsers(server, userId);
  token = oldUserToken(server, userId);
  socket = await Socket.legacy(server, userId, token);
  await socket.nextOf('health.check');
  socket.stayAlive();
});
afterEach(() => socket.close().catch(() => {}));

describe('the users', () => {
  it('are found by the beginning of their id, and the address leads there again', async () => {
    await visitor.goTo(at('users'));
    await page.getByRole('searchbox', { name: 'Search' }).fill(userId);
    await rowOf(userId).waitFor();
    await page.waitForURL(new RegExp(`search=${userId}$`));
    await page.reload();
    await rowOf(userId).waitFor();
    await page.getByRole('searchbox', { name: 'Search' }).fill('nobody');
    await page.getByText('Nobody matches').waitFor();
  });

  it('are found again on their page by the way back from one of them', async () => {
    const ids = Array.from({ length: 51 }, (_, index) => `page-${String(index + 1).padStart(2, '0')}`);
    await createUsers(server, ...ids);
    await visitor.goTo(at('users'));
    await page.getByRole('searchbox', { name: 'Search' }).fill(' page- '); // as it is pasted
    await page.waitForURL(/search=page-$/);
    await rowOf('page-50').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('link', { name: 'page-51', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'page-51' }).waitFor();
    await page.goBack();
    await rowOf('page-51').waitFor();
    await page.getByText('Page 2', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Previous' }).click();
    await rowOf('page-50').waitFor();
    await page.goBack();
    await rowOf('page-51').waitFor();
    await page.reload();
    await rowOf('page-51').waitFor();
    await page.getByRole('button', { name: 'First page' }).click();
    await rowOf('page-01').waitFor();
  });

  it('are revoked behind a look at what it ends, and a socket ends with it; undo makes the token good', async () => {
    await visitor.goTo(at(`users?search=${userId}`));
    await page.getByRole('checkbox', { name: `Select ${userId}` }).check();
    await page.getByRole('button', { name: 'Revoke tokens' }).click();
    await dialog().getByText('This ends 1 open connection').waitFor();
    await dialog().getByText('Issued before…').click();
    await dialog().getByLabel('Issued before', { exact: true }).fill('2999-01-01T00:00:01');
    await dialog().getByRole('button', { name: 'Revoke', exact: true }).click();
    await dialog().getByText('This is yet to come.').waitFor();
    await dialog().getByText('All issued until now').click();
    await dialog().getByText('This ends 1 open connection').waitFor();
    assert.equal((await decisionAbout(server, token)).status, 200, 'a look ends nothing');
    await dialog().getByRole('button', { name: 'Revoke', exact: true }).click();

    await socket.closed();
    assert.equal((await decisionAbout(server, token)).body.code, 40);
    await rowOf(userId).getByText('revoked').filter({ visible: true }).waitFor();

    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByText(`Undone for ${userId}`).waitFor();
    assert.equal((await decisionAbout(server, token)).status, 200);
  });

  it('are given back the earlier revocation by an undo, not a clean slate', async () => {
    const tooOld = oldUserToken(server, userId, { iat: Math.floor(Date.now() / 1000) - 9000 });
    const revoke = async (before) => {
      await visitor.goTo(at(`users/${userId}`));
      await page.getByRole('button', { name: 'Revoke tokens' }).click();
      if (before !== undefined) {
        await dialog().getByText('Issued before…').click();
        await dialog().getByLabel('Issued before', { exact: true }).fill(before);
      }
      await dialog().getByRole('button', { name: 'Revoke', exact: true }).click();
      await dialog().waitFor({ state: 'detached' });
    };
    // An input of dates has the browser's own zone, which is this process's too.
    const twoHoursAgo = new Date(Date.now() - 2 * 3600_000 - new Date().getTimezoneOffset() * 60_000);
    await revoke(twoHoursAgo.toISOString().slice(0, 19));
    const message = page.locator('.toast').filter({ hasText: `Revoked: the tokens of ${userId}` });
    await message.getByRole('button', { name: 'Dismiss' }).click();
    await message.waitFor({ state: 'detached' });
    assert.deepEqual(
      [(await decisionAbout(server, tooOld)).status, (await decisionAbout(server, token)).status],
      [401, 200],
    );
    await revoke();
    assert.equal((await decisionAbout(server, token)).status, 401);
    await message.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByText(`Undone for ${userId}`).waitFor();
    assert.deepEqual(
      [(await decisionAbout(server, tooOld)).status, (await decisionAbout(server, token)).status],
      [401, 200],
    );
  });

  it('are deactivated and reactivated', async () => {
    await visitor.goTo(at(`users/${userId}`));
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await dialog().getByRole('button', { name: 'Deactivate', exact: true }).click();
    await socket.closed();
    assert.equal((await decisionAbout(server, token)).body.code, 5);
    await page.getByRole('button', { name: 'Reactivate' }).click();
    await dialog().getByRole('button', { name: 'Reactivate', exact: true }).click();
    await page.getByText(`Reactivated: ${userId}`).waitFor();
    assert.equal((await decisionAbout(server, token)).status, 200);
  });

  it('are chosen with the keyboard alone, one by one and from one to another', async () => {
    await createUsers(server, 'range-1', 'range-2', 'range-3');
    await visitor.goTo(at('users?search=range-'));
    await page.getByRole('checkbox', { name: 'Select range-1' }).focus();
    await page.keyboard.press('Space');
    await page.getByText('1 user selected').first().waitFor();
    await page.getByRole('checkbox', { name: 'Select range-3' }).focus();
    await page.keyboard.press('Shift+Space');
    await page.getByText('3 users selected').first().waitFor();
    await page.getByRole('button', { name: 'Revoke tokens' }).focus();
    await page.keyboard.press('Enter');
    await dialog().waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    assert.match(focused, /Revoke tokens/, 'the focus is back where it was');
  });

  it('get a token minted by the server, which it accepts', async () => {
    await visitor.goTo(at(`users/${userId}`));
    await page.getByRole('button', { name: 'Mint a token' }).click();
    await dialog().getByRole('button', { name: 'Mint', exact: true }).click();
    const minted = (await dialog().getByRole('group', { name: 'The token' }).innerText()).trim();
    assert.equal(claimsOf(minted).user_id, userId);
    assert.equal((await decisionAbout(server, minted)).status, 200);
  });

  it('are only looked at by a viewer, who is told why', async () => {
    const viewer = await openPage(browser, server);
    await viewer.signIn('victor');
    await viewer.goTo(at(`users/${userId}`));
    const button = viewer.page.getByRole('button', { name: 'Revoke tokens' });
    await button.focus();
    await viewer.page.getByRole('tooltip').filter({ hasText: 'viewer' }).first().waitFor();
    await viewer.page.keyboard.press('Enter');
    assert.equal(await viewer.page.getByRole('dialog').count(), 0);
    viewer.assertWellBehaved();
    await viewer.close();
  });
});

describe('the connections', () => {
  it('come and go on the screen by themselves', async () => {
    await visitor.goTo(at('connections'));
    await rowOf(userId).getByText('127.0.0.1').filter({ visible: true }).waitFor();
    await socket.close();
    await rowOf(userId).waitFor({ state: 'detached' });
  });

  it('are shown beyond the newest hundred when more are asked for', async () => {
    // One user alone may not have as many.
    const tokens = { many: oldUserToken(server, 'many'), more: oldUserToken(server, 'more') };
    const others = await Promise.all(
      Object.entries(tokens).flatMap(([id, of]) => Array.from({ length: 50 }, () => Socket.legacy(server, id, of))),
    );
    await visitor.goTo(at('connections'));
    await page.getByText(/^The newest 100 of 1\d\d connections$/).waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText(/^1\d\d connections$/).waitFor();
    assert((await page.getByRole('row').count()) > 101, 'a head, and more than a hundred');
    await Promise.all(others.map((other) => other.close()));
  });

  it('are ended by revoking their user, behind a look at what that ends', async () => {
    await visitor.goTo(at(`connections?user_id=${userId}`));
    await rowOf(userId).getByRole('button', { name: 'End' }).click();
    await dialog().getByText('This ends 1 open connection').waitFor();
    await dialog().getByRole('button', { name: 'Revoke', exact: true }).click();
    await socket.closed();
    await page.getByText('This user is not connected').waitFor();
  });
});
