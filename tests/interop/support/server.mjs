// The real program, started for one suite on ports of its own with a data directory of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const kRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const kStartMax = 20_000; // ms; sanitizers are slow
const kStopMax = 15_000;
const kLogLinesShown = 40;

/** Test values, as long as the program wants them. */
const kApiKey = 'interopkey01';
const kApiSecret = 'interop-secret-0123456789abcdefghijklmnopqrstuvwxyz';

export function findBinary() {
  const candidates = process.env.LATCHKEY_BINARY
    ? [resolve(process.env.LATCHKEY_BINARY)]
    : [join(kRoot, 'build/dev/latchkey'), join(kRoot, 'build/release/latchkey')];
  const found = candidates.find((path) => existsSync(path));
  assert(found, `no latchkey program at ${candidates.join(' or ')}: run ./dev build, or set LATCHKEY_BINARY`);
  return found;
}

export function makeDataDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Nothing of the machine's own settings reaches the program. */
export function cleanEnvironment(extra) {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS'];
  const base = Object.fromEntries(
    kept.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]),
  );
  return { ...base, ...extra };
}

/** Runs the program to its end: `{ status, stdout, stderr }`. */
export function runProgram(args, { env = {}, input = '', cwd } = {}) {
  const result = spawnSync(findBinary(), args, {
    env: cleanEnvironment(env),
    input,
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error) throw result.error;
  return result;
}

/** Starts a command of the program whose lines are read while it runs: `{ lines, ended }`. */
export function startProgram(args) {
  const child = spawn(findBinary(), args, { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const ended = new Promise((done) => {
    child.on('close', (status) => done(status));
  });
  return { lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](), ended };
}

/**
 * Starts `latchkey serve` and waits until it says where it listens.
 * `mode`, `apiKey`, `apiSecret`: of the App that a first start creates; `env`, `args`: added to or put
 * over the usual ones.
 */
export async function startServer({
  data = makeDataDirectory(),
  mode = 'production',
  apiKey = kApiKey,
  apiSecret = kApiSecret,
  env = {},
  args = [],
} = {}) {
  const bootstrap = {
    LATCHKEY_API_KEY: apiKey,
    LATCHKEY_API_SECRET: apiSecret,
    LATCHKEY_APP_MODE: mode,
  };
  const child = spawn(
    findBinary(),
    ['serve', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--data', data,
      '--log-format', 'json', ...args],
    { env: cleanEnvironment({ ...bootstrap, ...env }), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const server = new Server(child, { data, apiKey, apiSecret });
  await server.started();
  return server;
}

class Server {
  #child;
  #ended;
  #started;
  #output = [];
  #listeners = []; // each is told of lines until it says that it is done

  constructor(child, { data, apiKey, apiSecret }) {
    this.#child = child;
    this.data = data;
    this.apiKey = apiKey;
    this.apiSecret = apiSecret;
    this.#ended = new Promise((done) => {
      child.on('close', (status, signal) => done({ status, signal }));
    });
    this.#started = new Promise((done) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.#output.push(line);
          this.#listeners = this.#listeners.filter((isDone) => !isDone(line));
          const event = parseLine(line);
          if (event?.event === 'server.started') done(event);
        });
      }
    });
    // A suite that failed shows what the server said, and no server outlives its suite.
    process.on('exit', (code) => {
      child.kill('SIGKILL');
      if (code !== 0) console.error(this.#lastLines());
    });
  }

  async started() {
    const failed = this.#ended.then(({ status, signal }) => {
      throw new Error(`the server ended with ${status ?? signal} before it listened\n${this.#lastLines()}`);
    });
    const event = await within(kStartMax, 'the server to listen', Promise.race([this.#started, failed]));
    this.host = event.listen;
    this.url = `http://${event.listen}`;
    this.wsUrl = `ws://${event.listen}`;
    this.adminUrl = `http://${event.admin_listen}`;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Everything the program wrote, as text. */
  get log() {
    return this.#output.join('\n');
  }

  /** The first match of `pattern` in a line that it has written, or is about to. */
  async printed(pattern) {
    const earlier = this.#output.map((line) => pattern.exec(line)).find((match) => match !== null);
    if (earlier) return earlier;
    const later = new Promise((done) => {
      this.#listeners.push((line) => {
        const match = pattern.exec(line);
        if (match) done(match);
        return match !== null;
      });
    });
    return within(kStartMax, `the server to print ${pattern}`, later);
  }

  /** Its log as values: the lines that are JSON. */
  get events() {
    return this.#output.map(parseLine).filter((event) => event !== undefined);
  }

  /** Ends it as an operator would; also checks what every suite must hold: nothing secret was logged. */
  async stop() {
    this.#child.kill('SIGTERM');
    const { status, signal } = await within(kStopMax, 'the server to stop', this.#ended);
    this.assertNothingSecretLogged();
    assert.equal(signal, null, `the server died of ${signal}\n${this.#lastLines()}`);
    assert.equal(status, 0, `the server stopped with status ${status}\n${this.#lastLines()}`);
  }

  /** Ends it as a power cut would, as far as a process can be. */
  async kill() {
    this.#child.kill('SIGKILL');
    await within(kStopMax, 'the server to die', this.#ended);
    this.assertNothingSecretLogged();
  }

  assertNothingSecretLogged() {
    assert(!this.log.includes(this.apiSecret), 'the API secret is in the log');
    // Every header of a JWT begins with `{"`, which is `eyJ` in base64url.
    const token = /eyJ[A-Za-z0-9_-]{6,}/.exec(this.log);
    assert.equal(token, null, 'something that looks like a token is in the log');
  }

  #lastLines() {
    return this.#output.slice(-kLogLinesShown).join('\n');
  }
}

function parseLine(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** `promise`, or an error that says what was waited for. */
export function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`waited ${milliseconds} ms for ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
