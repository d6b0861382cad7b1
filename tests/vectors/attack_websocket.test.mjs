// The attack cases about WebSockets: wrong handshakes, wrong frames, and connections that have to end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';

import { userToken } from '../interop/support/tokens.mjs';
import { AttackServer } from './attack_server.mjs';
import { RawSocket, RawWebSocket } from '../interop/support/raw_socket.mjs';
import { haveVectors, readVectors } from './vectors.mjs';

/** What a peer that never reads may cost the server, whose queue for it has 256 KiB; all it is sent is five times this. */
const kFloodMemoryMax = 32 * 1024 * 1024;
/** More than these no program asks for but one with a sanitizer in it: its shadow of all memory has terabytes. */
const kAddressesMax = 2 ** 40;

/** It takes 90 s, and runs beside the others: silence.test.mjs. */
const kApart = 'never sends anything';

if (haveVectors('attack_websocket')) {
  const cases = readVectors('attack-cases/cases.json');
  let attacked;

  describe('a WebSocket with', () => {
    before(async () => { attacked = await AttackServer.start(cases); });
    beforeEach(() => attacked.reset());
    after(() => attacked.stop());

    for (const entry of cases.websocket.filter(({ title }) => title !== kApart)) {
      it(`${entry.title} (${entry.id})`, () => check(attacked, entry));
    }
  });
}

async function check(attacked, entry) {
  const sockets = [];
  try {
    const run = await play(attacked, entry.steps, sockets);
    const alternatives = entry.expect.any_of ?? [entry.expect];
    const failures = [];
    for (const expected of alternatives) {
      try {
        await assertOutcome(run, expected);
        failures.length = 0;
        break;
      } catch (error) {
        failures.push(error.message);
      }
    }
    assert.equal(failures.length, 0, `${failures.join('\n')}\n${entry.reason} (${entry.ref})\n${JSON.stringify(run.frames)}`);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  await attacked.assertServes();
}

/** Plays the steps; what was seen: the handshake's status, the first frame, the socket. */
async function play(attacked, steps, sockets) {
  const run = { frames: [], started: Date.now() };
  for (const step of steps) {
    if (step.open !== undefined) {
      await open(attacked, step, run, sockets);
    } else if (step.send_base64 !== undefined) {
      run.socket.write(Buffer.from(step.send_base64, 'base64'));
      run.disturbed = true;
    } else if (step.stop_reading) {
      run.socket.socket.pause();
    } else if (step.server?.events_to_user !== undefined) {
      run.started = Date.now();
      await flood(attacked, run, step.server.events_to_user, sockets);
      run.disturbed = true;
    } else if (step.server !== undefined) {
      run.started = Date.now();
      if (step.server.app_revoke) await attacked.revokeApp();
      else await attacked.revokeUser(step.server.user_revoke === 'now' ? attacked.users[0] : step.server.user_revoke);
      run.disturbed = true;
    } else if (step.slow_handshake_bytes_per_s !== undefined) {
      run.status = await dribble(attacked.server.host, step.slow_handshake_bytes_per_s, sockets);
    }
    // `wait_ms` is how long an outcome may take; the outcome itself is waited for.
  }
  return run;
}

async function open(attacked, { open: target, headers, times = 1 }, run, sockets) {
  for (let count = 0; count < times; count += 1) {
    run.socket = await RawWebSocket.open(attacked.server.host, target, headers);
    sockets.push(run.socket);
    run.status = run.socket.status;
    if (run.status !== 101) return;
    const first = await run.socket.next();
    if (first?.json) run.frames.push(first.json);
    if (first?.json?.error) return;
  }
}

/**
 * Events for the connection that has stopped reading: it watches a hundred users, and these are updated
 * until there are as many. Somebody else who watches one of them hears of each update meanwhile.
 */
async function flood(attacked, run, events, sockets) {
  const { server, apps } = attacked;
  const watched = Array.from({ length: 100 }, (_, index) => `bulk-${index}`);
  const watch = (frame, ids) => attacked.asServer('A', 'GET', '/users', {
    query: { connection_id: frame.connection_id, payload: { filter_conditions: { id: { $in: ids } }, presence: true, limit: 100 } },
  });
  const token = userToken({ apiSecret: apps.A.secret }, attacked.users[1]);
  const json = encodeURIComponent(JSON.stringify({ user_details: { id: attacked.users[1] } }));
  const reader = await RawWebSocket.open(server.host,
    `/connect?json=${json}&api_key=${apps.A.api_key}&authorization=${token}&stream-auth-type=jwt&X-Stream-Client=test`);
  sockets.push(reader);
  await watch(run.frames[0], watched);
  await watch((await reader.next()).json, watched.slice(0, 1));

  const before = peakMemory(server.pid);
  const rounds = events / watched.length;
  let sent = 0;
  const update = async () => {
    while (sent < rounds) {
      sent += 1;
      const users = watched.map((id) => ({ id, set: { round: sent, padding: 'x'.repeat(1024) } }));
      await attacked.asServer('A', 'PATCH', '/users', { body: { users } });
    }
  };
  await Promise.all(Array.from({ length: 4 }, update));
  const grown = peakMemory(server.pid) - before;
  if (tellsItsMemory(server.pid)) assert(grown < kFloodMemoryMax, `the server took ${grown} bytes more`);
  assert(server.events.some(({ event }) => event === 'websocket.cut_slow_reader'), 'the slow reader was cut');
  for (let heard = 0; heard < rounds;) {
    const frame = await reader.next();
    assert(frame?.json, 'who reads stays connected');
    if (frame.json.type === 'user.updated') heard += 1;
  }
  run.socket.socket.resume();
}

/** The most memory that a process has held at a time, in bytes. */
const peakMemory = (pid) => readStatus(pid, 'VmHWM');

/** Whether its memory tells of the program: a sanitizer keeps what was freed, more than is measured here. */
const tellsItsMemory = (pid) => readStatus(pid, 'VmPeak') < kAddressesMax;

/** A line of what the kernel says of a process, in bytes. */
function readStatus(pid, name) {
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) * 1024;
}

/** A request line a byte at a time, until the server has had enough: its status, or null. */
async function dribble(host, bytesPerSecond, sockets) {
  const socket = new RawSocket(host);
  sockets.push(socket);
  const bytes = Buffer.from('GET /connect HTTP/1.1\r\nHost: slow\r\nX-Slow: '.padEnd(200, 'x'));
  let at = 0;
  const timer = setInterval(() => {
    socket.write(bytes.subarray(at, at + 1));
    at += 1;
  }, 1000 / bytesPerSecond);
  try {
    await socket.until('the server to give up', () => undefined, 30_000);
  } finally {
    clearInterval(timer);
  }
  const status = /^HTTP\/1\.1 (\d{3})/.exec(socket.received.toString('latin1'))?.[1];
  return status === undefined ? null : Number(status);
}

async function assertOutcome(run, expected) {
  if (expected.http_status) {
    assert(expected.http_status.includes(run.status), `the handshake was answered ${run.status}`);
    return;
  }
  assert.equal(run.status, 101, `the handshake was answered ${run.status}`);
  const [first] = run.frames;
  if (expected.first_event) {
    assert.equal(first?.type, expected.first_event);
    if (expected['me.id']) assert.equal(first.me.id, expected['me.id']);
  }
  if (expected.error_codes && !run.disturbed) {
    const last = run.frames.at(-1);
    assert(expected.error_codes.includes(last?.error?.code), `error ${last?.error?.code}`);
    await run.socket.drain();
  } else if (expected.error_codes || expected.close_within_ms) {
    const frames = await run.socket.drain(expected.close_within_ms);
    assert(Date.now() - run.started <= expected.close_within_ms, 'closed in time');
    if (expected.error_codes) {
      const error = frames.find((frame) => frame.error);
      assert(expected.error_codes.includes(error?.error.code), `error ${error?.error.code}`);
    }
  }
  if (expected.close_codes) {
    await run.socket.drain();
    assert(expected.close_codes.includes(run.socket.closeCode), `closed with ${run.socket.closeCode}`);
  }
  if (expected.pong !== undefined) await assertPong(run.socket, expected.pong);
  if (expected.still_open) assert(await run.socket.isOpen(), `closed with ${run.socket.closeCode}`);
  if (expected.all_open) assert.equal(run.frames.filter((frame) => frame.error).length, 0);
}

async function assertPong(socket, text) {
  for (;;) {
    const frame = await socket.next();
    assert(frame && frame.close === undefined, `closed with ${socket.closeCode}`);
    if (frame.pong !== undefined) {
      assert.equal(frame.pong, text);
      return;
    }
  }
}
