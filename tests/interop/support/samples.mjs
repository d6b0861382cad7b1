// The code samples of the documentation's two "Tokens & Authentication" pages: one test each, named for
// its page, headings and language, and a check that none is missing.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const kRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const kPages = resolve(process.env.LATCHKEY_PAGES ?? join(kRoot, '../shared/pages'));
const kJoin = ' · ';

/**
 * The page whose file begins with `number`. They are not part of this repository: without it the suite
 * says in one line that it is not compared.
 */
export function findPage(number, name) {
  const file = existsSync(kPages) && readdirSync(kPages).find((entry) => entry.startsWith(number));
  if (file) return file;
  console.log(`note: the samples of the ${name} page are not compared with it: no page at LATCHKEY_PAGES`);
  return undefined;
}

/** Collects the tests of one page by name, so that they can be held against the page itself. */
export class SamplePage {
  #name;
  #tests = new Map();

  constructor(name) {
    this.#name = name;
  }

  /** One sample for each language of `tests`; `headings` is what they stand under, joined as in names. */
  add(headings, tests) {
    for (const [language, test] of Object.entries(tests)) {
      this.#tests.set([this.#name, headings, language].join(kJoin), test);
    }
  }

  /** Hands each test to `it` of the file that added it. */
  declare(it) {
    for (const [name, test] of this.#tests) it(name, test);
  }

  /**
   * That there is a test for each sample of the page and none besides. `find` yields
   * `[headings, language]` for each sample in the page's text.
   */
  assertMatches(file, find) {
    const found = find(readFileSync(join(kPages, file), 'utf8'));
    const names = found.map(([headings, language]) => [this.#name, headings, language].join(kJoin));
    assert.deepEqual([...this.#tests.keys()].sort(), names.sort());
  }
}

/** "Undoing the revoke" stands on both pages once for users and once for apps, below what it undoes. */
export class Headings {
  #path = [];

  enter(level, title) {
    const within = title === 'Undoing the revoke' ? level : level - 1;
    this.#path = [...this.#path.slice(0, within), title];
  }

  toString() {
    return this.#path.join(kJoin);
  }
}
