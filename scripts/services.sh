#!/usr/bin/env bash
# Runs a command with a private PostgreSQL and a private Redis, and takes both away afterwards.
#
#   scripts/services.sh run -- cargo test --workspace
#
# The command finds them in TEST_DATABASE_URL and TEST_REDIS_URL, and PostgreSQL's own programs
# (psql, initdb, …) of the same version first on its PATH. Both servers listen on 127.0.0.1 only
# and keep their files in one temporary directory. PostgreSQL keeps its default durability, because
# tests and measurements are about exactly that. Missing programs are installed with apt-get, also
# nginx, libfaketime, strace and nftables, which tests start themselves; without one of those, its
# tests are skipped.
set -euo pipefail

readonly DATABASE_USER=vikrahub
readonly MAX_CONNECTIONS=300
readonly PORT_ATTEMPTS=20
readonly READY_SECONDS=60

say() { printf 'services: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

usage() {
  echo "usage: scripts/services.sh run -- COMMAND [ARGUMENT…]" >&2
  exit 64
}

# --- programs -----------------------------------------------------------------------------------

# Debian keeps the server programs off the PATH, one directory per major version; newest first.
postgres_directory() {
  local directory
  for directory in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    if [[ -x $directory/initdb && -x $directory/pg_ctl && -x $directory/postgres ]]; then
      echo "$directory"
      return
    fi
  done
  if command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
    dirname "$(readlink -f "$(command -v initdb)")"
  fi
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "need root or sudo to run: $*"
  fi
}

# While packages are installed, a policy file keeps them from starting a server of their own.
install_packages() {
  command -v apt-get >/dev/null || fail "not found and no apt-get here; install by hand: $*"
  say "installing $*"
  local policy=/usr/sbin/policy-rc.d own_policy=no status=0
  if [[ ! -e $policy ]]; then
    own_policy=yes
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
  fi
  {
    as_root apt-get update -q &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
  } >&2 || status=$?
  if [[ $own_policy == yes ]]; then
    as_root rm -f "$policy"
  fi
  [[ $status -eq 0 ]] || fail "apt-get failed"
}

# Debian keeps it off the PATH of ordinary users.
has_nginx() { command -v nginx >/dev/null || [[ -x /usr/sbin/nginx ]]; }

# Only where they can do something at all.
has_strace() { command -v strace >/dev/null || [[ $(uname) != Linux ]]; }

has_nft() { command -v nft >/dev/null || [[ -x /usr/sbin/nft || $(id -u) -ne 0 ]]; }

has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; }

find_programs() {
  local missing=()
  [[ -n $(postgres_directory) ]] || missing+=(postgresql)
  command -v redis-server >/dev/null && command -v redis-cli >/dev/null || missing+=(redis-server)
  [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"

  missing=()
  has_nginx || missing+=(nginx-light)
  has_faketime || missing+=(libfaketime)
  has_strace || missing+=(strace)
  has_nft || missing+=(nftables)
  if [[ ${#missing[@]} -gt 0 ]]; then
    (install_packages "${missing[@]}") || say "going on without ${missing[*]}: its tests are skipped"
  fi

  local directory
  directory=$(postgres_directory)
  [[ -n $directory ]] || fail "PostgreSQL is installed, but initdb and pg_ctl are not to be found"
  PATH=$directory:$PATH
  export PATH
}

# --- a private place ----------------------------------------------------------------------------

# PostgreSQL refuses to run as root, so root lends both servers an ordinary user.
choose_user() {
  demoted=()
  [[ $(id -u) -eq 0 ]] || return 0
  local user=nobody
  ! id postgres >/dev/null 2>&1 || user=postgres
  chown "$user" "$home"
  if command -v setpriv >/dev/null; then
    demoted=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
  else
    demoted=(runuser -u "$user" --)
  fi
}

# Replaces the calling (sub)shell, so that a background server has the process id bash reports.
# `${demoted[@]+…}`: an empty array counts as unset in the bash of some systems.
exec_as_server_user() {
  cd "$home"
  HOME=$home exec ${demoted[@]+"${demoted[@]}"} "$@"
}

as_server_user() { (exec_as_server_user "$@"); }

# Below the range from which the kernel hands out ports to clients. A port may still be taken when
# the server binds it, so the callers try again with another one.
some_port() { echo $((20000 + RANDOM % 12000)); }

# --- PostgreSQL ---------------------------------------------------------------------------------

start_postgres() {
  as_server_user initdb --pgdata="$home/data" --username="$DATABASE_USER" --auth=trust \
    --encoding=UTF8 --locale=C >"$home/initdb.log" 2>&1 ||
    { cat "$home/initdb.log" >&2; fail "initdb failed"; }

  local attempt port
  for ((attempt = 1; attempt <= PORT_ATTEMPTS; attempt++)); do
    port=$(some_port)
    if as_server_user pg_ctl --pgdata="$home/data" --log="$home/postgres.log" --silent --wait \
      --timeout="$READY_SECONDS" --options="-p $port -k '$home' -c listen_addresses=127.0.0.1 \
        -c max_connections=$MAX_CONNECTIONS" start >/dev/null 2>&1; then
      export TEST_DATABASE_URL=postgres://$DATABASE_USER@127.0.0.1:$port/postgres
      return
    fi
    grep -q 'Address already in use' "$home/postgres.log" || break
    : >"$home/postgres.log"
  done
  cat "$home/postgres.log" >&2
  fail "PostgreSQL did not start"
}

# What it holds is thrown away next, so it need not write a last checkpoint.
stop_postgres() {
  [[ -e $home/data/postmaster.pid ]] || return 0
  as_server_user pg_ctl --pgdata="$home/data" --silent --wait --mode=immediate stop \
    >/dev/null 2>&1 || true
}

# --- Redis --------------------------------------------------------------------------------------

# Readiness is asked over the socket in our own directory: whoever answers there is ours.
redis_ready() { [[ $(redis-cli -s "$home/redis.sock" ping 2>/dev/null) == PONG ]]; }

# `setsid` keeps it out of the terminal's Ctrl-C until the command has ended.
start_redis() {
  local attempt port deadline
  for ((attempt = 1; attempt <= PORT_ATTEMPTS; attempt++)); do
    port=$(some_port)
    exec_as_server_user setsid redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no \
      --dir "$home" --unixsocket "$home/redis.sock" >"$home/redis.log" 2>&1 &
    redis_pid=$!
    deadline=$((SECONDS + READY_SECONDS))
    while kill -0 "$redis_pid" 2>/dev/null; do
      if redis_ready; then
        export TEST_REDIS_URL=redis://127.0.0.1:$port
        return
      fi
      [[ $SECONDS -lt $deadline ]] || break 2
      sleep 0.05
    done
    grep -q 'Address already in use' "$home/redis.log" || break
  done
  cat "$home/redis.log" >&2
  fail "Redis did not start"
}

stop_redis() {
  [[ -n $redis_pid ]] || return 0
  kill "$redis_pid" 2>/dev/null || true
  wait "$redis_pid" 2>/dev/null || true
}

# --- run ----------------------------------------------------------------------------------------

clean_up() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  if [[ -n $command_pid ]]; then
    kill -TERM "$command_pid" 2>/dev/null || true
    wait "$command_pid" 2>/dev/null || true
  fi
  if [[ -n $home ]]; then
    stop_redis
    stop_postgres
    rm -rf "$home"
  fi
  exit "$status"
}

# In the background, so that a signal reaches this script at once and not after the command; the
# subshell gives the command back its Ctrl-C, which bash takes from background commands.
run_command() {
  local status=0
  (
    trap - INT QUIT
    exec "$@"
  ) <&0 &
  command_pid=$!
  wait "$command_pid" || status=$?
  command_pid=''
  exit "$status"
}

main() {
  [[ $# -ge 3 && $1 == run && $2 == -- ]] || usage
  shift 2

  home='' redis_pid='' command_pid=''
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  find_programs
  home=$(mktemp -d "${TMPDIR:-/tmp}/vikrahub.XXXXXX")
  choose_user
  start_postgres
  start_redis
  run_command "$@"
}

main "$@"
