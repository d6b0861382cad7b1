// Texts of anybody's, on every screen that shows them: as text, and as nothing else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { callLocally } from '../interop/support/admin.mjs';
import { call, createUsers } from '../interop/support/http.mjs';
import { RawSocket } from '../interop/support/raw_socket.mjs';
import { Socket } from '../interop/support/socket.mjs';
import { sign, userToken } from '../interop/support/tokens.mjs';
import { haveVectors, readVectors } from '../vectors/vectors.mjs';
import { visitSignedIn } from './support/visits.mjs';

/** Each would do something where it is taken for markup, an address, a template or a command. */
const kScripts = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '"><body onload=alert(1)>',
  "'-alert(1)-'",
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '<a href="javascript:alert(1)" autofocus onfocus=alert(1)>x</a>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '</textarea></title></style></script><script>alert(1)</script>',
  '<style>*{display:none}</style>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<base href="https://evil.example/">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '__proto__',
  '\u202egnp.exe\u202c \u2066isolated\u2069',
  'tab\there, line\nbreak, carriage\r\nreturn, bell\u0007',
  '\u001b[2J\u001b]0;title\u0007 \u009b31m',
  'next line \u0085 and separators \u2028\u2029',
  '"}\n{"level":"error","event":"forged"}',
  '%0a%00%1b %s %n %x ../../etc/passwd',
  "'; DROP TABLE users; --",
];
const kNameBytesMax = 255;
const kClientBytesMax = 128; // of what a client calls itself
const kAtOnce = 8; // requests on their way
const kSocketsAtOnce = 50; // and what the list shows on one page is 100

const kNaughty = haveVectors('naughty strings') ? readVectors('naughty-strings/blns.json') : [];
const kTexts = [...kScripts, ...kNaughty].filter((text) => text !== '');

let server;
let visitor;
let page;
visitSignedIn((stage) => ({ server, visitor, page } = stage), {
  args: ['--rate-limits=false', '--log-level', 'debug'],
  prepare: (started) => forEachText((text, index) => upsert(started, text, index)),
});

const at = (path) => `/apps/${server.apiKey}/${path}`;
const idOf = (index) => `text-${String(index).padStart(4, '0')}`;
const fits = (text) => Buffer.byteLength(text) <= kNameBytesMax;

/** Calls `act(text, index)` for each text. */
async function forEachText(act, texts = kTexts) {
  const rest = [...texts.entries()];
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await act(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: kAtOnce }, worker));
}

/** What of a text can stand in a header. */
const asHeader = (text) => text.replace(/[^\x20-\x7e]/g, '?').trim() || '?';

/** One request for each text, told apart by its query, with the text in each place that has room for it. */
async function upsert(server, text, index) {
  const id = idOf(index);
  const user = { id, custom: { text, [`key ${text}`]: [text] }, image: text, ...(fits(text) ? { name: text } : {}) };
  const answer = await call(server, 'POST', '/api/v2/users', {
    query: { request: `${id}.`, text },
    headers: { 'User-Agent': asHeader(text), 'X-Stream-Client': asHeader(text), 'X-Request-Id': asHeader(text) },
    body: { users: { [id]: user } },
  });
  assert.equal(answer.status, 201, `${JSON.stringify(text)}: ${JSON.stringify(answer.body).slice(0, 500)}`);
}

/** What does not show, by its code point. */
function visible(text, [open, close] = ['', '']) {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu,
    (character) => `${open}U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}${close}`,
  );
}

/** As the page writes it, at most `max` characters of it. */
function shown(text, max) {
  if (text.trim() === '') return '(nothing but white space)';
  const characters = [...text];
  return characters.length > max ? `${visible(characters.slice(0, max).join(''))}…` : visible(text);
}

/** As the page writes it where nothing but a text can stand. */
function shownAsOption(text) {
  return text.trim() === '' ? '(nothing but white space)' : visible(text, '⟨⟩');
}

/** As the server keeps it of a client. */
function asClient(text) {
  let name = '';
  for (const character of text) {
    const kept = /[\x00-\x1f\x7f]/.test(character) ? '?' : character;
    if (Buffer.byteLength(name + kept) > kClientBytesMax) break;
    name += kept;
  }
  return name;
}

describe('a text of anybody’s', () => {
  it('is text in the list of users, whatever it holds', async () => {
    await visitor.goTo(at('users?search=text-'));
    const seen = new Map();
    for (let pages = 1; ; pages += 1) {
      await page.getByText(`Page ${pages}`, { exact: true }).waitFor();
      await page.getByRole('link', { name: idOf(seen.size), exact: true }).waitFor();
      const rows = await page.locator('tbody tr').evaluateAll((all) =>
        all.map((row) => [row.querySelector('a').textContent, row.querySelector('.cell-name')?.textContent]),
      );
      for (const [id, name] of rows) seen.set(id, name);
      const next = page.getByRole('button', { name: 'Next' });
      if ((await next.getAttribute('aria-disabled')) !== null) break;
      await next.click();
    }
    assert.equal(seen.size, kTexts.length);
    for (const [index, text] of kTexts.entries()) {
      assert.equal(seen.get(idOf(index)), fits(text) ? shown(text, 60) : undefined, `of ${JSON.stringify(text)}`);
    }
  });

  it('is text on a user’s own page, as name, image and custom data', async () => {
    for (const [index, text] of kScripts.entries()) {
      await visitor.goTo(at(`users/${idOf(index)}`));
      const data = page.getByRole('group', { name: 'Custom data' });
      await page.getByRole('heading', { level: 1, name: idOf(index) }).waitFor();
      assert.deepEqual(JSON.parse(await data.innerText()), { text, [`key ${text}`]: [text] });
      const facts = await page.locator('.facts bdi').evaluateAll((all) => all.map((one) => one.textContent));
      assert.equal(facts.filter((fact) => fact === shown(text, 200)).length, 2, JSON.stringify([text, facts]));
    }
    assert.equal(await page.locator('img').count(), 0, 'images of users are never loaded');
    await visitor.keepScreenshot('hostile-user');
  });

  it('is text among many in one user’s data', async () => {
    const user = { id: 'all-texts', custom: { texts: kTexts } };
    const answer = await call(server, 'POST', '/api/v2/users', { body: { users: { 'all-texts': user } } });
    // All of them are more than a user may hold where the naughty strings are here.
    const texts = answer.status === 201 ? kTexts : kTexts.slice(0, kScripts.length);
    if (answer.status !== 201) {
      const less = { id: 'all-texts', custom: { texts } };
      assert.equal((await call(server, 'POST', '/api/v2/users', { body: { users: { 'all-texts': less } } })).status, 201);
    }
    await visitor.goTo(at('users/all-texts'));
    const all = page.getByRole('button', { name: /Show all .* characters/ });
    await page.getByRole('group', { name: 'Custom data' }).waitFor();
    if ((await all.count()) > 0) await all.click();
    assert.deepEqual(JSON.parse(await page.getByRole('group', { name: 'Custom data' }).textContent()), { texts });
  });

  it('is text as the name of a client', async () => {
    await createUsers(server, 'client');
    const token = userToken(server, 'client');
    for (let from = 0; from < kTexts.length; from += kSocketsAtOnce) {
      const texts = kTexts.slice(from, from + kSocketsAtOnce);
      const sockets = await Promise.all(
        texts.map(async (text) => {
          const options = { query: { 'X-Stream-Client': text }, headers: { 'User-Agent': asHeader(text) } };
          const socket = await Socket.legacy(server, 'client', token, options);
          await socket.next();
          return socket;
        }),
      );
      await visitor.goTo(at('connections'));
      await page.getByText(`${texts.length} connection`).first().waitFor();
      const clients = await page.locator('tbody tr td:nth-child(2)').evaluateAll((all) =>
        all.map((cell) => cell.firstElementChild.textContent),
      );
      assert.deepEqual(clients.sort(), texts.map((text) => shown(asClient(text), 60)).sort());
      if (from === 0) await visitor.keepScreenshot('hostile-connections');
      await Promise.all(sockets.map((socket) => socket.close()));
      await page.getByText('Nobody is connected').waitFor();
    }
  });

  it('is text as the name of an app, wherever that stands', async () => {
    const names = kTexts.filter((text) => fits(text) && !/[\x00-\x1f\x7f]/.test(text));
    const rename = (name) => callLocally(server, 'PATCH', `apps/${server.apiKey}`, { name });
    for (const name of names.filter((text) => kScripts.includes(text))) {
      await rename(name);
      for (const screen of ['', 'settings']) {
        await visitor.goTo(at(screen));
        await page.waitForFunction(
          (text) => document.querySelector('#app-switcher')?.selectedOptions[0]?.label === text,
          shownAsOption(name).replace(/\s+/g, ' ').trim(),
        );
      }
      await visitor.goTo('/apps');
      const link = page.getByRole('main').getByRole('heading', { level: 2 });
      await page.waitForFunction((text) => document.querySelector('main h2')?.textContent === text, shown(name, 255));
      assert.equal(await link.count(), 1);
    }
    // The rest of them where all are listed: in the audit log.
    for (const name of names) await rename(name);
    await visitor.goTo('/audit?action=app.update');
    const seen = new Set();
    for (let pages = 1; ; pages += 1) {
      await page.getByRole('list', { name: 'Entries, the newest first' }).waitFor();
      if (pages > 1) await page.getByText(`Page ${pages}`, { exact: true }).waitFor();
      for (const text of await page.locator('ins bdi, ins .soft').allTextContents()) seen.add(text);
      const older = page.getByRole('button', { name: 'Older' });
      if ((await older.count()) === 0 || (await older.getAttribute('aria-disabled')) !== null) break;
      const last = await page.locator('.audit-entry summary').last().textContent();
      await older.click();
      await page.getByText(last, { exact: true }).waitFor({ state: 'detached' });
    }
    for (const name of names) assert(seen.has(shown(JSON.stringify(name), 300)), `${JSON.stringify(name)} in the audit log`);
    await visitor.keepScreenshot('hostile-audit');
    await rename('Plain again');
  });

  it('is text as who did it, in the audit log, the overview and on the page of the user', async () => {
    for (const [index, text] of kScripts.entries()) {
      const users = [{ id: idOf(index), set: { revoke_tokens_issued_before: new Date().toISOString() } }];
      const headers = { 'X-Stream-Client': asHeader(text) };
      assert.equal((await call(server, 'PATCH', '/api/v2/users', { headers, body: { users } })).status, 200);
      const who = asHeader(text).slice(0, 30); // behind where it came from there is room for no more
      await visitor.goTo(at(`users/${idOf(index)}`));
      const note = page.getByText('Set by').first();
      await note.waitFor();
      assert((await note.textContent()).includes(who), who);
    }
    const newest = kScripts.map((text) => asHeader(text).slice(0, 64)).reverse();
    await visitor.goTo('/audit?action=users.revoke');
    await page.locator('.audit-entry').nth(kScripts.length - 1).waitFor();
    assert.deepEqual(
      (await page.locator('.audit-entry p bdi:first-of-type').allTextContents()).filter((text) => newest.includes(text)),
      newest,
    );
    await visitor.goTo(at(''));
    await page.locator('.changes li').first().waitFor();
    const changes = await page.locator('.changes li').allTextContents();
    for (const [index, change] of changes.entries()) assert(change.includes(newest[index]), change);
    await visitor.keepScreenshot('hostile-overview');
  });

  it('is text in a token that is explained', async () => {
    for (const text of kScripts) {
      await visitor.goTo(at('tokens?tool=explain'));
      const claims = { user_id: text, iat: 1767225600, note: { [text]: [text] } };
      await page.getByLabel('Token', { exact: true }).fill(sign(claims, server.apiSecret));
      await page.getByRole('button', { name: 'Explain', exact: true }).click();
      await page.getByRole('heading', { name: 'The decision' }).waitFor();
      assert.deepEqual(JSON.parse(await page.getByRole('group', { name: 'Claims', exact: true }).innerText()), claims);
    }
  });

  it('is nothing but a text in the address', async () => {
    for (const text of kScripts) {
      const encoded = encodeURIComponent(text);
      await visitor.goTo(at(`users?search=${encoded}`));
      await page.getByRole('searchbox', { name: 'Search' }).waitFor();
      for (const path of [`users/${encoded}`, `connections?user_id=${encoded}`]) await visitor.goTo(at(path));
      for (const path of [`/sign-in?to=${encoded}`, `/setup?code=${encoded}`, `/${encoded}`, `/apps/${encoded}`]) {
        await visitor.goTo(path);
        assert.equal(new URL(page.url()).origin, server.adminUrl);
      }
    }
  });
});

describe('the log', () => {
  it('has one line for each request, whatever text came with it', () => {
    const requests = server.events.filter(({ event }) => event === 'http.request');
    for (const index of kTexts.keys()) {
      const lines = requests.filter(({ target }) => target.includes(`request=${idOf(index)}.`));
      assert.equal(lines.length, 1, JSON.stringify(kTexts[index]));
      assert.equal(lines[0].status, 201);
    }
  });

  it('has one line at most for bytes that no client sends, and the server goes on', async () => {
    const kRaw = ['\u001b[31mred', '\u009b31m', '\u2028', '\u202e', '\u0000', '\r', '\n', '\r\nX-Forged: 1', '\t', '\u007f', '\u00ff'];
    for (const [index, raw] of kRaw.entries()) {
      for (const bytes of [Buffer.from(raw), Buffer.from(raw, 'latin1')]) {
        const socket = new RawSocket(server.host);
        const before = Buffer.from(`GET /api/v2/app?request=raw-${index}.&text=`);
        socket.write(Buffer.concat([before, bytes, Buffer.from(' HTTP/1.1\r\nHost: x\r\nUser-Agent: '), bytes, Buffer.from('\r\nConnection: close\r\n\r\n')]));
        await socket.until('an answer', () => (socket.received.includes('HTTP/1.1 ') ? true : undefined));
        socket.destroy();
      }
      const lines = server.events.filter(({ target }) => target?.includes(`request=raw-${index}.`));
      assert(lines.length <= 2, JSON.stringify(lines));
    }
    assert.equal((await call(server, 'GET', '/api/v2/app')).status, 200);
  });

  it('is JSON from its first line to its last, with nothing in it that a terminal would obey', () => {
    const lines = server.log.split('\n');
    const start = lines.findIndex((line) => line.includes('"server.started"'));
    for (const line of lines.slice(start)) {
      if (line.startsWith('{')) assert.doesNotThrow(() => JSON.parse(line), line);
    }
    assert(!server.events.some(({ event }) => event === 'forged'));
    assert.doesNotMatch(server.log, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  });
});
