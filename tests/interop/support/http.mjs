// Calls as they go over the wire, for what the SDKs hide.
import { assertDescribed } from './openapi.mjs';
import { serverToken } from './tokens.mjs';

/**
 * One call. `token`: undefined for the server's own, null for none. Returns `{ status, headers, body }`,
 * the body parsed where it is JSON. Whatever a suite is about, the answer has to be one that openapi.json
 * describes.
 */
export async function call(server, method, path, {
  token = serverToken(server.apiSecret),
  authType = 'jwt',
  apiKey = server.apiKey,
  query = {},
  headers = {},
  body,
} = {}) {
  const url = new URL(path, server.url);
  if (apiKey !== null) url.searchParams.set('api_key', apiKey);
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { Authorization: token }),
      ...(authType === null ? {} : { 'stream-auth-type': authType }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  assertDescribed(method, url.pathname, response.status, response.headers.get('content-type'), text);
  return { status: response.status, headers: response.headers, body: parseBody(text) };
}

function parseBody(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Lets the users exist: calls about unknown ones are 404. */
export async function createUsers(server, ...ids) {
  const users = Object.fromEntries(ids.map((id) => [id, { id }]));
  const answer = await call(server, 'POST', '/api/v2/users', { body: { users } });
  if (answer.status !== 201) throw new Error(`creating users: ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** Revokes what `ids` held before `date`; null undoes it. */
export async function revokeUsers(server, ids, date) {
  const users = ids.map((id) => ({ id, set: { revoke_tokens_issued_before: date } }));
  const answer = await call(server, 'PATCH', '/api/v2/users', { body: { users } });
  if (answer.status !== 200) throw new Error(`revoking: ${answer.status} ${JSON.stringify(answer.body)}`);
}
