// A WebSocket without an SDK around it: its frames one by one, and how it was closed.
import WebSocket from 'ws';

import { assertFrameDescribed } from './openapi.mjs';
import { within } from './server.mjs';

const kFrameMax = 5_000; // ms to wait for a frame
/** How often an SDK says that it is there; the server ends who says nothing for longer. */
const kHealthEvery = 10_000; // ms

export class Socket {
  #socket;
  #frames = [];
  #waiting = [];
  #closed;
  #path;
  #seen = 0;

  /** `target` is the path with its query. Waits for the upgrade. */
  static async open(server, target, { headers = {}, protocols = [] } = {}) {
    const socket = new Socket(new WebSocket(server.wsUrl + target, protocols, { headers }), target.split('?')[0]);
    await within(kFrameMax, 'the upgrade', socket.opened);
    return socket;
  }

  /** The legacy connect with everything in the query; `json` and `query` go over the defaults. */
  static legacy(server, userId, token, { json = {}, query = {}, ...options } = {}) {
    const payload = { user_id: userId, user_details: { id: userId }, ...json };
    const parameters = new URLSearchParams({
      json: JSON.stringify(payload),
      api_key: server.apiKey,
      authorization: token,
      'stream-auth-type': 'jwt',
      'X-Stream-Client': 'latchkey-interop',
      ...query,
    });
    return Socket.open(server, `/connect?${parameters}`, options);
  }

  /** The v2 connect; the caller sends the auth message. */
  static v2(server, { query = {}, ...options } = {}) {
    const parameters = new URLSearchParams({
      api_key: server.apiKey,
      'stream-auth-type': 'jwt',
      'X-Stream-Client': 'latchkey-interop',
      ...query,
    });
    return Socket.open(server, `/api/v2/connect?${parameters}`, options);
  }

  constructor(socket, path) {
    this.#socket = socket;
    this.#path = path;
    this.opened = new Promise((done, fail) => {
      socket.on('open', done);
      socket.on('error', fail);
      socket.on('unexpected-response', (_, response) => {
        socket.terminate();
        fail(new Error(`the upgrade was answered ${response.statusCode}`));
      });
    });
    this.#closed = new Promise((done) => {
      socket.on('close', (code, reason) => done({ code, reason: reason.toString() }));
    });
    socket.on('message', (data, binary) => this.#take(binary ? data : this.#read(data)));
    socket.on('pong', (data) => this.#take({ pong: data.toString() }));
  }

  get protocol() {
    return this.#socket.protocol;
  }

  /** A frame of text. One that openapi.json does not describe is handed on as the error of whoever waits. */
  #read(data) {
    const frame = JSON.parse(data.toString());
    try {
      assertFrameDescribed(this.#path, this.#seen++ === 0, frame);
      return frame;
    } catch (error) {
      return error;
    }
  }

  #take(frame) {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(frame);
    else this.#frames.push(frame);
  }

  /** The next frame: JSON parsed, or `{ pong }`. */
  async next(milliseconds = kFrameMax) {
    const frame = await this.#nextOrError(milliseconds);
    if (frame instanceof Error) throw frame;
    return frame;
  }

  async #nextOrError(milliseconds) {
    if (this.#frames.length > 0) return this.#frames.shift();
    const frame = new Promise((done) => this.#waiting.push(done));
    const closed = this.#closed.then(({ code, reason }) => {
      throw new Error(`closed with ${code} ${reason} instead of a frame`);
    });
    return within(milliseconds, 'a frame', Promise.race([frame, closed]));
  }

  /** The next frame of this type; others are passed over. */
  async nextOf(type) {
    for (;;) {
      const frame = await this.next();
      if (frame.type === type) return frame;
    }
  }

  send(data, options) {
    this.#socket.send(typeof data === 'string' || Buffer.isBuffer(data) ? data : JSON.stringify(data), options);
  }

  ping(data) {
    this.#socket.ping(data);
  }

  /** Says now and then that it is there, as SDKs do, until it is closed: for tests that take their time. */
  stayAlive() {
    const timer = setInterval(() => this.send([{ type: 'health.check' }]), kHealthEvery).unref();
    void this.#closed.then(() => clearInterval(timer));
  }

  /** How the server closed it: `{ code, reason }`. */
  closed(milliseconds = kFrameMax) {
    return within(milliseconds, 'the close', this.#closed);
  }

  async close() {
    this.#socket.close(1000);
    const closed = await this.closed();
    const unread = this.#frames.find((frame) => frame instanceof Error);
    if (unread) throw unread;
    return closed;
  }
}
