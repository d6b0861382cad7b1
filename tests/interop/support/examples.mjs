// The example programs, which are what the C++ libraries look like from outside.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { cleanEnvironment, findBinary, within } from './server.mjs';

const kLineMax = 30_000; // ms; a session that lost its token may need a few tries
const kEndMax = 15_000;

/** They lie beside the program, or where `LATCHKEY_EXAMPLES` says. */
function findExample(name) {
  const folder = process.env.LATCHKEY_EXAMPLES ?? join(dirname(findBinary()), 'examples');
  const path = resolve(folder, name);
  assert(existsSync(path), `no example at ${path}: build the target latchkey_examples, or set LATCHKEY_EXAMPLES`);
  return path;
}

/** Runs an example to its end: `{ status, stdout, stderr }`. */
export function runExample(name, args, env) {
  const result = spawnSync(findExample(name), args, { env: cleanEnvironment(env), encoding: 'utf8', timeout: 60_000 });
  if (result.error) throw result.error;
  return result;
}

/** Starts an example that runs on; what it prints is read line by line. */
export function startExample(name, args, env) {
  return new RunningExample(name, spawn(findExample(name), args, { env: cleanEnvironment(env) }));
}

class RunningExample {
  #name;
  #child;
  #ended;
  #lines = [];
  #read = 0;
  #wake = () => {};

  constructor(name, child) {
    this.#name = name;
    this.#child = child;
    this.#ended = new Promise((done) => {
      child.on('close', (status, signal) => done({ status, signal }));
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        this.#wake();
      });
    }
    process.on('exit', () => child.kill('SIGKILL'));
  }

  /** All that it has printed. */
  get lines() {
    return this.#lines;
  }

  /** The next line that is `wanted`, behind the one that was found last; those between are passed over. */
  async line(wanted) {
    const failed = this.#ended.then(({ status, signal }) => {
      throw new Error(`${this.#name} ended with ${status ?? signal} before "${wanted}"`);
    });
    const matches = (line) => (wanted instanceof RegExp ? wanted.test(line) : line === wanted);
    const search = async () => {
      for (;;) {
        while (this.#read < this.#lines.length) {
          const line = this.#lines[this.#read++];
          if (matches(line)) return line;
        }
        await new Promise((done) => { this.#wake = done; });
      }
    };
    try {
      return await within(kLineMax, `"${wanted}" from ${this.#name}`, Promise.race([search(), failed]));
    } catch (error) {
      error.message += `\n${this.#lines.join('\n')}`;
      throw error;
    }
  }

  /** Ends it by the end of its input, or by a signal: `{ status, signal }`. */
  async end(signal) {
    if (signal) this.#child.kill(signal);
    else this.#child.stdin.end();
    return within(kEndMax, `${this.#name} to end`, this.#ended);
  }
}
