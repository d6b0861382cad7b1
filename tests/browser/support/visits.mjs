// Who visits the dashboard in a file of tests: it comes before the first of them, and goes after the last.
import { after, afterEach, before, beforeEach } from 'node:test';

import { makeAccount } from '../../interop/support/admin.mjs';
import { startServer } from '../../interop/support/server.mjs';
import { openBrowser, openPage } from './browser.mjs';

/** A server started with `options`, and a browser, for all tests. `prepare(stage)` fills in what else `stage` has. */
function setStage(options, prepare) {
  const stage = {};
  before(async () => {
    stage.server = await startServer(options);
    stage.browser = await openBrowser();
    await prepare(stage);
  });
  after(async () => {
    await stage.visitor?.close();
    await stage.browser?.close();
    await stage.server?.stop();
  });
  return stage;
}

/**
 * Somebody who is signed in over all tests, and well-behaved in each. Calls `assign({ server, browser, visitor, page })`
 * before the first; `prepare(server)` comes before the sign-in.
 */
export function visitSignedIn(assign, { prepare = () => {}, ...options } = {}) {
  const stage = setStage(options, async ({ server, browser }) => {
    await makeAccount(server);
    await prepare(server);
    stage.visitor = await openPage(browser, server);
    await stage.visitor.signIn();
    assign({ ...stage, page: stage.visitor.page });
  });
  afterEach(() => stage.visitor.assertWellBehaved());
}

/** A stranger in front of the token generator, another one in each test. Calls `assign` as above, before each. */
export function visitGenerator(assign, options) {
  const stage = setStage(options, () => {});
  beforeEach(async () => {
    stage.visitor = await openPage(stage.browser, stage.server);
    await stage.visitor.goTo('/token-generator');
    assign({ ...stage, page: stage.visitor.page });
  });
  afterEach(async () => {
    stage.visitor.assertWellBehaved();
    await stage.visitor.close();
    stage.visitor = undefined;
  });
}
