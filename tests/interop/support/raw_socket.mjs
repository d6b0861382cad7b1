// A TCP connection that writes what it is told, and a WebSocket client that can be told to be wrong.
import { connect } from 'node:net';

import { assertFrameDescribed } from './openapi.mjs';
import { within } from './server.mjs';

const kAnswerMax = 5_000; // ms
const kKey = 'bGF0Y2hrZXkgdmVjdG9ycw==';

/** Bytes out, bytes in. */
export class RawSocket {
  #socket;
  #received = Buffer.alloc(0);
  #wake = () => {};

  constructor(host) {
    const [address, port] = host.split(':');
    this.#socket = connect({ host: address, port: Number(port), noDelay: true, allowHalfOpen: true });
    this.ended = false;
    this.#socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const end = () => {
      this.ended = true;
      this.#wake();
    };
    // A reset is an end too: what counts is what was answered before.
    this.#socket.on('end', end).on('close', end).on('error', end);
  }

  get received() {
    return this.#received;
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  /** Our side ends; the server may still answer. */
  halfClose() {
    this.#socket.end();
  }

  pause() {
    this.#socket.pause();
  }

  destroy() {
    this.#socket.destroy();
  }

  /** Takes `bytes` from the front of what was received. */
  take(bytes) {
    const taken = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    return taken;
  }

  /** Waits until `ready()` yields something, asked again at each arrival and at the end. */
  async until(what, ready, milliseconds = kAnswerMax) {
    const loop = async () => {
      for (;;) {
        const result = ready();
        if (result !== undefined) return result;
        if (this.ended) return undefined;
        await new Promise((wake) => { this.#wake = wake; });
      }
    };
    return within(milliseconds, what, loop());
  }
}

/** The statuses of the HTTP responses in `bytes`, those of 1xx left out; null where it ends early. */
export function parseResponses(bytes) {
  const statuses = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return { statuses, complete: false };
    const head = rest.subarray(0, end).toString('latin1');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? NaN);
    if (Number.isNaN(status)) throw new Error(`not an HTTP response: ${head.slice(0, 100)}`);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (rest.length < end + 4 + length) return { statuses, complete: false };
    if (status >= 200) statuses.push(status);
    rest = rest.subarray(end + 4 + length);
  }
  return { statuses, complete: true };
}

/** A WebSocket: `status` of the handshake, then frames and a close. */
export class RawWebSocket {
  /** `headers` go over the usual ones; null leaves one out; `:method` is the request's. */
  static async open(host, target, headers = {}) {
    const { ':method': method = 'GET', ...given } = headers;
    const fields = {
      Host: host, Upgrade: 'websocket', Connection: 'Upgrade',
      'Sec-WebSocket-Key': kKey, 'Sec-WebSocket-Version': '13', ...given,
    };
    const lines = Object.entries(fields).filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}`);
    const socket = new RawSocket(host);
    socket.write(`${[`${method} ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`);
    const end = await socket.until('the handshake', () => {
      const at = socket.received.indexOf('\r\n\r\n');
      return at < 0 ? undefined : at;
    });
    if (end === undefined) return new RawWebSocket(socket, null);
    const head = socket.take(end + 4).toString('latin1');
    return new RawWebSocket(socket, Number(/^HTTP\/1\.1 (\d{3})/.exec(head)[1]), target.split('?')[0]);
  }

  #path;
  #seen = 0;

  constructor(socket, status, path) {
    this.socket = socket;
    this.#path = path;
    this.status = status;
    this.closeCode = undefined; // a number; null where the connection ended without a close frame
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  ping(text) {
    const mask = Buffer.from([1, 2, 3, 4]);
    const payload = Buffer.from(text).map((byte, index) => byte ^ mask[index % 4]);
    this.write(Buffer.concat([Buffer.from([0x89, 0x80 | payload.length]), mask, payload]));
  }

  /** The next frame: `{ json }`, `{ pong }` or `{ close }`; undefined where there is none any more. */
  async next(milliseconds) {
    if (this.closeCode !== undefined) return undefined;
    const frame = await this.socket.until('a frame', () => this.#parse(), milliseconds);
    if (frame === undefined) {
      this.closeCode = null;
      return undefined;
    }
    if (frame.opcode === 8) {
      this.closeCode = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : null;
      return { close: this.closeCode };
    }
    if (frame.opcode === 10) return { pong: frame.payload.toString() };
    const json = JSON.parse(frame.payload.toString());
    assertFrameDescribed(this.#path, this.#seen++ === 0, json);
    return { json };
  }

  #parse() {
    const { received } = this.socket;
    if (received.length < 2) return undefined;
    let length = received[1] & 0x7f;
    let at = 2;
    if (length === 126) {
      if (received.length < 4) return undefined;
      length = received.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (received.length < 10) return undefined;
      length = Number(received.readBigUInt64BE(2));
      at = 10;
    }
    if (received.length < at + length) return undefined;
    const frame = this.socket.take(at + length);
    return { opcode: frame[0] & 0x0f, payload: frame.subarray(at) };
  }

  /** Reads to the end; the JSON frames on the way. */
  async drain(milliseconds) {
    const frames = [];
    for (;;) {
      const frame = await this.next(milliseconds);
      if (frame === undefined || frame.close !== undefined) return frames;
      if (frame.json) frames.push(frame.json);
    }
  }

  /** Whether it still answers a ping. */
  async isOpen() {
    this.ping('open?');
    for (;;) {
      const frame = await this.next();
      if (frame === undefined || frame.close !== undefined) return false;
      if (frame.pong === 'open?') return true;
    }
  }

  destroy() {
    this.socket.destroy();
  }
}
