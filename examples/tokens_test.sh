#!/usr/bin/env bash
# tokens_test.sh MINT_TOKEN VERIFY_TOKEN: what the one example mints, the other accepts.
set -euo pipefail
mint=$1 verify=$2
export STREAM_API_SECRET=a-secret-of-the-tests-32-bytes-long STREAM_API_KEY=key-1

# expect STATUS TEXT COMMAND...: the end and the beginning of what it prints.
expect() {
    local wanted_status=$1 wanted=$2 status=0 said
    shift 2
    said=$("$@" 2>&1) || status=$?
    if [ "$status" != "$wanted_status" ] || [[ $said != "$wanted"* ]]; then
        printf 'expected %s and "%s"\nbut got %s and "%s"\nfrom %s\n' \
            "$wanted_status" "$wanted" "$status" "$said" "${*##*/}" >&2
        exit 1
    fi
}

john=$("$mint" john)
expect 0 "user john, until 2" "$verify" "$john"
expect 0 "user a@b_c-1, until 2" "$verify" "$("$mint" a@b_c-1 60)"
expect 0 "the backend, without end" "$verify" "$("$mint" --server)"
expect 1 "43 signature_mismatch: JWTAuth error: signature is not valid. Make sure the token is created using the secret for API key \"key-1\"" \
    env STREAM_API_SECRET=another "$verify" "$john"
expect 1 "5 wrong_segment_count: " "$verify" "${john%.*}"
expect 2 "usage: " "$verify"
expect 2 "mint_token: STREAM_API_SECRET is not set" env -u STREAM_API_SECRET "$mint" john
expect 2 "mint_token: a user id has" "$mint" "john doe"
expect 2 "mint_token: a token lives" "$mint" john 0
expect 2 "mint_token: a token lives" "$mint" john 1h
expect 0 "" "$mint" john 1
