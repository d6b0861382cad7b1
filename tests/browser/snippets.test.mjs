// The code that the generator shows: run as it stands, it makes tokens that the server accepts.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, describe, it } from 'node:test';

import { findBinary } from '../interop/support/server.mjs';
import { claimsOf, decisionAbout } from './support/asking.mjs';
import { visitGenerator } from './support/visits.mjs';

const kRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kRunMax = 120_000; // ms; compilers are among what is run
const kGoPackages = '/usr/share/gocode/src'; // where Debian puts them

/** Ends literals and words in one language or another, in each place where a person can write it. */
const kClaims = { role: 'moderator', note: `it's "$HOME" \`id\` \\ %s {x} ü🔑\u202e`, teams: ['red', null, true, 1.5] };

const kFolder = mkdtempSync(join(tmpdir(), 'latchkey-snippets-'));

let server;
let page;
visitGenerator((stage) => ({ server, page } = stage));
after(() => rmSync(kFolder, { recursive: true, force: true }));

/** Fills in the form and takes the code from the page. */
async function codeIn(language, { claims } = {}) {
  await page.getByLabel('User id').fill('john');
  if (claims) await page.getByLabel('Further claims').fill(JSON.stringify(claims));
  await page.getByRole('tab', { name: language, exact: true }).click();
  return page.getByRole('group', { name: `Code in ${language}` }).innerText();
}

/** What the code finds in its environment. */
function environment(more = {}) {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    STREAM_API_KEY: server.apiKey,
    STREAM_API_SECRET: server.apiSecret,
    STREAM_BASE_URL: server.url,
    ...more,
  };
}

function run(program, args, { env = environment(), ...options } = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', timeout: kRunMax, ...options });
  assert.equal(status, 0, `${program}: ${stderr}`);
  return stdout;
}

const isThere = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** The token of a form that was left as it stands: for an hour, issued now. */
async function assertMade(token, { claims = {} } = {}) {
  const { iat, exp, ...others } = claimsOf(token);
  assert.deepEqual(others, { user_id: 'john', ...claims });
  assert.equal(exp - iat, 3600);
  assert.equal((await decisionAbout(server, token)).status, 200);
}

/** Says in one line that a language is not tried here. */
function leftOut(language, what) {
  console.log(`note: the generator's ${language} is not run: ${what} is not here`);
}

describe('the code that the generator shows, run as it stands,', () => {
  const kForms = { 'of a user': {}, 'with further claims': { claims: kClaims } };

  for (const [form, options] of Object.entries(kForms)) {
    it(`makes a token and tries it, in a shell, ${form}`, async () => {
      if (!isThere('curl', '--version') || !isThere('perl', '-MDigest::SHA', '-e', '1')) return leftOut('curl', 'curl or perl');
      const code = await codeIn('curl', options);
      for (const shell of ['sh', 'bash']) {
        const [token, answer] = run(shell, ['-c', code]).split('\n');
        await assertMade(token, options);
        assert.notEqual(JSON.parse(answer).app.name, undefined, answer);
      }
    });

    it(`makes a token in JavaScript, ${form}`, async () => {
      const folder = join(kFolder, 'javascript');
      mkdirSync(folder, { recursive: true });
      if (!existsSync(join(folder, 'node_modules'))) {
        symlinkSync(join(kRoot, 'tests/interop/node_modules'), join(folder, 'node_modules'));
      }
      writeFileSync(join(folder, 'token.mjs'), await codeIn('JavaScript', options));
      await assertMade(run(process.execPath, [join(folder, 'token.mjs')]).trim(), options);
    });

    it(`makes a token in Python, ${form}`, async () => {
      const python = ['/usr/bin/python3', 'python3'].find((program) => isThere(program, '-c', 'import jwt'));
      if (python === undefined) return leftOut('Python', 'python3 with PyJWT');
      await assertMade(run(python, ['-c', await codeIn('Python', options)]).trim(), options);
    });

    it(`makes a token in Go, ${form}`, async () => {
      const packages = join(kGoPackages, 'github.com/golang-jwt/jwt');
      if (!isThere('go', 'version') || !existsSync(packages)) return leftOut('Go', 'go with golang-jwt');
      const folder = join(kFolder, 'go');
      const source = join(folder, 'token.go');
      const library = join(folder, 'src/github.com/golang-jwt/jwt/v5');
      if (!existsSync(library)) {
        mkdirSync(dirname(library), { recursive: true });
        symlinkSync(packages, library); // Debian's is version 4, and is called the same way
      }
      writeFileSync(source, await codeIn('Go', options));
      const env = environment({ GO111MODULE: 'off', GOPATH: folder, GOCACHE: join(folder, 'cache') });
      await assertMade(run('go', ['run', source], { env }).trim(), options);
    });

    it(`makes a token in C++, ${form}`, async () => {
      const libraries = join(dirname(findBinary()), 'src');
      if (!isThere('g++', '--version') || !existsSync(join(libraries, 'sdk/liblatchkey_sdk.a'))) {
        return leftOut('C++', 'g++, or the SDK beside the program');
      }
      const source = join(kFolder, 'token.cpp');
      const program = join(kFolder, 'token');
      writeFileSync(source, await codeIn('C++', options));
      execFileSync('g++', ['-std=c++23', '-I', join(kRoot, 'include'), source, '-o', program, ...sdkLibraries(libraries)]);
      await assertMade(run(program, []).trim(), options);
    });
  }

  it('hands neither the secret nor the token to a program as an argument, where everybody can read it', async () => {
    if (!isThere('curl', '--version') || !isThere('perl', '-MDigest::SHA', '-e', '1')) return leftOut('curl', 'curl or perl');
    // Stands before the real ones, and notes what each was started with.
    const folder = join(kFolder, 'watched');
    const notes = join(kFolder, 'arguments');
    mkdirSync(folder);
    for (const program of ['perl', 'curl', 'openssl', 'date']) {
      const real = execFileSync('sh', ['-c', `command -v ${program} || true`], { encoding: 'utf8' }).trim();
      if (real === '') continue;
      writeFileSync(join(folder, program), `#!/bin/sh\nprintf '%s\\n' ${program} "$@" >> '${notes}'\nexec '${real}' "$@"\n`);
      chmodSync(join(folder, program), 0o755);
    }
    const env = environment({ PATH: `${folder}:${process.env.PATH}` });
    const [token] = run('sh', ['-c', await codeIn('curl')], { env }).split('\n');
    const seen = readFileSync(notes, 'utf8');
    for (const program of ['perl', 'curl']) assert(seen.includes(program), `${program} was watched`);
    assert(!seen.includes(server.apiSecret), 'the secret');
    assert(!seen.includes(token), 'the token');
  });

  it('says what is missing where there is no secret, and makes no token with an empty one', async () => {
    const { STREAM_API_SECRET: _, ...env } = environment();
    const { status, stdout, stderr } = spawnSync('sh', ['-c', await codeIn('curl')], { env, encoding: 'utf8' });
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /STREAM_API_SECRET/);
  });
});

/** As latchkey-sdk.pc has them once it is installed; here from where they were built. */
function sdkLibraries(folder) {
  const layers = ['sdk', 'net', 'wire', 'http', 'token', 'base'];
  return [
    ...layers.map((layer) => join(folder, layer, `liblatchkey_${layer}.a`)),
    ...['-lboost_json', '-lnettle', '-lsimdjson', '-lssl', '-lcrypto', '-lpthread'],
  ];
}
