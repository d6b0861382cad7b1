// What the admin listener tells whoever watches the server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { chatServer } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { userToken } from './support/tokens.mjs';

let server;
before(async () => {
  server = await startServer({ mode: 'development' });
});
after(() => server.stop());

async function scrape() {
  const response = await fetch(`${server.adminUrl}/metrics`);
  const values = new Map();
  const text = await response.text();
  for (const line of text.split('\n')) {
    const sample = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (sample) values.set(sample[1], Number(sample[2]));
  }
  return { response, text, values };
}

describe('GET /metrics', () => {
  it('counts decisions in the form that Prometheus reads, and names no user', async () => {
    await call(server, 'GET', '/app', { token: userToken(server, 'somebody') });
    await call(server, 'GET', '/app', { token: 'a.b.c' });
    const { response, text, values } = await scrape();
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
    assert.equal(values.get('latchkey_accepted_total{kind="user"}'), 1);
    assert.equal(values.get('latchkey_ready'), 1);
    assert.doesNotMatch(text, /somebody/);
    for (const line of text.trimEnd().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? \d+)$/);
    }
  });

  it('is not on the public listener', async () => {
    assert.equal((await call(server, 'GET', '/metrics')).status, 404);
  });

  it('shows that developer tokens are used, and so do the answer and the log', async () => {
    const chat = chatServer(server);
    await chat.updateAppSettings({ disable_auth_checks: true });
    const answer = await call(server, 'GET', '/app', { token: chat.devToken('john') });
    assert.equal(answer.headers.get('x-latchkey-auth-checks'), 'disabled');
    const { values } = await scrape();
    assert.equal(values.get(`latchkey_developer_tokens_total{api_key="${server.apiKey}"}`), 1);
    const said = server.events.filter(({ event }) => event === 'auth.developer_tokens_used');
    assert.equal(said.length, 1);
    assert.equal(said[0].api_key, server.apiKey);
  });
});
