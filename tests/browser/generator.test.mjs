// The token generator: what it makes is good, and the secret stays in the page.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { claimsOf, decisionAbout } from './support/asking.mjs';
import { visitGenerator } from './support/visits.mjs';

/** Told apart from all that a page could send by chance, in each way that it could be written. */
const kSecret = 'browser/secret+with=signs&0123456789abcdefghij';
const kSpellings = [
  kSecret,
  encodeURIComponent(kSecret),
  JSON.stringify(kSecret).slice(1, -1),
  ...['base64', 'base64url', 'hex'].map((encoding) => Buffer.from(kSecret).toString(encoding)),
];

let server;
let visitor;
let page;
visitGenerator((stage) => ({ server, visitor, page } = stage), { apiSecret: kSecret });

const secretField = () => page.getByLabel('API secret', { exact: true });
const generate = () => page.getByRole('button', { name: 'Generate token' }).click();

async function fillIn({ userId = 'john', secret = kSecret } = {}) {
  await page.getByLabel('User id').fill(userId);
  await secretField().fill(secret);
}

async function shownToken() {
  const text = await page.getByRole('group', { name: 'The token', exact: true }).innerText();
  return text.replace(/\s/g, '');
}

describe('the token generator', () => {
  it('makes a token that the server accepts, without anybody signed in', async () => {
    await fillIn();
    await generate();
    const token = await shownToken();
    const { iat, exp, ...others } = claimsOf(token);
    assert.deepEqual(others, { user_id: 'john' });
    assert.equal(exp - iat, 3600);
    assert.equal((await decisionAbout(server, token)).status, 200);
    await visitor.keepScreenshot('token-generator');
  });

  it('makes one that the server refuses where the secret is another', async () => {
    await fillIn({ secret: `${kSecret}x` });
    await generate();
    const decision = await decisionAbout(server, await shownToken());
    assert.deepEqual([decision.status, decision.body.code], [401, 43]);
  });

  it('sends no request that carries the secret, and none at all that signing would need', async () => {
    const before = visitor.requests.length;
    await fillIn();
    await generate();
    await shownToken();
    await page.getByRole('button', { name: 'Show as QR code' }).click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    for (const language of ['JavaScript', 'Python', 'Go', 'C++', 'curl']) {
      await page.getByRole('tab', { name: language, exact: true }).click();
      assert(!(await page.getByRole('tabpanel').innerText()).includes(kSecret), `the secret is in the ${language}`);
    }
    for (const request of visitor.requests) {
      const sent = [request.url(), request.postData() ?? '', JSON.stringify(request.headers())].join('\n');
      for (const spelling of kSpellings) assert(!sent.includes(spelling), `in ${request.method()} ${request.url()}`);
    }
    // What comes later is the page's own code, fetched when it is needed.
    for (const request of visitor.requests.slice(before)) {
      assert.equal(request.method(), 'GET');
      assert.match(new URL(request.url()).pathname, /^\/assets\/[\w.-]+$/);
    }
  });

  it('keeps the secret nowhere', async () => {
    await fillIn();
    await generate();
    await shownToken();
    const kept = await page.evaluate(async () => [
      location.href,
      document.cookie,
      JSON.stringify(history.state),
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      JSON.stringify(await indexedDB.databases()),
      JSON.stringify(await caches.keys()),
    ]);
    for (const spelling of kSpellings) assert(!kept.join('\n').includes(spelling), kept.join('\n'));
    assert.equal(await secretField().getAttribute('type'), 'password');
    assert.equal(await secretField().getAttribute('autocomplete'), 'off');
    // Nothing submits it, and browsers offer to keep what was in a form.
    assert.equal(await secretField().evaluate((field) => field.form), null);
    await page.reload();
    assert.equal(await secretField().inputValue(), '');
    await page.goto('about:blank');
    await page.goBack();
    assert.equal(await secretField().inputValue(), '');
  });

  it('has the secret in no copy of the page, whether it is shown or not', async () => {
    await fillIn();
    assert(!(await page.content()).includes(kSecret));
    await page.getByRole('button', { name: 'Show what is typed' }).click();
    assert.equal(await secretField().getAttribute('type'), 'text');
    assert.equal(await secretField().inputValue(), kSecret);
    await generate();
    await shownToken();
    assert(!(await page.content()).includes(kSecret));
    await secretField().fill('');
    await generate();
    assert(await secretField().evaluate((field) => field === document.activeElement && field.ariaInvalid === 'true'));
  });

  it('says what else there is where the browser cannot sign, and promises nothing', async () => {
    await page.addInitScript(() => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }));
    await page.reload();
    await page.getByText(/mint a token on the page of a user/).waitFor();
    assert.equal(await page.getByText('The token is signed here').count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Generate token' }).getAttribute('aria-disabled'), 'true');
    await visitor.assertAccessible();
  });

  it('says that the secret stays in the page', async () => {
    assert(await page.getByText('The secret stays in this page').isVisible());
  });

  it('refuses a secret that is too short, and takes the next longer one', async () => {
    await fillIn({ secret: kSecret.slice(0, 31) });
    await generate();
    assert(await page.getByText(/31 bytes; an API secret has at least 32/).isVisible());
    assert.equal(await page.getByRole('group', { name: 'The token', exact: true }).count(), 0);
    await secretField().fill(kSecret.slice(0, 32));
    await generate();
    assert.equal((await shownToken()).split('.').length, 3);
  });

  it('puts further claims into the token, and lets none of them name the user', async () => {
    await fillIn();
    await page.getByLabel('Further claims').fill('{"user_id": "somebody else"}');
    await generate();
    assert(await page.getByText(/cannot override user_id/).isVisible());
    await page.getByLabel('Further claims').fill('{"team": ["red", "\\u202e"]}');
    await page.getByLabel('Expires').selectOption('never');
    await page.getByLabel(/Say when it was issued/).uncheck();
    await generate();
    const token = await shownToken();
    assert.deepEqual(claimsOf(token), { user_id: 'john', team: ['red', '\u202e'] });
    assert.equal((await decisionAbout(server, token)).status, 200);
  });

  it('takes the token away with the next change, so that it always says what the form says', async () => {
    await fillIn();
    await generate();
    await shownToken();
    await page.getByLabel('User id').fill('jane');
    assert.equal(await page.getByRole('group', { name: 'The token', exact: true }).count(), 0);
  });

  it('is used with the keyboard alone', async () => {
    await page.getByLabel('User id').focus();
    await page.keyboard.type('john');
    for (let presses = 0; !(await secretField().evaluate((field) => field === document.activeElement)); presses += 1) {
      assert(presses < 10, 'Tab does not lead to the secret');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type(kSecret);
    await page.keyboard.press('Enter');
    assert.equal((await decisionAbout(server, await shownToken())).status, 200);
  });
});
