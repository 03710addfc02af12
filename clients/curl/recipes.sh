#!/bin/sh
# The local API with curl. SEXTANT_URL and SEXTANT_TOKEN say where and who; every recipe stands by itself.
set -eu
URL=${SEXTANT_URL:-http://127.0.0.1:4517}
# The token comes from a file descriptor and not as a word of the command, which every user of the machine could read.
sextant() { printf 'header = "X-API-Token: %s"\n' "$SEXTANT_TOKEN" | curl --silent --show-error --config - "$@"; }

# Is it alive?
sextant "$URL/api/v1/system/health"; echo

# A sample market. The same key again works nothing twice and gives the same answer.
KEY=recipe-$$
sextant -X POST "$URL/api/v1/datasets/generate" -H 'Content-Type: application/json' -H "Idempotency-Key: $KEY" -d '{"name":"sample"}' > "${TMPDIR:-/tmp}/$KEY.first"
sextant -X POST "$URL/api/v1/datasets/generate" -H 'Content-Type: application/json' -H "Idempotency-Key: $KEY" -d '{"name":"sample"}' | cmp - "${TMPDIR:-/tmp}/$KEY.first" && echo 'answered alike'
JOB=$(sed 's/.*"job":"\([^"]*\)".*/\1/' "${TMPDIR:-/tmp}/$KEY.first"); rm "${TMPDIR:-/tmp}/$KEY.first"

# Follow a job to its end; after a lost line go on with -H "Last-Event-ID: <last id>".
sextant --no-buffer "$URL/api/v1/jobs/$JOB/events" | grep -c '^event: done'

# A page of a list, and the same again only where it has changed.
sextant -D "${TMPDIR:-/tmp}/$KEY.head" -o /dev/null "$URL/api/v1/datasets?limit=10&offset=0"
ETAG=$(sed -n 's/^[Ee][Tt][Aa][Gg]: \(.*\)\r$/\1/p' "${TMPDIR:-/tmp}/$KEY.head"); rm "${TMPDIR:-/tmp}/$KEY.head"
sextant -o /dev/null -w '%{http_code}\n' -H "If-None-Match: $ETAG" "$URL/api/v1/datasets?limit=10&offset=0"

# A table as CSV.
sextant "$URL/api/v1/datasets/sample/assets?format=csv" | head -1

# What was wrong, as RFC 9457 says it.
sextant "$URL/api/v1/runs/no-such-run" | sed 's/.*"code":"\([^"]*\)".*/\1/'
