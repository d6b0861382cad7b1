// Stream's SDKs for other languages, as they were recorded: what each signs, sends and leaves out. A
// record is data; `RecordedSdk` and `RecordedClient` below turn it into tokens, requests and connects.
import { createHmac } from 'node:crypto';
import { request } from 'node:http';

import { assertDescribed } from './openapi.mjs';
import { RawWebSocket } from './raw_socket.mjs';
import { Socket } from './socket.mjs';
import { kHour, nowSeconds } from './tokens.mjs';

// --- how the SDKs spell an instant, as JSON text ---------------------------------------------------

const kText = JSON.stringify;
const kWholeSeconds = (date) => date.toISOString().slice(0, 19);
const kIsoMicroseconds = (date) => kText(date.toISOString().replace('Z', '000'));
const kIsoMicrosecondsWithOffset = (date) => kText(date.toISOString().replace('Z', '000+00:00'));
const kNanosecondsZ = (date) => kText(date.toISOString().replace('Z', '456789Z'));
/** A clock that stands an hour east of Greenwich. */
const kNanosecondsEast = (date) =>
  kText(new Date(date.getTime() + kHour * 1000).toISOString().replace('Z', '456789+01:00'));
const kSecondsZ = (date) => kText(`${kWholeSeconds(date)}Z`);
const kAtom = (date) => kText(`${kWholeSeconds(date)}+00:00`);
const kJackson = (date) => kText(date.toISOString().replace('Z', '+00:00'));
const kDateTimeOffset = (date) => kText(date.toISOString().replace('Z', '4567+00:00'));
const kRubyTime = (date) => kText(`${kWholeSeconds(date).replace('T', ' ')} UTC`);
/** An integer of nanoseconds, more digits than a number of JavaScript holds. */
const kIntegerNanoseconds = (date) => `${date.getTime()}000000`;
const kIntegerNanosecondsOfSeconds = (date) => `${Math.floor(date.getTime() / 1000)}000000000`;

// --- what they sign --------------------------------------------------------------------------------

const kAlgTyp = '{"alg":"HS256","typ":"JWT"}';
const kTypAlg = '{"typ":"JWT","alg":"HS256"}';
const kAlgOnly = '{"alg":"HS256"}';

const kField = 'revoke_tokens_issued_before';
/** What getstream-go writes for the lists and maps that a caller did not set. */
const kGoNulls = ['allowed_flag_reasons', 'event_hooks', 'image_moderation_block_labels',
  'image_moderation_labels', 'user_search_disallowed_roles', 'webhook_events',
  'activity_metrics_config', 'grants'].map((name) => `"${name}":null`);

const ends = (at, validity) => (validity === undefined ? {} : { exp: at + validity });

/**
 * One entry a server SDK. `serverClaims(now)`: of its own token; `userClaims(id, now, validity)`: of a
 * user's, `validity` in seconds or undefined for the SDK's default. `dateInSet`, `dateInApp`: an instant
 * in a user's `set` and in an app update; `alwaysInApp`: what stands beside it. `undoUser`: `null` for a
 * `set` with null, else it is an `unset`; `undoApp`: the body, where it is not empty. `bodyOfGet`: what a
 * GET carries.
 */
const kServerSdks = {
  Python: {
    client: 'stream-python-client-4.1.0',
    headers: { accept: '*/*', 'stream-auth-type': 'jwt', 'accept-encoding': 'gzip, deflate' },
    jwtHeader: kAlgTyp,
    serverClaims: () => ({}),
    userClaims: (id, now, validity) => ({ user_id: id, iat: now - 5, ...ends(now, validity) }),
    dateInSet: kIsoMicroseconds,
    dateInApp: kIsoMicrosecondsWithOffset,
  },
  Ruby: {
    client: 'getstream-ruby-8.0.2',
    headers: { 'Content-Type': 'application/json', 'stream-auth-type': 'jwt' },
    jwtHeader: kAlgOnly,
    serverClaims: (now) => ({ iat: now - 5, server: true }),
    // The customer's own JWT.encode: whatever the sample passes.
    userClaims: (id, now, validity) => ({ user_id: id, ...ends(now, validity) }),
    dateInSet: kSecondsZ,
    dateInApp: kRubyTime,
    bodyOfGet: 'null',
  },
  PHP: {
    client: 'stream-php-client-11.0.0',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'stream-auth-type': 'jwt' },
    jwtHeader: kTypAlg,
    serverClaims: (now) => ({ iat: now, server: true }),
    userClaims: (id, now, validity) => ({ user_id: id, iat: now, ...ends(now, validity) }),
    dateInSet: kAtom,
    dateInApp: kIntegerNanosecondsOfSeconds,
  },
  Go: {
    client: 'stream-go-client-v5.3.0',
    headers: { 'Content-Type': 'application/json', 'Stream-Auth-Type': 'jwt', 'Accept-Encoding': 'gzip' },
    jwtHeader: kAlgTyp,
    serverClaims: () => ({ server: true }),
    userClaims: (id, now, validity) => ({ ...ends(now, validity), iat: now, user_id: id }), // alphabetical
    dateInSet: kNanosecondsEast,
    dateInApp: kNanosecondsZ,
    alwaysInApp: kGoNulls,
  },
  'C#': {
    client: 'getstream-net-15.0.0',
    headers: { 'stream-auth-type': 'jwt', 'Content-Type': 'application/json; charset=utf-8' },
    jwtHeader: kAlgTyp,
    serverClaims: (now) => ({ nbf: now - 5, exp: now + kHour, iat: now - 5 }),
    userClaims: (id, now, validity = kHour) => ({ user_id: id, nbf: now - 5, exp: now + validity, iat: now - 5 }),
    dateInSet: kDateTimeOffset,
    dateInApp: kIntegerNanoseconds,
  },
  Java: {
    client: 'stream-java-client-9.4.0',
    headers: { 'Content-Type': 'application/json', 'Stream-Auth-Type': 'jwt', 'Accept-Encoding': 'gzip' },
    jwtHeader: kAlgOnly,
    serverClaims: (now) => ({ iat: now, server: true }),
    userClaims: (id, now, validity) => ({ user_id: id, iat: now - 5, ...ends(now, validity) }),
    dateInSet: kJackson,
    dateInApp: kJackson,
  },
  'stream-chat-go': {
    client: 'stream-go-client',
    style: 'legacy',
    headers: { 'Content-Type': 'application/json', 'Stream-Auth-Type': 'jwt', 'Accept-Encoding': 'gzip' },
    jwtHeader: kAlgTyp,
    serverClaims: () => ({ server: true }),
    userClaims: (id, now, validity) => ({ ...ends(now, validity), user_id: id }),
    dateInSet: kSecondsZ,
    dateInApp: kSecondsZ,
    undoUser: 'null',
    undoApp: `{"${kField}":null}`,
  },
  'stream-chat-python': {
    client: 'stream-python-client',
    style: 'legacy',
    headers: { 'Content-Type': 'application/json', 'stream-auth-type': 'jwt' },
    jwtHeader: kAlgTyp,
    serverClaims: () => ({ server: true }),
    userClaims: (id, now, validity) => ({ user_id: id, ...ends(now, validity) }),
    dateInSet: kIsoMicrosecondsWithOffset,
    dateInApp: kIsoMicroseconds,
    undoUser: 'null',
    undoApp: `{"${kField}":null}`,
  },
};

/** An SDK that runs where the secret is. */
class RecordedSdk {
  #record;

  constructor(record) {
    this.#record = record;
  }

  #sign(server, claims) {
    const part = (text) => Buffer.from(text).toString('base64url');
    const signed = `${part(this.#record.jwtHeader)}.${part(JSON.stringify(claims))}`;
    return `${signed}.${createHmac('sha256', server.apiSecret).update(signed).digest('base64url')}`;
  }

  serverToken(server, now = nowSeconds()) {
    return this.#sign(server, this.#record.serverClaims(now));
  }

  /** What the SDK hands out for a user: `now` is its clock, `claims` what the caller adds. */
  userToken(server, id, { now = nowSeconds(), validity, claims = {} } = {}) {
    return this.#sign(server, { ...this.#record.userClaims(id, now, validity), ...claims });
  }

  /** Runs a request as it was recorded: the names of its headers as they are spelled, nothing besides. */
  async send(server, method, resource, body) {
    const { client, headers, style, bodyOfGet } = this.#record;
    const path = style === 'legacy' ? resource : `/api/v2${resource}`;
    const url = new URL(`${path}?api_key=${server.apiKey}`, server.url);
    const text = method === 'GET' ? bodyOfGet : body;
    const options = {
      method,
      headers: {
        Authorization: this.serverToken(server),
        'X-Stream-Client': client,
        ...headers,
        ...(text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }),
      },
    };
    const response = await new Promise((done, fail) => {
      request(url, options, done).on('error', fail).end(text);
    });
    let answer = '';
    for await (const chunk of response.setEncoding('utf8')) answer += chunk;
    assertDescribed(method, path, response.statusCode, response.headers['content-type'], answer);
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${answer}`);
    return JSON.parse(answer);
  }

  revokeUsers(server, ids, date, spell = this.#record.dateInSet) {
    const entries = ids.map((id) => `{"id":"${id}","set":{"${kField}":${spell(date)}}}`);
    return this.send(server, 'PATCH', '/users', `{"users":[${entries}]}`);
  }

  undoUsers(server, ids) {
    const undo = this.#record.undoUser === 'null' ? `"set":{"${kField}":null}` : `"unset":["${kField}"]`;
    return this.send(server, 'PATCH', '/users', `{"users":[${ids.map((id) => `{"id":"${id}",${undo}}`)}]}`);
  }

  revokeApp(server, date) {
    const fields = [`"${kField}":${this.#record.dateInApp(date)}`, ...(this.#record.alwaysInApp ?? [])];
    return this.send(server, 'PATCH', '/app', `{${fields}}`);
  }

  /** Most SDKs drop a null from an app update, so that nothing but nulls arrives. */
  undoApp(server) {
    return this.send(server, 'PATCH', '/app', this.#record.undoApp ?? `{${this.#record.alwaysInApp ?? []}}`);
  }
}

export const kRecordedSdks = Object.fromEntries(
  Object.entries(kServerSdks).map(([name, record]) => [name, new RecordedSdk(record)]));

/** `DateTime.UtcNow`, and PHP's `DateTime` in an array: integers where a string would be expected. */
export const kDotNetDateTime = kIntegerNanoseconds;
export const kPhpDateTime = kIntegerNanosecondsOfSeconds;

// --- SDKs of apps ----------------------------------------------------------------------------------

/** The header of every developer token is this text; the third part is a literal. */
const kDevHeader = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';
const devPayload = (id, encoding) => Buffer.from(`{"user_id":"${id}"}`).toString(encoding);
const kPadded = (id) => `${kDevHeader}.${devPayload(id, 'base64')}.devtoken`;
const kUnity = (id) => `${kDevHeader}.${devPayload(id, 'base64url')}.devToken`;

/**
 * One entry an SDK: `devToken(id)`; `json(user, token)`: the object in the query of its connect;
 * `client`: how it names itself, if it does; `inHeaders`: its credentials are not in the query.
 */
const kClientSdks = {
  Kotlin: {
    client: 'stream-chat-android-6.12.0',
    devToken: kPadded,
    json: (user) => ({ user_details: user, user_id: user.id, server_determines_connection_id: true,
      'X-Stream-Client': 'stream-chat-android-6.12.0' }),
  },
  Swift: {
    client: 'stream-chat-swift-client-v5.0.0',
    devToken: kPadded,
    inHeaders: true,
    json: (user) => ({ user_id: user.id, user_details: user, server_determines_connection_id: true }),
  },
  Dart: {
    client: '"stream-chat-dart-client-9.0.0"', // the quotes are sent
    devToken: kPadded,
    json: (user, token) => ({ user_id: user.id, user_details: user, user_token: token,
      server_determines_connection_id: true }),
  },
  Unreal: {
    devToken: kPadded,
    rawRequestLine: true,
    json: (user) => ({ user_details: user }),
  },
  Unity: {
    client: 'stream-chat-unity-client-5.0.0',
    devToken: kUnity,
    json: (user, token) => ({ user_id: user.id, user_details: { id: user.id }, user_token: token,
      server_determines_connection_id: true }),
  },
};

/** An SDK that runs on a device. */
class RecordedClient {
  #record;

  constructor(record) {
    this.#record = record;
  }

  devToken(id) {
    return this.#record.devToken(id);
  }

  /** Connects as the SDK does and leaves again: the first frame. */
  async connect(server, user, token) {
    const { client, inHeaders, rawRequestLine, json } = this.#record;
    const payload = JSON.stringify(json(user, token));
    if (rawRequestLine) return connectRaw(server, payload, token);
    const headers = { Authorization: token, 'Stream-Auth-Type': 'jwt', 'X-Stream-Client': client };
    const query = { authorization: token, 'stream-auth-type': 'jwt', 'X-Stream-Client': client };
    const parameters = new URLSearchParams({ json: payload, api_key: server.apiKey, ...(inHeaders ? {} : query) });
    const socket = await Socket.open(server, `/connect?${parameters}`, inHeaders ? { headers } : {});
    const first = await socket.next();
    await (first.error ? socket.closed() : socket.close());
    return first;
  }
}

/** Unreal escapes nothing but spaces in its request line, and asks for a subprotocol. */
async function connectRaw(server, payload, token) {
  const target = `/connect?json=${payload.replaceAll(' ', '%20')}&api_key=${server.apiKey}` +
    `&authorization=${token}&stream-auth-type=jwt`;
  const socket = await RawWebSocket.open(server.host, target, { 'Sec-WebSocket-Protocol': 'wss' });
  try {
    return (await socket.next()).json;
  } finally {
    socket.destroy();
  }
}

const kClients = Object.fromEntries(
  Object.entries(kClientSdks).map(([name, record]) => [name, new RecordedClient(record)]));
/** Android's SDK is one for both languages. */
export const kRecordedClients = { ...kClients, Java: kClients.Kotlin };
