#!/usr/bin/env bash
# postgres.sh COMMAND…: runs COMMAND beside a PostgreSQL of its own (a temporary folder, a free port of 127.0.0.1), whose address stands in
# YIQI_TEST_POSTGRES, and always stops it afterwards. Whatever server the machine runs for others is left alone.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/need.sh" initdb postgresql

bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1 || true)
[ -n "$bin" ] || bin=$(pg_config --bindir)

# PostgreSQL refuses to run as root.
as_user=()
if [ "$(id -u)" -eq 0 ]; then
    user=nobody
    id postgres >/dev/null 2>&1 && user=postgres
    as_user=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups env "HOME=/tmp")
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/yiqi-postgres.XXXXXX")
command_pid=
stop() {
    trap '' INT TERM
    if [ -n "$command_pid" ]; then kill -TERM "$command_pid" 2>/dev/null || true; fi
    if [ -f "$folder/data/postmaster.pid" ]; then
        (cd / && "${as_user[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1) || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[ ${#as_user[@]} -eq 0 ] || chown "$user" "$folder"

cd_and_run() { (cd / && "${as_user[@]}" "$@"); }

cd_and_run "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
}
# Nothing here outlives the run, so durability is switched off: a new database then takes 20 ms.
cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 200
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
logging_collector = off
CONF

started=
for _ in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
    if cd_and_run "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -o "-p $port" -w -t 60 start >/dev/null 2>&1; then
        started=yes
        break
    fi
done
if [ -z "$started" ]; then
    echo "PostgreSQL did not start:" >&2
    tail -n 20 "$folder/data/server.log" >&2 || true
    exit 1
fi

export YIQI_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
# In the background, so that a signal is heard at once.
"$@" <&0 &
command_pid=$!
code=0
wait "$command_pid" || code=$?
command_pid=
exit "$code"
