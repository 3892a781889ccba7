#!/usr/bin/env bash
# Asks a running server everything its OpenAPI document says it can be asked, sensible and not, and
# compares the answers with the document: no 5xx, no status, type, header or body that it does not name.
#
#   scripts/schemathesis.sh
#
# Once on SQLite, and on PostgreSQL when TEST_DATABASE_URL is set, which `make test` does. The server
# listens on 127.0.0.1 only. Needs Python 3.10 or newer with venv; schemathesis itself is installed
# from PyPI into target/schemathesis, in the versions of scripts/schemathesis.txt.
set -euo pipefail

readonly REPOSITORY=$(cd "$(dirname "$0")/.." && pwd)
readonly SERVER=$REPOSITORY/target/debug/vikrahub-messaging
readonly VENV=$REPOSITORY/target/schemathesis
readonly VERSIONS=$REPOSITORY/scripts/schemathesis.txt
readonly READY_SECONDS=30
# The runs are bounded by their number of requests; this only ends one that hangs.
readonly HANGS_SECONDS=300

say() { printf 'schemathesis: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# --- programs -----------------------------------------------------------------------------------

install_schemathesis() {
  cmp --silent "$VERSIONS" "$VENV/versions.txt" && return
  command -v python3 >/dev/null || fail "python3 is missing; on Debian: apt-get install python3-venv"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "needs Python 3.10 or newer, found $(python3 --version)"
  say "installing into $VENV"
  rm -rf "$VENV"
  python3 -m venv "$VENV" >&2 || fail "venv is missing; on Debian: apt-get install python3-venv"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check --requirement "$VERSIONS" >&2 ||
    fail "cannot install from PyPI"
  cp "$VERSIONS" "$VENV/versions.txt"
}

# --- one run ------------------------------------------------------------------------------------

# With the settings given here only, and without limits on how much comes from one address or person.
# Replaces the calling subshell, so that a background server has the process id bash reports.
exec_server() {
  cd "$home"
  exec env -i PATH="$PATH" DATABASE_URL="$database" JWT_SECRET="$secret" \
    VIKRAHUB__SERVER__PORT=0 VIKRAHUB__LIMITS__SENDS_PER_SECOND=0 \
    VIKRAHUB__LIMITS__LOGINS_PER_MINUTE=0 VIKRAHUB__LIMITS__REGISTRATIONS_PER_MINUTE=0 \
    "$SERVER" "$@"
}

start_server() {
  exec_server serve >"$home/server.log" 2>&1 &
  server_pid=$!
  local deadline=$((SECONDS + READY_SECONDS))
  while kill -0 "$server_pid" 2>/dev/null && [[ $SECONDS -lt $deadline ]]; do
    address=$(sed -n 's/.*listening address=\([0-9.:]*\).*/\1/p' "$home/server.log")
    [[ -z $address ]] || return 0
    sleep 0.1
  done
  cat "$home/server.log" >&2
  fail "the server did not start"
}

stop_server() {
  [[ -n $server_pid ]] || return 0
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=''
}

# Uses `database`.
check() {
  say "on ${database%%:*}"
  local id token
  id=$(exec_server user create caller --staff)
  token=$(exec_server token --user-id "$id")
  start_server
  "$VENV/bin/python" "$REPOSITORY/scripts/schemathesis_world.py" "http://$address" "$token" "$home"
  (
    cd "$home"
    timeout "$HANGS_SECONDS" "$VENV/bin/schemathesis" \
      --config-file "$home/schemathesis.toml" run "http://$address/api/openapi.json"
  ) || failed=yes
  if grep -q panicked "$home/server.log"; then
    grep -m 3 -A 1 panicked "$home/server.log" >&2
    failed=yes
  fi
  stop_server
}

check_sqlite() {
  database=sqlite://$home/chat.db
  check
}

check_postgres() {
  postgres_database=schemathesis_$$
  psql --quiet "$TEST_DATABASE_URL" --command "CREATE DATABASE $postgres_database"
  database=${TEST_DATABASE_URL%/*}/$postgres_database
  check
}

clean_up() {
  local status=$?
  trap - EXIT
  stop_server
  if [[ -n $postgres_database ]]; then
    psql --quiet "$TEST_DATABASE_URL" --command "DROP DATABASE $postgres_database WITH (FORCE)" || true
  fi
  if [[ -n $home ]]; then
    rm -rf "$home"
  fi
  exit "$status"
}

main() {
  [[ $# -eq 0 ]] || { echo "usage: scripts/schemathesis.sh" >&2; exit 64; }

  home='' server_pid='' address='' database='' postgres_database='' failed=''
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  install_schemathesis
  "${CARGO:-cargo}" build --quiet --locked --manifest-path "$REPOSITORY/Cargo.toml" -p vikrahub-messaging
  home=$(mktemp -d "${TMPDIR:-/tmp}/vikrahub-schemathesis.XXXXXX")
  secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  check_sqlite
  if [[ -n ${TEST_DATABASE_URL:-} ]]; then
    check_postgres
  else
    say "without TEST_DATABASE_URL: PostgreSQL is left out"
  fi
  [[ -z $failed ]] || fail "server and document differ; see above"
}

main "$@"
