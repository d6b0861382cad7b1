// The screens of somebody who is signed in: where each one is, and what shows that it has come.
import { afterEach, beforeEach } from 'node:test';

import { Socket } from '../../interop/support/socket.mjs';
import { oldUserToken, userToken } from '../../interop/support/tokens.mjs';

/** Has `john` connected in each test. */
export function keepConnected(serverOf) {
  let socket;
  beforeEach(async () => {
    socket = await Socket.legacy(serverOf(), 'john', userToken(serverOf(), 'john'));
    await socket.next();
    socket.stayAlive();
  });
  afterEach(() => socket.close());
}

/** `KEY` in an address stands for the App's. `shows(visitor, server)` gives what to wait for. They want `john` connected. */
export const kScreens = {
  apps: { at: '/apps', shows: ({ page }) => page.getByRole('heading', { level: 2 }).first() },
  overview: { at: '/apps/KEY', shows: ({ page }) => page.getByRole('img', { name: /Decisions per second/ }) },
  authentication: { at: '/apps/KEY/authentication', shows: ({ page }) => page.getByRole('rowheader', { name: /Secret 1/ }) },
  users: { at: '/apps/KEY/users', shows: ({ page }) => page.getByRole('link', { name: 'john' }) },
  user: { at: '/apps/KEY/users/john', shows: ({ page }) => page.getByRole('heading', { name: 'About this user' }) },
  connections: { at: '/apps/KEY/connections', shows: ({ page }) => page.getByRole('link', { name: 'john' }) },
  'token-tools': { at: '/apps/KEY/tokens', shows: ({ page }) => page.getByLabel('User id') },
  explain: {
    at: '/apps/KEY/tokens?tool=explain',
    shows: async ({ page }, server) => {
      await page.getByLabel('Token', { exact: true }).fill(oldUserToken(server, 'jane'));
      await page.getByRole('button', { name: 'Explain', exact: true }).click();
      return page.getByRole('heading', { name: 'The decision' });
    },
  },
  'app-settings': { at: '/apps/KEY/settings', shows: ({ page }) => page.getByLabel('Name of the app') },
  audit: {
    at: '/audit',
    shows: async ({ page }) => {
      await page.getByRole('button', { name: 'Verify the chain' }).click();
      return page.getByText('The log is whole');
    },
  },
  settings: { at: '/settings', shows: ({ page }) => page.getByLabel('Current password') },
  accounts: { at: '/settings?tab=accounts', shows: ({ page }) => page.getByRole('rowheader', { name: /anna/ }) },
  server: { at: '/settings?tab=server', shows: ({ page }) => page.getByText('Changes applied') },
};
