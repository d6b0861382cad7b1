// Operators of the server under test: their accounts, and what they do without a browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const kPassword = 'correct horse battery staple';

/** A call of the admin API as the command line makes it, with the local credential. */
export async function callAdmin(server, method, path, body) {
  const { credential } = JSON.parse(readFileSync(join(server.data, 'admin.json'), 'utf8'));
  const response = await fetch(`${server.adminUrl}/admin/v1/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${credential}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  assert(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** An account that can sign in: `anna`, an owner, unless told otherwise. */
export async function makeAccount(server, { name = 'anna', role = 'owner' } = {}) {
  await callAdmin(server, 'POST', 'accounts', { name, role, password: kPassword });
  return name;
}
