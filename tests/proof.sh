#!/usr/bin/env bash
# proof.sh: the whole forms of the proofs, on SQLite and on PostgreSQL, and nothing else. What they prove is written between the marks of
# docs/PROOF.md, without times, machine names and paths. Arguments filter by name.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
page=docs/PROOF.md
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export YIQI_PROVE=whole RUST_BACKTRACE=0 NO_COLOR=1

# One at a time: each brings its own load.
if cargo nextest --version >/dev/null 2>&1; then
    run=(cargo nextest run --profile prove --test suite --no-capture -E "test(/^proof::.*${1:-}/)")
else
    run=(cargo test --test suite -- --nocapture --test-threads 1 "proof::${1:-}")
fi

failed=0
prove() {
    echo
    echo "== $1"
    shift
    "$@" 2>&1 | tee -a "$log"
    [ "${PIPESTATUS[0]}" -eq 0 ] || failed=1
}

echo "SQLITE" >>"$log"
prove "Proofs on SQLite" env YIQI_TEST_DATABASE=sqlite "${run[@]}"
echo "POSTGRESQL" >>"$log"
prove "Proofs on PostgreSQL" tests/postgres.sh env YIQI_TEST_DATABASE=postgres "${run[@]}"

# The report: what was proved, by engine, and how many tests said so.
report=$(grep -aE '^(SQLITE|POSTGRESQL)$|^PROVED |^test result: FAILED|^test .* \.\.\. (FAILED|failed)$' "$log" |
    sed -E 's/^SQLITE$/On SQLite/; s/^POSTGRESQL$/\nOn PostgreSQL/; s/^PROVED /  /' | fold -s -w 150 | sed -E 's/ +$//; s/^([^ O].*)$/      \1/')
passed=$(grep -aE '^test result: ok' "$log" | grep -oE '[0-9]+ passed' | awk '{n += $1} END {print n + 0}')
bad=$(grep -aE '^test result:' "$log" | grep -oE '[0-9]+ failed' | awk '{n += $1} END {print n + 0}')
report="$report

Proofs: $passed passed, $bad failed"
echo
echo "$report"

if [ $# -eq 0 ]; then
    { sed '/^<!-- output -->$/q' "$page"; echo '```'; echo "$report"; echo '```'; } >"$page.new" && mv "$page.new" "$page"
fi
exit "$failed"
