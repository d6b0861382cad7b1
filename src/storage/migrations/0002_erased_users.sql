-- What outlives users who were deleted for good: before when tokens for their ids stay void.
CREATE TABLE erased_users (
    app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    revoke_tokens_issued_before INTEGER NOT NULL,
    PRIMARY KEY (app_id, id)
) STRICT, WITHOUT ROWID;
