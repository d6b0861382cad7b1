// What a person does with the dashboard, from the link that the server printed to the end of an app: each act in a
// browser, and beside it real clients that feel it. Every walk has an App of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';

import { callLocally, kPassword } from '../interop/support/admin.mjs';
import { createUsers } from '../interop/support/http.mjs';
import { chatClient, chatServer, nextEvent, withConnection } from '../interop/support/sdk.mjs';
import { startServer, within } from '../interop/support/server.mjs';
import { Socket } from '../interop/support/socket.mjs';
import { claimsOf, decisionAbout } from './support/asking.mjs';
import { openPage } from './support/browser.mjs';
import { visitSignedIn } from './support/visits.mjs';

const kProgramMax = 20_000; // ms; for what a Node of its own, or an SDK, does by and by

let server;
let browser;
let visitor;
let page;
visitSignedIn((stage) => ({ server, browser, visitor, page } = stage));

/** What the SDKs and sockets of an App's people are pointed at. */
const reach = (apiKey, apiSecret, name) => ({ url: server.url, wsUrl: server.wsUrl, apiKey, apiSecret, name });

let count = 0;
async function makeApp({ mode = 'development' } = {}) {
  count += 1;
  const name = `Walk ${count}`;
  const { app } = await callLocally(server, 'POST', 'apps', { name, mode });
  return reach(app.api_key, app.api_secret, name);
}

const at = (app, path = '') => `/apps/${app.apiKey}${path}`;
const dialog = (where = page) => where.getByRole('dialog');
const press = (name, where = page) => where.getByRole('button', { name, exact: true }).click();
const toggle = (name) => page.getByRole('switch', { name, exact: true });
const region = (name, where = page) => where.getByRole('region', { name, exact: true });
const textOf = (label, where = page) => where.getByRole('group', { name: label, exact: true }).innerText();
const rowOf = (id, where = page) =>
  where.getByRole('row').filter({ has: where.getByRole('link', { name: id, exact: true }) });
/** A narrow page has the same again at another place, which is hidden on a wide one. */
const seen = (locator) => locator.filter({ visible: true }).first();
/** The button in the message that confirms what was just done. */
const undo = (title) => page.getByRole('status').locator('.toast').filter({ hasText: title }).getByRole('button', { name: 'Undo' });

async function dismissMessages() {
  const crosses = page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Dismiss' });
  while ((await crosses.count()) > 0) await crosses.first().click();
}

/** A connection of which all frames and the end are seen. */
async function connect(app, userId, token) {
  const socket = await Socket.legacy(app, userId, token);
  await socket.nextOf('health.check');
  socket.stayAlive();
  return socket;
}

/** It is told why, and then ended. */
async function assertEnded(socket, code) {
  assert.equal((await socket.nextOf('connection.error')).error.code, code);
  assert.equal((await socket.closed()).code, 4001);
}

async function codeOf(app, token) {
  const { status, body } = await decisionAbout(app, token);
  return status === 200 ? 200 : body.code;
}

function isSignedWith(secret, token) {
  const [header, payload, signature] = token.split('.');
  return createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url') === signature;
}

/** stream-chat says in its message what the server said. */
const refusedWith = (code) => (error) => JSON.parse(error.message).code === code;

/** What the audit log has of an App, the newest first. */
async function auditOf(app) {
  await visitor.goTo(`/audit?app=${app.apiKey}`);
  const entries = page.getByRole('list', { name: 'Entries, the newest first' }).locator('> li');
  await entries.first().waitFor();
  return entries.locator('.audit-head strong').allInnerTexts();
}

describe('a new server', () => {
  it('is set up once, by the link that it printed, and signed in to from then on', async () => {
    const fresh = await startServer({ mode: 'development', args: ['--show-secret'] });
    const [, link] = await fresh.printed(/Dashboard +(\S+)/);
    const first = await openPage(browser, fresh);
    const { page: here } = first;
    await here.goto(link);
    await here.getByRole('heading', { level: 1, name: 'Set up this server' }).waitFor();
    await here.getByLabel('Your name').fill('anna');
    await here.getByLabel('Password', { exact: true }).fill('short');
    await press('Make the account', here);
    await here.getByText('At least 10 characters.', { exact: true }).waitFor();
    await here.getByLabel('Password', { exact: true }).fill(kPassword);
    await first.keepScreenshot('walk-set-up');
    await press('Make the account', here);
    await here.getByRole('heading', { level: 1, name: 'Apps' }).waitFor();
    assert(!here.url().includes('code='), 'a code that is spent need not stay in the address');
    await first.keepScreenshot('walk-apps-first');

    await press('Sign out', here);
    await here.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await here.getByLabel('Name', { exact: true }).fill('anna');
    await here.getByLabel('Password', { exact: true }).fill('something else');
    await press('Sign in', here);
    await here.getByRole('alert').waitFor();
    await first.keepScreenshot('walk-sign-in-refused');
    await first.signIn();
    first.assertWellBehaved();
    await first.close();

    const later = await openPage(browser, fresh);
    await later.page.goto(link);
    await later.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await later.close();
    await fresh.stop();
  });
});

describe('a newcomer', () => {
  /** Runs what the page says to paste into a terminal; `until(text)` waits for it to print that. */
  function runInShell(command) {
    // A group of its own, for the shell's child has to end with it.
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const lines = [];
    let wake = () => {};
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        wake();
      });
    }
    const ended = new Promise((done) => child.on('close', (status) => done(status)));
    const until = async (text) => {
      while (!lines.some((line) => line.includes(text))) await new Promise((go) => { wake = go; });
    };
    return {
      until: (text) => within(kProgramMax, `“${text}” behind ${JSON.stringify(lines)}`, until(text)),
      ended: () => within(kProgramMax, 'the command to end', ended),
      stop: () => process.kill(-child.pid),
    };
  }

  it('makes an app and is led from a token to a revoked and un-revoked user, by the page alone', async () => {
    await visitor.goTo('/apps');
    await press('Create an app');
    await dialog().getByLabel('Name').fill('My first app');
    await visitor.keepScreenshot('walk-create-app');
    await press('Create', dialog());
    await dialog().getByRole('heading', { name: 'My first app is ready' }).waitFor();
    const app = reach(await textOf('API key', dialog()), await textOf('API secret', dialog()), 'My first app');
    await chatServer(app).getAppSettings();
    await visitor.keepScreenshot('walk-app-created');
    await press('I have kept the secret', dialog());

    const steps = region('First steps');
    await press('Add a sample user', steps);
    await press('Mint a token', steps);
    await steps.getByText('the server accepts it').waitFor();
    const token = await textOf('User token', steps);
    const userId = claimsOf(token).user_id;

    const command = await textOf('Command that connects', steps);
    const terminal = runInShell(command);
    await terminal.until('connected');
    await steps.getByText('1 connection open').waitFor();
    await visitor.keepScreenshot('walk-first-steps-connected');

    await press(`Revoke ${userId}`, steps);
    await terminal.until('told: code 40');
    await terminal.until('ended by the server');
    await terminal.ended();
    await steps.getByText('refused, code 40').first().waitFor();
    assert.equal(await codeOf(app, token), 40);
    await steps.getByText('no connection open').waitFor();
    await visitor.keepScreenshot('walk-first-steps-revoked');

    await press('Undo the revocation', steps);
    await steps.getByText('That is all there is to it').waitFor();
    await steps.getByText('the server accepts it').first().waitFor();
    assert.equal(await codeOf(app, token), 200);
    const again = runInShell(command);
    await again.until('connected');
    await steps.getByText('1 connection open').waitFor();
    await visitor.keepLooks('walk-first-steps-done');
    again.stop();
    await again.ended();
    await dismissMessages();
  });

  it('is led around with a user who was revoked before, and leaves that revocation in force', async () => {
    const app = await makeApp();
    await createUsers(app, 'john');
    const before = '2026-01-01T00:00:00.000000Z';
    await callLocally(server, 'POST', `apps/${app.apiKey}/users/revoke`, { user_ids: ['john'], before });
    const inForce = async () => (await callLocally(server, 'GET', `apps/${app.apiKey}/users/john`)).user.revocation.before;
    await visitor.goTo(at(app));
    const steps = region('First steps');
    await press('Mint a token', steps);
    const token = await textOf('User token', steps);
    await press('Revoke john', steps);
    await steps.getByText('refused, code 40').first().waitFor();
    assert.notEqual(await inForce(), before);
    await press('Undo the revocation', steps);
    await steps.getByText('That is all there is to it').waitFor();
    assert.equal(await undo('john is revoked').count(), 0, 'there is nothing left to undo');
    assert.equal(await codeOf(app, token), 200);
    assert.equal(await inForce(), before);
    await dismissMessages();
  });
});

describe('an app without a backend yet', () => {
  it('takes developer tokens once auth checks are off, until it goes to production', async () => {
    const app = await makeApp();
    const client = chatClient(app);
    const devToken = client.devToken('john');
    await assert.rejects(client.connectUser({ id: 'john' }, devToken), refusedWith(43));
    await client.disconnectUser();

    await visitor.goTo(at(app, '/authentication'));
    await toggle('Disable Auth Checks').click();
    await dialog().getByText('act as any user').waitFor();
    await visitor.keepScreenshot('walk-auth-checks-asked');
    await press('Switch auth checks off', dialog());
    await page.getByText('Anybody who knows the API key can act as any user').waitFor();
    assert.equal(await toggle('Disable Auth Checks').getAttribute('aria-checked'), 'true');
    await dismissMessages();

    await visitor.goTo(at(app, '/connections'));
    await page.getByText('Nobody is connected').waitFor();
    await withConnection(client, { id: 'john' }, devToken, async ({ me }) => {
      assert.equal(me.id, 'john');
      await seen(rowOf('john').getByText('developer token')).waitFor();
      await seen(rowOf('john').getByText(/^stream-chat-js/)).waitFor();
      const jane = await connect(app, 'jane', client.devToken('jane'));
      await rowOf('jane').waitFor();
      await visitor.keepLooks('walk-connections-developer');

      await visitor.goTo(at(app, '/authentication'));
      await page.getByText(/\d+ developer tokens let in/).waitFor();
      await visitor.keepScreenshot('walk-auth-checks-off');
      await press('Switch to production');
      await dialog().getByText('Auth checks are off now, and this switches them on').waitFor();
      await dialog().getByText('2 open connections of 2 users').waitFor();
      await visitor.keepScreenshot('walk-production-asked');
      const offline = nextEvent(client, 'connection.changed');
      await press('Switch to production', dialog());
      await assertEnded(jane, 43);
      assert.equal((await within(kProgramMax, 'stream-chat to notice', offline)).online, false);
    });

    await dialog().waitFor({ state: 'detached' });
    await assert.rejects(client.connectUser({ id: 'john' }, devToken), refusedWith(43));
    await client.disconnectUser();
    await page.getByText('Only in development mode: switch the mode first.').waitFor();
    await toggle('Disable Auth Checks').click({ force: true });
    assert.equal(await dialog().count(), 0, 'in production mode the switch does nothing');
    await visitor.keepLooks('walk-production');
    await page.getByText('Ended: 2 open connections of 2 users.').waitFor();
    await undo('is in production mode').click();
    await page.getByText('Anybody who knows the API key can act as any user').waitFor();
    await withConnection(client, { id: 'john' }, devToken, ({ me }) => assert.equal(me.id, 'john'));

    // Checks are switched on again by themselves, too, behind a look at whom that ends: not at who has a good token.
    const jane = await connect(app, 'jane', client.devToken('jane'));
    const jack = await connect(app, 'jack', chatServer(app).createToken('jack'));
    await toggle('Disable Auth Checks').click();
    await dialog().getByText('1 open connection of 1 user').waitFor();
    await visitor.keepLooks('walk-auth-checks-on-asked');
    await press('Switch auth checks on', dialog());
    await assertEnded(jane, 43);
    await page.getByText('Ended: 1 open connection of 1 user.').waitFor();
    await jack.close();
    await dismissMessages();

    await visitor.goTo(at(app, '/connections'));
    await page.getByText('Nobody is connected').waitFor();
    assert.deepEqual(await auditOf(app), Array(4).fill('App settings changed').concat('App created'));
  });
});

describe('a user', () => {
  it('is revoked, which ends what is open before everybody’s eyes, and is let in again by an undo', async () => {
    const app = await makeApp({ mode: 'production' });
    await visitor.goTo(at(app, '/tokens'));
    await page.getByLabel('User id').fill('john');
    await page.getByLabel('API secret', { exact: true }).fill(app.apiSecret);
    await press('Generate token');
    const token = (await textOf('The token')).replace(/\s/g, '');
    await visitor.keepScreenshot('walk-token-generated');

    // Somebody else looks on, and touches nothing.
    const watcher = await openPage(browser, server);
    await watcher.signIn();
    await watcher.goTo(at(app, '/connections'));
    await watcher.page.getByText('Nobody is connected').waitFor();

    const client = chatClient(app);
    await withConnection(client, { id: 'john' }, token, async () => {
      const socket = await connect(app, 'john', token);
      await watcher.page.getByText('2 connections').waitFor();
      await watcher.keepScreenshot('walk-watched-open');

      await visitor.goTo(at(app, '/users'));
      await page.getByRole('checkbox', { name: 'Select john' }).check();
      await press('Revoke tokens…');
      await dialog().getByText('This ends 2 open connections').waitFor();
      await visitor.keepLooks('walk-revoke-asked');
      const offline = nextEvent(client, 'connection.changed');
      await press('Revoke', dialog());
      await assertEnded(socket, 40);
      assert.equal((await within(kProgramMax, 'stream-chat to notice', offline)).online, false);
    });
    await watcher.page.getByText('Nobody is connected').waitFor();
    assert.equal(await codeOf(app, token), 40);
    await seen(rowOf('john').getByText('revoked')).waitFor();
    await undo('Revoked: the tokens of john').waitFor();
    await visitor.keepLooks('walk-revoked');

    await undo('Revoked: the tokens of john').click();
    await page.getByText('Undone for john').waitFor();
    assert.equal(await codeOf(app, token), 200);
    const socket = await connect(app, 'john', token);
    await rowOf('john', watcher.page).waitFor();
    await watcher.keepScreenshot('walk-watched-back');
    await socket.close();
    await watcher.page.getByText('Nobody is connected').waitFor();
    watcher.assertWellBehaved();
    await watcher.close();
    await dismissMessages();
    assert.deepEqual((await auditOf(app)).slice(0, 2), ['Users’ revocation taken back', 'Users’ tokens revoked']);
  });

  it('is deactivated and reactivated, each from the message that confirms the other', async () => {
    const app = await makeApp();
    await createUsers(app, 'john');
    const token = chatServer(app).createToken('john');
    const socket = await connect(app, 'john', token);
    await visitor.goTo(at(app, '/users/john'));
    await page.getByText('online: 1 connection').waitFor();
    await press('Deactivate…');
    await dialog().getByText('This ends 1 open connection').waitFor();
    await press('Deactivate', dialog());
    await socket.closed();
    assert.equal(await codeOf(app, token), 5);
    await page.getByText('Not connected just now.').waitFor();
    await visitor.keepScreenshot('walk-user-deactivated');
    await undo('Deactivated: john').click();
    await page.getByText('Undone for john').waitFor();
    assert.equal(await codeOf(app, token), 200);
    await dismissMessages();
    assert.deepEqual((await auditOf(app)).slice(0, 2), ['Users reactivated', 'Users deactivated']);
  });
});

describe('everybody', () => {
  it('is revoked behind the name of the app, and let in again by an undo', async () => {
    const app = await makeApp();
    await createUsers(app, 'john', 'jane');
    const backend = chatServer(app);
    const sockets = [];
    const tokens = ['john', 'jane'].map((id) => backend.createToken(id));
    for (const [index, id] of ['john', 'jane'].entries()) sockets.push(await connect(app, id, tokens[index]));

    // What it ends is not known for as long as the server has not said so.
    let answer;
    const answered = new Promise((go) => { answer = go; });
    await page.route('**/revoke', async (route) => {
      await answered;
      await route.continue();
    });
    await visitor.goTo(at(app, '/authentication'));
    await press('Revoke all tokens…');
    const submit = dialog().getByRole('button', { name: 'Revoke all tokens', exact: true });
    await dialog().getByLabel(`Type ${app.name} to confirm`).fill(app.name);
    assert.equal(await submit.getAttribute('aria-disabled'), 'true', 'nothing is ended before it was shown what');
    answer();
    await dialog().getByText('2 open connections').waitFor();
    await dialog().getByText('2 users').waitFor();
    // While somebody thinks, others come.
    sockets.push(await connect(app, 'john', tokens[0]));
    await dialog().getByText('3 open connections').waitFor();
    await page.unrouteAll({ behavior: 'wait' });

    await dialog().getByText('All issued before…').click();
    await dialog().getByLabel('Issued before', { exact: true }).fill('2999-01-01T00:00:01');
    await submit.click();
    await dialog().getByText('This is yet to come.').waitFor();
    await dialog().getByText('All issued until now').click();
    await dialog().getByText('3 open connections').waitFor();
    await dialog().getByLabel(`Type ${app.name} to confirm`).fill(app.name.toLowerCase());
    assert.equal(await submit.getAttribute('aria-disabled'), 'true', 'another name than the app’s');
    await page.keyboard.press('Enter');
    assert.equal(await codeOf(app, tokens[0]), 200);
    await visitor.keepScreenshot('walk-revoke-all-asked');
    await dialog().getByLabel(`Type ${app.name} to confirm`).fill(app.name);
    await submit.click();

    for (const socket of sockets) await assertEnded(socket, 40);
    for (const token of tokens) assert.equal(await codeOf(app, token), 40);
    await page.getByText('are refused.').waitFor();
    await page.getByText(/^Set .* by the account anna\.$/).waitFor();
    await backend.getAppSettings();
    await visitor.keepScreenshot('walk-revoked-all');
    await undo('All tokens are revoked').click();
    await page.getByText('none in force').waitFor();
    for (const token of tokens) assert.equal(await codeOf(app, token), 200);
    await dismissMessages();
    assert.deepEqual((await auditOf(app)).slice(0, 2), ['App’s revocation taken back', 'All of an app’s tokens revoked']);
  });
});

describe('callers without a token', () => {
  it('are let in and kept out as guests', async () => {
    const app = await makeApp();
    const becomeGuest = async () => {
      const client = chatClient(app);
      try {
        return (await client.setGuestUser({ id: 'visitor' })).me.role;
      } finally {
        await client.disconnectUser();
      }
    };
    assert.equal(await becomeGuest(), 'guest');
    await visitor.goTo(at(app, '/authentication'));
    await toggle('Guests').click();
    await page.getByText('No new guests are made').waitFor();
    await assert.rejects(becomeGuest(), { code: 17 });
    await undo('No new guests are made').click();
    await page.locator('[role=switch][aria-checked=true]').and(toggle('Guests')).waitFor();
    assert.equal(await becomeGuest(), 'guest');
    await dismissMessages();
  });

  it('find users as nobody, or find nobody', async () => {
    const app = await makeApp();
    await createUsers(app, 'john');
    const find = async () => {
      const client = chatClient(app);
      try {
        await client.connectAnonymousUser();
        return (await client.queryUsers({ id: 'john' })).users.map(({ id }) => id);
      } finally {
        await client.disconnectUser();
      }
    };
    await assert.rejects(find(), { code: 17 });
    await visitor.goTo(at(app, '/authentication'));
    await toggle('Anonymous callers may find users').click();
    await undo('Anonymous callers may find users').waitFor();
    assert.deepEqual(await find(), ['john']);
    await visitor.keepLooks('walk-without-tokens');
    await toggle('Anonymous callers may find users').click();
    await undo('Anonymous callers find nobody').waitFor();
    await assert.rejects(find(), { code: 17 });
    await undo('Anonymous callers find nobody').click();
    await page.locator('[role=switch][aria-checked=true]').and(toggle('Anonymous callers may find users')).waitFor();
    assert.deepEqual(await find(), ['john']);
    await dismissMessages();
  });
});

describe('a secret', () => {
  it('is rotated from start to end by what the screen says, and no client is lost', async () => {
    const app = await makeApp({ mode: 'production' });
    await createUsers(app, 'john', 'jane');
    const oldToken = chatServer(app).createToken('john');
    const leaving = await connect(app, 'john', oldToken);
    const staying = await connect(app, 'john', oldToken);

    await visitor.goTo(at(app, '/authentication'));
    const card = region('API secrets');
    const secretRow = (number) => card.getByRole('row').filter({ hasText: `Secret ${number}` });
    await press('Rotate the secret…', card);
    await visitor.keepScreenshot('walk-rotation-asked');
    await press('Make the new secret', dialog());
    const secret = await textOf('New API secret', dialog());
    await press('I have kept it', dialog());
    const guide = region('Rotation in progress');
    await guide.getByText('No token signed with it has been seen yet.').waitFor();
    await visitor.keepScreenshot('walk-rotation-made');

    // Seen again only by who types the password again.
    await press('Show', secretRow(2));
    await dialog().getByLabel('Your password').fill('not the password');
    await press('Show it', dialog());
    await dialog().getByRole('alert').waitFor();
    await visitor.keepScreenshot('walk-reveal-refused');
    await dialog().getByLabel('Your password').fill(kPassword);
    await press('Show it', dialog());
    assert.equal(await textOf('API secret', dialog()), secret);
    await press('Done', dialog());

    // What the server mints, the newest signs; the backend is deployed with it too.
    const newer = reach(app.apiKey, secret, app.name);
    await visitor.goTo(at(app, '/users/jane'));
    await press('Mint a token…');
    await press('Mint', dialog());
    const minted = (await textOf('The token', dialog())).trim();
    await visitor.keepScreenshot('walk-minted');
    await press('Done', dialog());
    const { iat, exp } = claimsOf(minted);
    assert(isSignedWith(secret, minted), 'the newest secret signs what the server mints');
    assert.equal(exp - iat, 3600);
    const fresh = await connect(newer, 'jane', minted);
    assert.equal(await codeOf(app, chatServer(newer).createToken('john')), 200);

    await visitor.goTo(at(app, '/authentication'));
    await guide.getByText(/In use: [23] tokens seen/).waitFor();
    await guide.getByText('2 open connections').waitFor();
    await leaving.close();
    await guide.getByText('1 open connection', { exact: false }).waitFor();
    await visitor.keepLooks('walk-rotation-watched');

    await press('Retire secret 1…', guide);
    await dialog().getByText('At a date').click();
    await press('Retire it then', dialog());
    await secretRow(1).getByText('retires', { exact: true }).waitFor();
    assert.equal(await codeOf(app, oldToken), 200);
    await press('Keep it', secretRow(1));
    await page.getByText('Secret 1 stays').waitFor();

    await press('Retire secret 1…', guide);
    await dialog().getByText('1 open connection').waitFor();
    await dialog().getByLabel(`Type ${app.name} to confirm`).fill(app.name);
    await visitor.keepLooks('walk-retire-asked');
    await press('Retire it now', dialog());
    await assertEnded(staying, 43);
    assert.equal(await codeOf(app, oldToken), 43);
    await secretRow(1).getByText('retired').waitFor();
    await guide.waitFor({ state: 'detached' });
    await visitor.keepScreenshot('walk-rotation-done');
    assert.equal(await codeOf(app, minted), 200);
    await fresh.close();
    await dismissMessages();

    assert.deepEqual(await auditOf(app), [
      'Secret retired', 'Secret’s retirement taken back', 'Secret retired', 'Token minted', 'Secret shown', 'Secret added',
      'App created',
    ]);
    assert(!(await page.content()).includes(secret), 'a secret is in the audit log');
  });
});

describe('the people of a server', () => {
  it('sign in as viewers who see all of it and change nothing', async () => {
    const app = await makeApp();
    await createUsers(app, 'john');
    await visitor.goTo('/settings?tab=accounts');
    await press('Add an account');
    await dialog().getByLabel('Name').fill('victor');
    await dialog().getByLabel('Its password', { exact: true }).fill(kPassword);
    await dialog().getByLabel('Your password', { exact: true }).fill('not the password');
    await press('Add', dialog());
    await dialog().getByText('the password is wrong').waitFor();
    await visitor.keepScreenshot('walk-add-account');
    await dialog().getByLabel('Your password', { exact: true }).fill(kPassword);
    await press('Add', dialog());
    await page.getByRole('row').filter({ hasText: 'victor' }).getByText('viewer').waitFor();
    await dismissMessages();
    await visitor.keepLooks('walk-accounts');

    const viewer = await openPage(browser, server);
    const { page: here } = viewer;
    await viewer.signIn('victor');
    const refuses = async (button) => {
      await button.first().waitFor();
      for (const one of await button.all()) {
        assert.equal(await one.getAttribute('aria-disabled'), 'true', await one.innerText());
        await one.click({ force: true });
      }
      assert.equal(await here.getByRole('dialog').count(), 0);
    };
    await refuses(here.getByRole('button', { name: 'Create an app' }));
    await viewer.goTo(at(app, '/authentication'));
    await refuses(here.getByRole('button', { name: /^(Switch to production|Rotate the secret…|Show|Retire…|Revoke all tokens…)$/ }));
    await refuses(here.getByRole('switch'));
    await viewer.keepScreenshot('walk-viewer-authentication');
    await viewer.goTo(at(app, '/users/john'));
    await refuses(here.getByRole('button', { name: /^(Mint a token…|Deactivate…|Revoke tokens…)$/ }));
    await viewer.keepScreenshot('walk-viewer-user');
    await viewer.goTo(at(app, '/settings'));
    await refuses(here.getByRole('button', { name: /^(Suspend…|Delete…)$/ }));
    await viewer.goTo('/settings');
    assert.deepEqual(await here.getByRole('tab').allInnerTexts(), ['Your account', 'Server']);

    // It is the server that decides: from the same page, past its buttons.
    const statusOf = (method, path, body = {}) =>
      here.evaluate(
        async ([how, where, what]) => {
          const init = { method: how, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(what) };
          return (await fetch(`/admin/v1/${where}`, init)).status;
        },
        [method, path, body],
      );
    for (const [method, path, body] of [
      ['PATCH', `apps/${app.apiKey}`, { disable_auth_checks: true }],
      ['POST', `apps/${app.apiKey}/users/revoke`, { user_ids: ['john'] }],
      ['POST', `apps/${app.apiKey}/revoke`],
      ['POST', `apps/${app.apiKey}/secrets`],
      ['POST', `apps/${app.apiKey}/secrets/1/reveal`, { password: kPassword }],
      ['POST', `apps/${app.apiKey}/tokens`, { user_id: 'john' }],
      ['POST', 'accounts', { name: 'mallory', role: 'owner', password: kPassword }],
      ['DELETE', `apps/${app.apiKey}`, { confirm: app.name }],
    ]) {
      assert.equal(await statusOf(method, path, body), 403, `${method} ${path}`);
    }
    assert.equal(await here.evaluate(async () => (await fetch('/admin/v1/apps')).status), 200);

    // Disabled while signed in: the very page is the first to know.
    await press('Disable…', page.getByRole('row').filter({ hasText: 'victor' }));
    await dialog().getByText('Its sessions end at once').waitFor();
    await press('Disable', dialog());
    await here.getByText('Your session has ended.').waitFor();
    viewer.assertWellBehaved();
    await viewer.close();
    await undo('victor is disabled').click();
    await page.getByText('disabled', { exact: true }).waitFor({ state: 'detached' });
    await dismissMessages();
  });

  it('find in the audit log who did it, and that the log is whole', async () => {
    const app = await makeApp();
    await visitor.goTo(at(app, '/settings'));
    await page.getByLabel('Name of the app').fill('Renamed');
    await press('Rename');
    await page.getByText('Called Renamed now').waitFor();
    await dismissMessages();
    assert.deepEqual(await auditOf(app), ['App settings changed', 'App created']);
    const [renamed, created] = await page.locator('.audit-list > li').all();
    assert.match(await renamed.innerText(), /anna from 127\.0\.0\.1/);
    assert.match(await renamed.innerText(), new RegExp(`"${app.name}"[^]*"Renamed"`));
    assert.match(await created.innerText(), /The command line/);
    await press('Verify the chain');
    await page.getByText('The log is whole').waitFor();
    await visitor.keepLooks('walk-audit');
  });
});

describe('an app', () => {
  it('keeps what is being typed as its name while somebody else renames it', async () => {
    const app = await makeApp();
    await visitor.goTo(at(app, '/settings'));
    const name = page.getByLabel('Name of the app');
    await name.fill('Half a na');
    await callLocally(server, 'PATCH', `apps/${app.apiKey}`, { name: 'Elsewhere' });
    await page.getByText('What Elsewhere is called').waitFor();
    assert.equal(await name.inputValue(), 'Half a na');
    await name.fill('Elsewhere');
    await callLocally(server, 'PATCH', `apps/${app.apiKey}`, { name: 'Once more' });
    await page.getByText('What Once more is called').waitFor();
    assert.equal(await name.inputValue(), 'Once more', 'nothing was being typed');
  });

  it('is suspended behind its name, with what it ends shown first, and answers again by an undo', async () => {
    const app = await makeApp();
    await createUsers(app, 'john');
    const token = chatServer(app).createToken('john');
    const socket = await connect(app, 'john', token);
    await visitor.goTo(at(app, '/settings'));
    await press('Suspend…');
    await dialog().getByText('This ends 1 open connection').waitFor();
    const submit = dialog().getByRole('button', { name: 'Suspend', exact: true });
    assert.equal(await submit.getAttribute('aria-disabled'), 'true', 'its name was not typed');
    await dialog().getByLabel(`Type ${app.name} to confirm`).fill(app.name);
    await visitor.keepLooks('walk-suspend-asked');
    await submit.click();
    await assertEnded(socket, 99);
    await page.getByText('Ended: 1 user and 1 open connection.').waitFor();
    assert.equal(await codeOf(app, token), 99);
    await undo('is suspended').click();
    await page.getByRole('heading', { name: 'Suspend this app' }).waitFor();
    assert.equal(await codeOf(app, token), 200);
    await dismissMessages();
  });

  it('is deleted behind its name, with what it ends shown first', async () => {
    const app = await makeApp();
    await createUsers(app, 'john', 'jane');
    const token = chatServer(app).createToken('john');
    const socket = await connect(app, 'john', token);
    await visitor.goTo(at(app, '/settings'));
    await press('Delete…');
    await dialog().getByText('It ends 1 open connection and deletes 2 users').waitFor();
    await dialog().getByLabel(`Type ${app.name} to confirm`).fill(app.name);
    await visitor.keepScreenshot('walk-delete-asked');
    await press('Delete for ever', dialog());
    await page.getByRole('heading', { level: 1, name: 'Apps' }).waitFor();
    await socket.closed();
    assert.equal(await codeOf(app, token), 2);
    await page.getByRole('link', { name: app.name, exact: true }).waitFor({ state: 'detached' });
    await visitor.goTo(at(app));
    await page.getByRole('heading', { level: 1, name: 'Nothing here' }).waitFor();
    assert.deepEqual(await auditOf(app), ['App deleted', 'App created']);
    await dismissMessages();
  });
});
