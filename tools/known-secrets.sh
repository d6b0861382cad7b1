#!/usr/bin/env bash
# known-secrets.sh LIST > src/domain/known_secret_digests.inc
#
# Digests of secrets that are public knowledge, for src/domain/known_secrets.cpp: of each line of LIST
# with 32 bytes or more (line ends CRLF or LF), the first eight bytes of its SHA-256, sorted.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: known-secrets.sh LIST" >&2; exit 2; }
LC_ALL=C awk '{ sub(/\r$/, "") } length($0) >= 32' "$1" | LC_ALL=C sort -u |
  while IFS= read -r secret; do printf '%s' "$secret" | sha256sum | cut -c1-16; done |
  LC_ALL=C sort -u | sed 's/.*/0x&,/' | paste -d ' ' - - - - | sed 's/ *$//'
