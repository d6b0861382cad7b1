// Where the vectors are, and how their cases become lines for `latchkey token check --batch`.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const kRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kVectors = resolve(process.env.LATCHKEY_VECTORS ?? join(kRoot, '../shared/vectors'));

/**
 * Whether the vectors are here. They are not part of this repository; a suite without them says so in
 * one line and has no tests.
 */
export function haveVectors(suite) {
  if (existsSync(join(kVectors, 'attack-cases/cases.json'))) return true;
  console.log(`note: ${suite} left out: no vectors at LATCHKEY_VECTORS`);
  return false;
}

export function readVectors(path) {
  return JSON.parse(readFileSync(join(kVectors, path), 'utf8'));
}

/** A line for a token under one key, given as bytes. `layer`: `jws` stops behind the signature, null does not. */
export function jwsLine(id, token, key, layer) {
  return {
    id,
    token,
    auth_type: 'jwt',
    api_key: 'vectors',
    now: 1767225600,
    ...(layer ? { layer } : {}),
    app: {
      api_key: 'vectors',
      secrets: [],
      secrets_base64: [Buffer.from(key).toString('base64')],
      mode: 'production',
      disable_auth_checks: false,
      revoke_tokens_issued_before: null,
    },
  };
}
