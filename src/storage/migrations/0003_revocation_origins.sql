-- Who set the revocations in force, and when. For people, never for a decision.
CREATE TABLE revocation_origins (
    app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,  -- empty: the revocation of the App
    set_at INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (app_id, user_id)
) STRICT, WITHOUT ROWID;
