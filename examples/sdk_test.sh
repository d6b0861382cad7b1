#!/usr/bin/env bash
# sdk_test.sh TOKEN_PROVIDER CONSOLE_CLIENT REVOKE_USER VERIFY_TOKEN: what the examples of the SDKs do where
# there is no server. With one, tests/interop/cpp_examples.test.mjs runs them.
set -euo pipefail
provider=$1 client=$2 revoke=$3 verify=$4
# Nothing of this connects to it.
export STREAM_BASE_URL=http://127.0.0.1:1 STREAM_API_KEY=key-1 STREAM_API_SECRET=a-secret-of-the-tests-32-bytes-long

complain() {
    printf '%s\n' "$@" >&2
    exit 1
}

# expect STATUS TEXT COMMAND...: the end and the beginning of what it prints.
expect() {
    local wanted_status=$1 wanted=$2 status=0 said
    shift 2
    said=$("$@" 2>&1 </dev/null) || status=$?
    [[ $status = "$wanted_status" && $said == "$wanted"* ]] ||
        complain "expected $wanted_status and \"$wanted\"" "but got $status and \"$said\"" "from ${*##*/}"
}

# The provider says where it listens in its first line.
coproc PROVIDER { exec "$provider" 0 60; }
trap 'kill "$PROVIDER_PID" 2>/dev/null || true' EXIT
read -r -t 20 endpoint <&"${PROVIDER[0]}" || complain "token_provider did not say where it listens"
[[ $endpoint =~ ^http://127\.0\.0\.1:([0-9]+)/token$ ]] || complain "token_provider said $endpoint"
port=${BASH_REMATCH[1]}

# ask HEAD: the status and the body of the answer.
ask() {
    local peer answer
    exec {peer}<>"/dev/tcp/127.0.0.1/$port"
    printf '%s\r\n\r\n' "$1" >&"$peer"
    answer=$(cat <&"$peer")
    exec {peer}>&-
    [[ $answer =~ ^HTTP/1\.1\ ([0-9]+) ]] || complain "no answer but $answer"
    printf '%s %s' "${BASH_REMATCH[1]}" "${answer##*$'\r\n\r\n'}"
}

# answers TEXT HEAD: the beginning of what is answered.
answers() {
    local said
    said=$(ask "$2")
    [[ $said == "$1"* ]] || complain "expected $1" "but got $said" "for ${2:0:200}"
}

john=$'Authorization: Bearer session-of-john'
answers '200 {"token":"eyJ' "POST /token HTTP/1.1"$'\r\n'"$john"
answers '200 {"token":"eyJ' "POST /token HTTP/1.1"$'\r\n'"${john,,}"$'\r\nContent-Length: 0'
answers '401 {"error":"log in first"}' "POST /token HTTP/1.1"
answers '401 {"error":"log in first"}' "POST /token HTTP/1.1"$'\r\n'"${john}s"
answers '401 {"error":"log in first"}' "POST /token HTTP/1.1"$'\r\nAuthorization: Bearer '
answers '405 ' "GET /token HTTP/1.1"$'\r\n'"$john"
answers '404 ' "POST /tokens HTTP/1.1"$'\r\n'"$john"
answers '400 ' "hello"

# A request of 8192 bytes, the four at its end included, and one of a byte more.
head="POST /token HTTP/1.1"$'\r\n'"$john"$'\r\nX: '
padding=$(printf '%*s' $((8192 - 4 - ${#head})) '')
answers '200 ' "$head$padding"
answers '400 ' "$head$padding "

answer=$(ask "POST /token HTTP/1.1"$'\r\n'"$john")
token=${answer#*'{"token":"'}
expect 0 "user john, until 2" "$verify" "${token%'"}'}"

expect 2 "usage: token_provider" "$provider" 65536
expect 2 "usage: token_provider" "$provider" 0 0
expect 2 "usage: token_provider" "$provider" 0 86401
expect 2 "token_provider: cannot listen" "$provider" "$port"
expect 2 "token_provider: " env -u STREAM_API_SECRET "$provider"

expect 2 "usage: SESSION=" "$client" "$STREAM_BASE_URL" key-1 john "$endpoint"
export SESSION=session-of-john
expect 2 "usage: SESSION=" "$client" "$STREAM_BASE_URL" key-1 john
expect 2 "console_client: " "$client" nonsense key-1 john "$endpoint"
expect 2 "usage: revoke_user" "$revoke"
expect 2 "revoke_user: " env -u STREAM_BASE_URL "$revoke" john
