// The page of examples/token_provider_page, as its README says to build it: stream-chat in a browser, let in by a
// proof of a real identity provider and kept in over what ends its tokens.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { kClientId, makeKey, startIdentityProvider } from '../interop/support/identity_provider.mjs';
import { chatServer } from '../interop/support/sdk.mjs';
import { makeDataDirectory, startServer } from '../interop/support/server.mjs';
import { openBrowser } from './support/browser.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));
const kExample = resolve(kHere, '../../examples/token_provider_page');
const kApiKey = 'interopkey01';
const kTypes = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
/** A page whose own origin is allowed may run its own files, and reach the server; nothing else. */
const kPolicy = (server) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${server.url} ${server.wsUrl}`;

let identities;
let browser;
let pages = [];
let server;

/** Serves the example; `./stream-chat.js` is in `built`. */
async function servePage(built) {
  const http = createServer((request, response) => {
    const path = new URL(request.url, 'http://page').pathname;
    const name = path === '/' ? 'index.html' : path.slice(1);
    if (!['index.html', 'page.css', 'page.js', 'stream-chat.js'].includes(name)) {
      response.writeHead(404).end();
      return;
    }
    const headers = { 'content-type': kTypes[extname(name)], 'content-security-policy': kPolicy(server) };
    response.writeHead(200, headers).end(readFileSync(join(name === 'stream-chat.js' ? built : kExample, name)));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  pages.push(http);
  return `http://127.0.0.1:${http.address().port}`;
}

/** Runs the example's own build, with the packages of this suite, which are the same. */
function buildPage() {
  const folder = makeDataDirectory();
  const { scripts } = JSON.parse(readFileSync(join(kExample, 'package.json'), 'utf8'));
  const [program, ...args] = scripts.build.split(' ');
  const options = args.map((arg) => (arg.startsWith('--outfile=') ? `--outfile=${join(folder, 'stream-chat.js')}` : arg));
  execFileSync(join(kHere, 'node_modules/.bin', program), [...options, '--log-level=error'], { cwd: kHere });
  return folder;
}

let ownOrigin;
let foreignOrigin;
before(async () => {
  const built = buildPage();
  ownOrigin = await servePage(built);
  foreignOrigin = await servePage(built);
  identities = await startIdentityProvider({ keys: [await makeKey('RS256')] });
  const data = makeDataDirectory();
  const config = join(data, 'settings.toml');
  const provider = (name, more = '') => `
[token_provider.${name}]
type = "oidc"
app = "${kApiKey}"
issuer = "${identities.issuer}"
audience = "${kClientId}"
allowed_origins = ["${ownOrigin}"]
${more}`;
  writeFileSync(config, provider('idp') + provider('brief', 'lifetime = "2s"\njitter = "0%"'));
  server = await startServer({ data, args: ['--config', config] });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await identities?.stop();
  for (const http of pages) {
    http.close();
    http.closeAllConnections?.();
  }
});

let context;
let page;
let errors;
beforeEach(async () => {
  errors = [];
  context = await browser.newContext();
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(errors, []);
});

async function connectAs(proof, { origin = ownOrigin, provider = 'idp' } = {}) {
  await page.goto(origin);
  await page.getByLabel('Server').fill(server.url);
  await page.getByLabel('API key').fill(kApiKey);
  await page.getByLabel('Token provider').fill(provider);
  await page.getByLabel(/^Proof/).fill(proof);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
}

const state = (text) => page.getByRole('status').filter({ hasText: text }).waitFor();
const said = (text) => page.getByRole('list', { name: 'What happened' }).getByText(text);

describe('a page with a token provider', () => {
  it('is connected as whom its proof says, and says when it is not any more', async () => {
    await connectAs(await identities.idToken('john'));
    await state('connected as john');
    const { users } = await chatServer(server).queryUsers({ id: 'john' });
    assert.equal(users[0].online, true);
    assert.equal(users[0].name, 'Name of john');
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await state('not connected');
  });

  it('comes back by itself when its user is revoked', async () => {
    await connectAs(await identities.idToken('jane'));
    await state('connected as jane');
    await said('a token until').first().waitFor();
    assert.equal(await said('a token until').count(), 1);
    await chatServer(server).revokeUserToken('jane', new Date());
    await said('a token until').nth(1).waitFor();
    await state('connected as jane');
  });

  it('comes back by itself when its token expires', async () => {
    await connectAs(await identities.idToken('brief'), { provider: 'brief' });
    await state('connected as brief');
    await said('a token until').nth(1).waitFor();
    await state('connected as brief');
  });

  it('is told why where its proof is none', async () => {
    await connectAs('not.a.proof');
    await said(/cannot be read/).waitFor();
    await state('not connected');
  });

  it('gets nothing at an origin that the provider does not allow', async () => {
    await connectAs(await identities.idToken('john'), { origin: foreignOrigin });
    await said('Failed to fetch').waitFor();
    await state('not connected');
  });
});
