// What a token meets wherever one can come in: REST and a WebSocket, each in both styles.
import assert from 'node:assert/strict';

import { call } from './http.mjs';
import { Socket } from './socket.mjs';

/** Each door answers 200, or the code of its error. */
const kDoors = {
  'GET /app': (server, id, token) => rest(server, '/app', token),
  'GET /api/v2/app': (server, id, token) => rest(server, '/api/v2/app', token),
  'the legacy socket': async (server, id, token) => greeting(await Socket.legacy(server, id, token)),
  'the v2 socket': async (server, id, token) => {
    const socket = await Socket.v2(server);
    socket.send({ token, user_details: { id } });
    return greeting(socket);
  },
};

async function rest(server, path, token) {
  const { status, body } = await call(server, 'GET', path, { token });
  assert(status === 200 || status === 401, `${path}: ${status} ${JSON.stringify(body)}`);
  return status === 200 ? 200 : body.code;
}

async function greeting(socket) {
  const first = await socket.next();
  if (first.error === undefined) {
    await socket.close();
    return 200;
  }
  assert.equal(first.error.StatusCode, 401);
  assert.equal((await socket.closed()).code, 1000);
  return first.error.code;
}

async function assertAtEachDoor(server, userId, token, expected) {
  const answers = await Promise.all(Object.entries(kDoors).map(async ([door, ask]) => [door, await ask(server, userId, token)]));
  assert.deepEqual(Object.fromEntries(answers), Object.fromEntries(Object.keys(kDoors).map((door) => [door, expected])));
}

export const assertAccepted = (server, userId, token) => assertAtEachDoor(server, userId, token, 200);
export const assertRefused = (server, userId, token, code) => assertAtEachDoor(server, userId, token, code);
