-- Who may sign in to the dashboard.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number of a removed account is not given out again
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role INTEGER NOT NULL CHECK (role IN (0, 1, 2)),  -- viewer, operator, owner
    password_hash TEXT,
    oidc_subject TEXT UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_signed_in_at INTEGER,
    disabled INTEGER NOT NULL
) STRICT;

-- Who changed what. Rows are added and never changed; each hash is over the row and the hash before.
CREATE TABLE audit_log (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_kind INTEGER NOT NULL,  -- account, local credential, server, token provider, system
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    app TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE INDEX audit_log_by_app ON audit_log (app);

-- The last entry's number and hash, kept apart from it: a removed end of the log shows.
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    seal BLOB NOT NULL  -- keyed, so that nobody without the master key can write another head
) STRICT;
