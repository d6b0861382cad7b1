// The one attack case that takes as long as the server's patience: a WebSocket that never says anything.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { RawWebSocket } from '../interop/support/raw_socket.mjs';
import { AttackServer } from './attack_server.mjs';
import { haveVectors, readVectors } from './vectors.mjs';

const kHealthCheckMax = 25_000; // ms; what a client may count on, and the server sends more often

if (haveVectors('silence')) {
  const cases = readVectors('attack-cases/cases.json');
  const entry = cases.websocket.find(({ title }) => title === 'never sends anything');
  const [{ open: target }, { wait_ms: patience }] = entry.steps;
  let attacked;

  describe('a WebSocket that', () => {
    before(async () => { attacked = await AttackServer.start(cases); });
    after(() => attacked.stop());

    it(`${entry.title} (${entry.id}) is told that the server lives, and cut when its time is up`, async () => {
      const opened = Date.now();
      const socket = await RawWebSocket.open(attacked.server.host, target);
      try {
        assert.equal(socket.status, 101);
        const frames = await socket.drain(kHealthCheckMax);
        assert(frames.length > patience / kHealthCheckMax, `${frames.length} frames`);
        for (const { type } of frames) assert.equal(type, 'health.check');
        assert(Date.now() - opened >= patience, 'not before');
      } finally {
        socket.destroy();
      }
      await attacked.assertServes();
    });
  });
}
