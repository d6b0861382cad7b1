// What the documentation shows works as it stands there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startServer } from './support/server.mjs';

const kHere = dirname(fileURLToPath(import.meta.url));

let server;
before(async () => { server = await startServer({ mode: 'development' }); });
after(() => server.stop());

/** Runs the first program on a page, as it stands there but for address and credentials: the lines it prints. */
function runProgramOf(page, against) {
  const program = /```js\n([\s\S]*?)```/.exec(readFileSync(join(kHere, '../..', page), 'utf8'))[1]
    .replaceAll('YOUR_API_KEY', against.apiKey)
    .replaceAll('YOUR_API_SECRET', against.apiSecret)
    .replaceAll('http://127.0.0.1:8080', against.url);
  // It lies beside node_modules/, so that its imports are found.
  const file = join(kHere, `pasted-${process.pid}.mjs`);
  writeFileSync(file, program);
  try {
    const result = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(result.status, 0, result.stderr);
    return result.stdout.trim().split('\n');
  } finally {
    rmSync(file);
  }
}

describe('the five minutes of README.md', () => {
  it('run as they are pasted', () => {
    const [connected, refused, back] = runProgramOf('README.md', server);
    assert.equal(connected, 'connected as John, role user');
    assert.equal(JSON.parse(refused).code, 40);
    assert.equal(back, 'welcome back');
  });
});

describe('the example of roles-and-grants.md', () => {
  it('prints what the page says', async () => {
    const own = await startServer(); // it changes what users may
    const page = 'docs/concepts/roles-and-grants.md';
    const said = readFileSync(join(kHere, '../..', page), 'utf8').split('It prints\n')[1];
    assert.deepEqual(runProgramOf(page, own), said.trim().split('\n').map((line) => line.trim()));
    await own.stop();
  });
});

describe('what a start prints to try it out', () => {
  it('connects a client and makes a call as it is pasted', { timeout: 60_000 }, async () => {
    while (!server.log.includes('Stop it with Ctrl-C')) await setImmediate();
    // Its first line fetches the SDK, which lies here already.
    const pasted = /( +API_KEY='[\s\S]*?process\.exit\(1\); \}\);')/.exec(server.log)[1]
      .replace('YOUR-API-SECRET', server.apiSecret);
    const result = spawnSync('bash', ['-c', pasted], { cwd: kHere, encoding: 'utf8', timeout: 60_000 });
    assert.equal(result.status, 0, result.stderr);
    assert.equal(result.stdout.trim(), 'connected as john - the API knows John');
  });
});
