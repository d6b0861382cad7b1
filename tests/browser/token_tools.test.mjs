// Explain and the audit log: what the server says is on the page, and what is no token stays there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createUsers, revokeUsers } from '../interop/support/http.mjs';
import { oldUserToken } from '../interop/support/tokens.mjs';
import { visitSignedIn } from './support/visits.mjs';

let server;
let visitor;
let page;
visitSignedIn((stage) => ({ server, visitor, page } = stage), {
  prepare: async (started) => {
    await createUsers(started, 'john', 'jane');
    await revokeUsers(started, ['jane'], new Date().toISOString());
  },
});

const explain = () => page.getByRole('button', { name: 'Explain', exact: true });
const paste = (text) => page.getByLabel('Token', { exact: true }).fill(text);
const goToExplain = () => visitor.goTo(`/apps/${server.apiKey}/tokens?tool=explain`);

describe('explain', () => {
  it('tells of a revoked token which step failed and how to mend it', async () => {
    await goToExplain();
    await paste(`Bearer ${oldUserToken(server, 'jane')}`);
    await explain().click();
    await page.getByText('Refused with code 40').waitFor();
    const failed = page.getByRole('listitem').filter({ hasText: 'failed' });
    assert.match(await failed.innerText(), /not revoked/);
    assert(await page.getByText(/Mint a new token/).first().isVisible());
  });

  it('tells of a good token who the caller is', async () => {
    await goToExplain();
    await paste(oldUserToken(server, 'john'));
    await explain().click();
    await page.getByText('This token is let in').waitFor();
    await page.getByText('The caller is the user john.').waitFor();
  });

  it('sends nothing that has not the looks of a token, for it may be a secret', async () => {
    await goToExplain();
    await paste(server.apiSecret);
    const before = visitor.requests.length;
    await explain().focus();
    await page.getByRole('tooltip').filter({ hasText: 'no dots, so it is no token' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    for (const request of visitor.requests.slice(before)) {
      assert(!(request.postData() ?? '').includes(server.apiSecret));
    }
    // What has two dots is for the server to judge.
    await paste('not.a.token');
    await explain().click();
    await page.getByText(/Refused with code/).waitFor();
  });

  it('keeps the token nowhere', async () => {
    await goToExplain();
    const token = oldUserToken(server, 'john');
    await paste(token);
    await explain().click();
    await page.getByText('This token is let in').waitFor();
    const kept = await page.evaluate(() =>
      [location.href, document.cookie, ...Object.values({ ...localStorage }), ...Object.values({ ...sessionStorage })].join('\n'),
    );
    assert(!kept.includes(token));
    await page.reload();
    assert.equal(await page.getByLabel('Token', { exact: true }).inputValue(), '');
  });
});

describe('the audit log', () => {
  it('shows who did what, and that it is whole', async () => {
    await visitor.goTo('/audit?action=account.sign_in');
    await page.getByRole('listitem').filter({ hasText: 'anna' }).first().waitFor();
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('The log is whole').waitFor();
  });

  it('shows what was before and after', async () => {
    await visitor.goTo('/audit?action=users.revoke');
    const entry = page.getByRole('listitem').filter({ hasText: 'jane' }).first();
    await entry.waitFor();
    assert.match(await entry.innerText(), /A backend/);
  });

  it('has nothing where nothing matches', async () => {
    await visitor.goTo('/audit?actor=nobody-of-this-name');
    await page.getByText('Nothing matches these filters.').waitFor();
  });
});
