// The admin listener, as browsers and scripts call it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';

import { assertAdminDescribed } from './openapi.mjs';

const kAgent = new Agent({ keepAlive: true, maxSockets: 8 });
process.on('exit', () => kAgent.destroy());

export const kPassword = 'correct horse battery';

/**
 * One call below `/admin/v1`. `cookie`: as `cookieOf` gives it; `from`: the address that a proxy says it
 * came from; `headers`: put over the usual ones, null takes one away. Returns `{ status, headers, body }`.
 * Whatever a suite is about, the answer has to be one that admin.json describes.
 */
export function callAdmin(server, method, path, { body, cookie, from, headers = {} } = {}) {
  const url = new URL(`/admin/v1/${path}`, server.adminUrl);
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const sent = {
    ...(method === 'GET' ? {} : { 'Content-Type': 'application/json' }),
    ...(text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }),
    ...(cookie === undefined ? {} : { Cookie: cookie }),
    ...(from === undefined ? {} : { 'X-Forwarded-For': from }),
    ...headers,
  };
  for (const [name, value] of Object.entries(sent)) if (value === null) delete sent[name];
  return new Promise((done, fail) => {
    const call = request(url, { method, headers: sent, agent: kAgent }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', fail);
      response.on('end', () => {
        const { statusCode: status, headers } = response;
        const answer = Buffer.concat(parts).toString();
        try {
          assertAdminDescribed(method, `/${path}`, status, headers['content-type'], answer);
          done({ status, headers, body: answer === '' ? {} : JSON.parse(answer) });
        } catch (error) {
          fail(error);
        }
      });
    });
    call.on('error', fail);
    call.end(text);
  });
}

/** One call with the local credential, as the command line makes it. Returns the body of its success. */
export async function callLocally(server, method, path, body = method === 'GET' ? undefined : {}) {
  const { credential } = JSON.parse(readFileSync(join(server.data, 'admin.json'), 'utf8'));
  const answer = await callAdmin(server, method, path, { body, headers: { Authorization: `Bearer ${credential}` } });
  assert(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** An account that can sign in with `kPassword`. Returns its name. */
export async function makeAccount(server, { name = 'anna', role = 'owner' } = {}) {
  await callLocally(server, 'POST', 'accounts', { name, role, password: kPassword });
  return name;
}

/** What a browser sends back of an answer's cookie; empty where it has none. */
export function cookieOf(answer) {
  return (answer.headers['set-cookie'] ?? [''])[0].split(';')[0];
}

export function trySignIn(server, name, password = kPassword, options = {}) {
  return callAdmin(server, 'POST', 'session', { body: { name, password }, ...options });
}

/** Signs in; returns the cookie. */
export async function signIn(server, name, options = {}) {
  const answer = await trySignIn(server, name, kPassword, options);
  if (answer.status !== 201) throw new Error(`signing in: ${answer.status} ${JSON.stringify(answer.body)}`);
  return cookieOf(answer);
}

/** The set-up code that the server printed when it started with `--show-secret`. */
export async function setUpCode(server) {
  return (await server.printed(/set-up code ([0-9A-Z-]+)/))[1];
}
