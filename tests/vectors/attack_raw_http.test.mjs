// The attack cases about HTTP's framing and syntax: bytes on a fresh connection.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { AttackServer } from './attack_server.mjs';
import { parseResponses, RawSocket } from '../interop/support/raw_socket.mjs';
import { haveVectors, readVectors } from './vectors.mjs';

if (haveVectors('attack_raw_http')) {
  const cases = readVectors('attack-cases/cases.json');
  let attacked;

  describe('bytes with', () => {
    before(async () => { attacked = await AttackServer.start(cases); });
    after(() => attacked.stop());

    for (const entry of cases.raw_http) {
      it(`${entry.title} (${entry.id}) are answered ${entry.expect.status.join(' or ')}`, () => check(attacked, entry));
    }
  });
}

async function check(attacked, { raw_base64: bytes, expect, reason, ref }) {
  const socket = new RawSocket(attacked.server.host);
  try {
    socket.write(Buffer.from(bytes, 'base64'));
    if (expect.close !== true) {
      // It may stay open: once it has answered, our end lets it close.
      await socket.until('an answer', () => parseResponses(socket.received).statuses[0]);
      socket.halfClose();
    }
    await socket.until('the server to close', () => undefined);
    const shown = `${reason} (${ref})\n${socket.received.toString('latin1').slice(0, 500)}`;
    const { statuses, complete } = parseResponses(socket.received);
    assert(complete, shown);
    const [least, most] = [expect.responses].flat().length === 2 ? expect.responses : [expect.responses, expect.responses];
    assert(statuses.length >= least && statuses.length <= most, `${statuses.length} answers: ${shown}`);
    for (const status of statuses) assert(expect.status.includes(status), `${status}: ${shown}`);
  } finally {
    socket.destroy();
  }
  await attacked.assertServes();
}
