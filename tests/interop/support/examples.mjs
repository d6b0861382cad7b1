// The example programs, which are what the C++ libraries look like from outside.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { cleanEnvironment, findBinary } from './server.mjs';

/** They lie beside the program, or where `LATCHKEY_EXAMPLES` says. */
function findExample(name) {
  const folder = process.env.LATCHKEY_EXAMPLES ?? join(dirname(findBinary()), 'examples');
  const path = resolve(folder, name);
  assert(existsSync(path), `no example at ${path}: build the target latchkey_examples, or set LATCHKEY_EXAMPLES`);
  return path;
}

/** Runs an example to its end: `{ status, stdout, stderr }`. */
export function runExample(name, args, env) {
  const result = spawnSync(findExample(name), args, { env: cleanEnvironment(env), encoding: 'utf8', timeout: 60_000 });
  if (result.error) throw result.error;
  return result;
}
