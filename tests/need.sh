#!/usr/bin/env bash
# need.sh COMMAND PACKAGE...: makes sure that COMMAND is there. As root it installs the Debian packages; otherwise it says what is missing.
set -euo pipefail

command=$1
shift
command -v "$command" >/dev/null 2>&1 && exit 0
compgen -G "/usr/lib/postgresql/*/bin/$command" >/dev/null && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "$command is missing. As root: apt-get install $*" >&2
    exit 1
fi

echo "Installing $* …" >&2
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    exit 1
fi
