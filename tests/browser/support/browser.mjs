// Debian's Chromium, driven as a person would, with an eye on what no page of the dashboard may do.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { kPassword } from '../../interop/support/admin.mjs';

const kRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const kScreenshots = join(kRoot, 'build/browser');
const kWaitMax = 60_000; // ms; a browser on a busy machine is slow, and so are sanitizers
const kAxe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Nothing of the browser's own is to be on the wire, and no sandbox is to be had in a container. */
const kFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser with a profile of its own, which goes with it. `LATCHKEY_CHROMIUM` names another program. */
export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.LATCHKEY_CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: kFlags,
  });
}

/** The widths and colours that every screen is looked at in. */
export const kLooks = [
  { name: 'light', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 360, height: 760 }, colorScheme: 'light' },
];

/**
 * One visitor: a page whose cookies are its own. `options` as of Playwright's `newContext`. `requests` has all that
 * the page sent, from its first on.
 */
export async function openPage(browser, server, options = {}) {
  const context = await browser.newContext({ viewport: kLooks[0].viewport, ...options });
  context.setDefaultTimeout(kWaitMax);
  return new Visitor(await context.newPage(), server);
}

class Visitor {
  requests = [];
  #wrongs = [];
  #expected = [];

  constructor(page, server) {
    this.page = page;
    this.server = server;
    page.on('request', (request) => {
      this.requests.push(request);
      this.#expectOwn(request.url());
    });
    page.on('websocket', (socket) => this.#expectOwn(socket.url()));
    page.on('dialog', (dialog) => {
      this.#wrongs.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => this.#wrongs.push(`an error: ${error.message}`));
    page.on('console', (message) => {
      // Chromium itself notes each answer that is a refusal; those the screens have to tell.
      const expected = [/^Failed to load resource/, ...this.#expected];
      if (message.type() === 'error' && !expected.some((pattern) => pattern.test(message.text()))) {
        this.#wrongs.push(`on the console: ${message.text()}`);
      }
    });
  }

  /** Goes to a screen by its address behind `#`. */
  async goTo(path) {
    await this.page.goto(`${this.server.adminUrl}/#${path}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** Signs in as a person does; ends on the list of Apps. */
  async signIn(name = 'anna') {
    const { page } = this;
    await this.goTo('/sign-in');
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Password', { exact: true }).fill(kPassword);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Apps' }).waitFor();
  }

  /** Lets the test go on that makes this happen on purpose. */
  expectOnConsole(pattern) {
    this.#expected.push(pattern);
  }

  /** No dialog came up, no script broke, and nothing was asked of another host. */
  assertWellBehaved() {
    assert.deepEqual(this.#wrongs, []);
  }

  /** What the whole page looks like, or a window on it as people see it, kept in build/browser/ to be looked at. */
  async keepScreenshot(name) {
    mkdirSync(kScreenshots, { recursive: true });
    await this.#waitUntilStill();
    const fullPage = (await this.page.getByRole('dialog').count()) === 0;
    // What sticks to the window is at its place only where the page is not scrolled.
    if (fullPage) await this.page.evaluate(() => scrollTo(0, 0));
    await this.page.screenshot({ path: join(kScreenshots, `${name}.png`), fullPage });
  }

  /** The same in each of the looks, from light over dark to a phone, and back; axe has nothing against any of them. */
  async keepLooks(name) {
    for (const { name: look, viewport, colorScheme } of kLooks) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.setViewportSize(viewport);
      await this.assertAccessible();
      await this.assertFits();
      await this.keepScreenshot(`${name}-${look}`);
    }
    await this.page.emulateMedia({ colorScheme: kLooks[0].colorScheme });
    await this.page.setViewportSize(kLooks[0].viewport);
  }

  /** What axe has against the page as it stands; nothing is left out. */
  async assertAccessible() {
    await this.#waitUntilStill();
    await this.page.evaluate(kAxe);
    const violations = await this.page.evaluate(async () => {
      // Filled in by the line above.
      const { violations: found } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
      return found.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}\n${failureSummary}`),
      );
    });
    assert.deepEqual(violations, []);
  }

  /** The page does not have to be scrolled sideways. */
  async assertFits() {
    const beyond = await this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert(beyond <= 0, `the page is ${beyond} px wider than its window`);
  }

  close() {
    return this.page.context().close();
  }

  /** Colours that are still fading in have not the contrast that they will have. What just changed fades from its next frame on. */
  #waitUntilStill() {
    return this.page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise((next) => requestAnimationFrame(next));
      const fading = document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
      await Promise.all(fading.map((animation) => animation.finished.catch(() => {})));
    });
  }

  #expectOwn(url) {
    const own = new URL(this.server.adminUrl).host;
    if (!/^(https?|wss?):/.test(url) || new URL(url).host === own) return;
    this.#wrongs.push(`a request to ${url}`);
  }
}
