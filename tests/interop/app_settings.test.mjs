// The settings of an App, written and read through the SDKs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { call } from './support/http.mjs';
import { chatServer, nodeServer } from './support/sdk.mjs';
import { startServer } from './support/server.mjs';
import { userToken } from './support/tokens.mjs';

let server;
let chat;
let node;
before(async () => {
  server = await startServer();
  chat = chatServer(server);
  node = nodeServer(server);
});
after(() => server.stop());

describe('an app', () => {
  it('has the fields that typed SDKs require, none of them null', async () => {
    const { app } = await chat.getAppSettings();
    const required = {
      id: 'number', name: 'string', organization: 'string', placement: 'string',
      disable_auth_checks: 'boolean', disable_permissions_checks: 'boolean',
      guest_user_creation_disabled: 'boolean', multi_tenant_enabled: 'boolean',
      enforce_unique_usernames: 'string', permission_version: 'string',
      suspended: 'boolean', suspended_explanation: 'string',
      async_url_enrich_enabled: 'boolean', auto_translation_enabled: 'boolean',
      cdn_expiration_seconds: 'number', webhook_url: 'string', sqs_key: 'string', sns_key: 'string',
      call_types: 'object', channel_configs: 'object', grants: 'object', policies: 'object',
      file_upload_config: 'object', image_upload_config: 'object', push_notifications: 'object',
    };
    for (const [field, type] of Object.entries(required)) {
      assert.equal(typeof app[field], type, field);
      assert.notEqual(app[field], null, field);
    }
    for (const list of ['user_search_disallowed_roles', 'event_hooks', 'webhook_events']) {
      assert(Array.isArray(app[list]), list);
    }
    for (const list of ['allowed_file_extensions', 'blocked_file_extensions', 'allowed_mime_types', 'blocked_mime_types']) {
      assert(Array.isArray(app.file_upload_config[list]), list);
    }
    assert.equal(app.revoke_tokens_issued_before, undefined);
  });

  it('looks the same through node-sdk', async () => {
    const { app } = await node.getApp();
    const { app: legacy } = await chat.getAppSettings();
    assert.equal(app.id, legacy.id);
    assert.equal(app.name, legacy.name);
    assert.deepEqual(app.file_upload_config, legacy.file_upload_config);
  });

  it('shows a client only what clients need', async () => {
    const answer = await call(server, 'GET', '/api/v2/app', { token: userToken(server, 'john') });
    assert.equal(answer.status, 200);
    for (const field of ['id', 'name', 'placement', 'file_upload_config', 'image_upload_config']) {
      assert.notEqual(answer.body.app[field], undefined, field);
    }
    for (const field of ['disable_auth_checks', 'sqs_secret', 'push_notifications', 'grants']) {
      assert.equal(answer.body.app[field], undefined, field);
    }
  });
});

describe('updating an app', () => {
  it('through stream-chat is echoed in both styles', async () => {
    await chat.updateAppSettings({
      guest_user_creation_disabled: true,
      enforce_unique_usernames: 'team',
      user_search_disallowed_roles: ['guest'],
      reminders_interval: 120,
      webhook_url: 'https://example.com/hook',
    });
    for (const { app } of [await chat.getAppSettings(), await node.getApp()]) {
      assert.equal(app.guest_user_creation_disabled, true);
      assert.equal(app.enforce_unique_usernames, 'team');
      assert.deepEqual(app.user_search_disallowed_roles, ['guest']);
      assert.equal(app.reminders_interval, 120);
      assert.equal(app.webhook_url, 'https://example.com/hook');
    }
  });

  it('through node-sdk is echoed in both styles, and leaves the rest', async () => {
    await node.updateApp({ guest_user_creation_disabled: false, enforce_unique_usernames: 'no', cdn_expiration_seconds: 14400 });
    for (const { app } of [await chat.getAppSettings(), await node.getApp()]) {
      assert.equal(app.guest_user_creation_disabled, false);
      assert.equal(app.cdn_expiration_seconds, 14400);
      assert.equal(app.reminders_interval, 120);
    }
  });

  it('leaves lists and maps alone where getstream-go sends null for them', async () => {
    const body = {
      cdn_expiration_seconds: 14401, allowed_flag_reasons: null, event_hooks: null, image_moderation_labels: null,
      user_search_disallowed_roles: null, webhook_events: null, activity_metrics_config: null, grants: null,
    };
    const answer = await call(server, 'PATCH', '/api/v2/app', { body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { app } = await chat.getAppSettings();
    assert.deepEqual(app.user_search_disallowed_roles, ['guest']);
    assert.equal(app.cdn_expiration_seconds, 14401);
  });

  const kWrong = [
    ['a wrong type', { disable_auth_checks: 'yes' }, 'disable_auth_checks'],
    ['a number under its minimum', { cdn_expiration_seconds: 14399 }, 'cdn_expiration_seconds'],
    ['a number over its maximum', { cdn_expiration_seconds: 1209601 }, 'cdn_expiration_seconds'],
    ['a word that is not a choice', { enforce_unique_usernames: 'maybe' }, 'enforce_unique_usernames'],
    ['an unreadable date', { revoke_tokens_issued_before: 'yesterday' }, 'revoke_tokens_issued_before'],
  ];
  for (const [what, body, field] of kWrong) {
    it(`refuses ${what}, names the field, and changes nothing`, async () => {
      const before = await chat.getAppSettings();
      const answer = await call(server, 'PATCH', '/app', { body: { webhook_url: 'https://other.example', ...body } });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.code, 4);
      assert.equal(typeof answer.body.exception_fields[field], 'string');
      const after = await chat.getAppSettings();
      assert.deepEqual(after.app, before.app);
    });
  }

  it('is refused to a client', async () => {
    const answer = await call(server, 'PATCH', '/app', {
      token: userToken(server, 'john'),
      body: { disable_permissions_checks: true },
    });
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 17);
  });

  it('does not switch auth checks off in production mode', async () => {
    await assert.rejects(chat.updateAppSettings({ disable_auth_checks: true }), (error) => {
      assert.equal(error.code, 4);
      assert.match(error.message, /development/);
      return true;
    });
    assert.equal((await chat.getAppSettings()).app.disable_auth_checks, false);
  });
});
