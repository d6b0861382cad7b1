-- Instants are microseconds since 1970-01-01T00:00:00Z, JSON is text; NULL stands for unset and for
-- an empty list, object or language.

CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cluster_id TEXT NOT NULL,
    sealed_check BLOB NOT NULL  -- opens under the right master key only
) STRICT;

CREATE TABLE apps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number of a removed App is not given out again
    api_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    mode INTEGER NOT NULL CHECK (mode IN (0, 1)),  -- development, production
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revoke_tokens_issued_before INTEGER,
    disable_auth_checks INTEGER NOT NULL,
    disable_permissions_checks INTEGER NOT NULL,
    guest_user_creation_disabled INTEGER NOT NULL,
    multi_tenant_enabled INTEGER NOT NULL,
    suspended INTEGER NOT NULL,
    suspended_explanation TEXT NOT NULL,
    enforce_unique_usernames INTEGER NOT NULL CHECK (enforce_unique_usernames IN (0, 1, 2)),  -- no, app, team
    user_search_disallowed_roles TEXT,
    other_settings TEXT
) STRICT;

CREATE TABLE app_secrets (
    app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retires_at INTEGER,
    PRIMARY KEY (app_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT,
    image TEXT,
    language TEXT,
    teams TEXT,
    teams_role TEXT,
    invisible INTEGER NOT NULL,
    privacy_settings TEXT,
    custom TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_active INTEGER,
    revoke_tokens_issued_before INTEGER,
    deactivated_at INTEGER,
    deleted_at INTEGER,
    PRIMARY KEY (app_id, id)
) STRICT, WITHOUT ROWID;

-- The users that node state keeps, with all that it keeps of them: loading it reads nothing else.
CREATE INDEX users_with_standing ON users
    (app_id, id, role, revoke_tokens_issued_before, deactivated_at, deleted_at)
    WHERE revoke_tokens_issued_before IS NOT NULL OR deactivated_at IS NOT NULL
        OR deleted_at IS NOT NULL OR role <> 'user';

CREATE INDEX users_by_name ON users (app_id, name) WHERE name IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),  -- App changed, App removed, user's standing changed
    app_id INTEGER NOT NULL,
    -- Of a user's standing:
    user_id TEXT,
    role TEXT,
    revoke_tokens_issued_before INTEGER,
    deactivated INTEGER,
    deleted INTEGER
) STRICT;
