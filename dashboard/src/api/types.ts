/** What the admin API answers with (docs/reference/admin-api.md). Dates are RFC 3339 texts. */

export type Role = 'viewer' | 'operator' | 'owner';
export type Mode = 'development' | 'production';

export interface Me {
  id: number;
  name: string;
  role: Role;
  sign_in: 'password' | 'oidc';
}

export interface Session {
  state: 'setup' | 'signed_out' | 'signed_in';
  account: Me | null;
  oidc: { name: string } | null;
  version: string;
  expires_at: string | null;
  idle_timeout_s: number;
}

export interface Account {
  id: number;
  name: string;
  role: Role;
  sign_in: 'password' | 'oidc';
  disabled: boolean;
  created_at: string;
  last_signed_in_at: string | null;
}

export interface AppSettings {
  disable_auth_checks: boolean;
  disable_permissions_checks: boolean;
  /** Of roles that were given a list of their own; the others have the defaults. */
  grants: Record<string, readonly string[]>;
  guest_user_creation_disabled: boolean;
  multi_tenant_enabled: boolean;
  revoke_tokens_issued_before?: string | null;
  suspended: boolean;
  suspended_explanation: string;
  user_search_disallowed_roles: readonly string[];
  [setting: string]: unknown;
}

export interface App {
  id: number;
  name: string;
  api_key: string;
  mode: Mode;
  live_secrets: number;
  created_at: string;
  updated_at: string;
  settings: AppSettings;
}

/** The one answer that holds an App's first secret. */
export type NewApp = App & { api_secret: string };

/** What a destructive act ends, or would end in a dry run. */
export interface Ends {
  users: number;
  tokens: number;
  connections: number;
}

export interface Secret {
  id: number;
  created_at: string;
  retires_at: string | null;
  state: 'live' | 'retiring' | 'retired';
  signs_new_tokens: boolean;
  usage: {
    since: string;
    tokens_seen: number;
    connections: number;
    last_used_at: string | null;
  };
}

export type Kind = 'user' | 'server' | 'guest' | 'anonymous';

/** Of an App, now; what counts up counts since the server started. */
export interface Figures {
  connections: number;
  users_online: number;
  accepted: Record<Kind, number>;
  refused: Record<string, number>;
  without_iat: number;
  developer_tokens: number;
}

export interface Overview {
  figures: Figures;
  changes: AuditEntry[];
  server_now: string;
}

export interface User {
  id: string;
  name: string | null;
  image: string | null;
  role: string;
  created_at: string;
  updated_at: string;
  last_active: string | null;
  online: boolean;
  connections: number;
  revoke_tokens_issued_before: string | null;
  deactivated_at: string | null;
  deleted_at: string | null;
  custom: Record<string, unknown>;
}

export interface Revocation {
  before: string;
  set_at: string;
  set_by: string;
}

export interface Connection {
  id: string;
  user_id: string;
  kind: Kind;
  style: 'legacy' | 'v2';
  client: string;
  address: string;
  opened_at: string;
  issued_at: string | null;
  expires_at: string | null;
  secret_id: number | null;
  developer_token: boolean;
}

/** The answer of revoke, unrevoke, deactivate and reactivate; for an App `changed` is true or false. */
export interface Revoked<Changed = string[]> {
  before: string | null;
  dry_run: boolean;
  changed: Changed;
  already?: string[];
  ends: Ends;
}

export interface AuditEntry {
  number: number;
  at: string;
  actor: { kind: 'account' | 'local' | 'server' | 'provider' | 'system'; name: string };
  address: string;
  action: string;
  app: string | null;
  target: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  hash: string;
}

export interface ServerState {
  version: string;
  started_at: string;
  now: string;
  uptime_s: number;
  ready: boolean;
  loops: number;
  apps: number;
  connections: number;
  changes_applied: number;
  store: { kind: string; data: string };
  listen: string;
  admin_listen: string;
  public_url: string;
  token_providers: { name: string; type: string; app: string; minted: number; refused: number }[];
  libraries: Record<string, string>;
}

/** What `/admin/v1/live` sends. */
export type LiveMessage =
  | { type: 'figures'; at: string; apps: Record<string, Figures> }
  | { type: 'changed'; app: string | null };
