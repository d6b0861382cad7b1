// A server in the state that the attack cases ask for: the Apps A, B and D, with john and jane in each.
import assert from 'node:assert/strict';

import { call } from '../interop/support/http.mjs';
import { runProgram, startServer } from '../interop/support/server.mjs';

export class AttackServer {
  static async start(cases) {
    const { A, ...others } = cases.apps;
    const server = await startServer({ mode: A.mode, apiKey: A.api_key, apiSecret: A.secret });
    for (const [name, app] of Object.entries(others)) {
      const created = runProgram(['app', 'create', name, '--mode', app.mode, '--api-key', app.api_key,
        '--api-secret', app.secret, '--data', server.data]);
      assert.equal(created.status, 0, created.stderr);
    }
    const attacked = new AttackServer(server, cases);
    await attacked.reset();
    return attacked;
  }

  constructor(server, cases) {
    this.server = server;
    this.apps = cases.apps;
    this.users = [cases.user, cases.other_user];
  }

  stop() {
    return this.server.stop();
  }

  /** A call by the backend of one App. */
  async asServer(app, method, path, options) {
    const { api_key: apiKey, secret: apiSecret } = this.apps[app];
    const answer = await call({ url: this.server.url, apiKey, apiSecret }, method, path, options);
    assert(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Back to the state in which each case begins: the users exist, and nothing is revoked. */
  async reset() {
    const ids = [...this.users, ...Array.from({ length: 97 }, (_, index) => `bulk-${index}`)];
    const more = ['bulk-97', 'bulk-98', 'bulk-99', 'bulk-100'];
    for (const app of Object.keys(this.apps)) {
      for (const batch of [ids, more]) {
        await this.asServer(app, 'POST', '/api/v2/users', {
          body: { users: Object.fromEntries(batch.map((id) => [id, { id }])) },
        });
      }
      await this.asServer(app, 'PATCH', '/api/v2/app', { body: { revoke_tokens_issued_before: null } });
      const users = [...ids, ...more].map((id) => ({ id, set: { revoke_tokens_issued_before: null } }));
      await this.asServer(app, 'PATCH', '/api/v2/users', { body: { users: users.slice(0, 100) } });
      await this.asServer(app, 'PATCH', '/api/v2/users', { body: { users: users.slice(100) } });
    }
  }

  async revokeUser(id) {
    const users = [{ id, set: { revoke_tokens_issued_before: new Date().toISOString() } }];
    await this.asServer('A', 'PATCH', '/api/v2/users', { body: { users } });
  }

  async revokeApp() {
    await this.asServer('A', 'PATCH', '/api/v2/app', { body: { revoke_tokens_issued_before: new Date().toISOString() } });
  }

  /** All that can be seen of one App. */
  async snapshot(app) {
    const { app: settings } = await this.asServer(app, 'GET', '/api/v2/app');
    const page = async (offset) => {
      const payload = { filter_conditions: {}, sort: [{ field: 'id', direction: 1 }], limit: 100, offset };
      return (await this.asServer(app, 'GET', '/api/v2/users', { query: { payload } })).users;
    };
    return { settings, users: [...(await page(0)), ...(await page(100))] };
  }

  async assertServes() {
    const response = await fetch(`${this.server.url}/health/live`);
    assert.equal(response.status, 200, 'others stay served');
  }
}
