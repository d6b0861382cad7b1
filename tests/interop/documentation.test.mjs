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

describe('the five minutes of README.md', () => {
  it('run as they are pasted', () => {
    const readme = readFileSync(join(kHere, '../../README.md'), 'utf8');
    const program = /```js\n([\s\S]*?)```/.exec(readme)[1]
      .replace('YOUR_API_KEY', server.apiKey)
      .replace('YOUR_API_SECRET', server.apiSecret)
      .replace('http://127.0.0.1:8080', server.url);
    // It lies beside node_modules/, so that its imports are found.
    const file = join(kHere, `readme-${process.pid}.mjs`);
    writeFileSync(file, program);
    try {
      const result = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
      assert.equal(result.status, 0, result.stderr);
      const [connected, refused, back] = result.stdout.trim().split('\n');
      assert.equal(connected, 'connected as John, role user');
      assert.equal(JSON.parse(refused).code, 40);
      assert.equal(back, 'welcome back');
    } finally {
      rmSync(file);
    }
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
