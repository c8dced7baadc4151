#!/usr/bin/env bash
# run.sh: every test, from one build. Unit tests and the suite on SQLite, the suite again on PostgreSQL, then the journeys in a browser.
# Goes on after a failure and ends with one line that counts all of them. Arguments go to the test runner (a name to filter by).
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export INSTA_UPDATE=no INSTA_FORCE_PASS=0
# Each test holds a few connections of its own, and a server has 200.
threads=$(nproc 2>/dev/null || echo 2)
[ "$threads" -le 8 ] || threads=8
export RUST_TEST_THREADS=$threads NEXTEST_TEST_THREADS=$threads

passed=0 failed=0 skipped=0 broken=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

has() { [ -e "tests/$1.rs" ] || [ -e "tests/$1/main.rs" ]; }

# The numbers of a pass, from nextest's summary or cargo's results.
count() {
    local plain ok bad left
    plain=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -aE '^ *Summary \[|^test result:' || true)
    ok=$(grep -oE '[0-9]+ passed' <<<"$plain" | awk '{n += $1} END {print n + 0}')
    bad=$(grep -oE '[0-9]+ (failed|timed out|exec failed)' <<<"$plain" | awk '{n += $1} END {print n + 0}')
    left=$(grep -oE '[0-9]+ (skipped|ignored)' <<<"$plain" | awk '{n += $1} END {print n + 0}')
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + left))
    # A pass that ended badly without a failed test did not compile, or broke down.
    if [ "$1" -ne 0 ] && [ "$bad" -eq 0 ]; then broken=$((broken + 1)); fi
}

# pass TITLE COMMAND…
pass() {
    echo
    echo "== $1"
    shift
    "$@" 2>&1 | tee "$log"
    count "${PIPESTATUS[0]}"
}

if cargo nextest --version >/dev/null 2>&1; then
    units=(cargo nextest run --lib --bins --no-tests=pass)
    suite=(cargo nextest run --test suite --no-tests=pass)
    browser=(cargo nextest run --profile browser --test browser --no-tests=pass)
else
    units=(cargo test --no-fail-fast --lib --bins)
    suite=(cargo test --no-fail-fast --test suite)
    browser=(cargo test --no-fail-fast --test browser)
fi

pass "Unit tests" "${units[@]}" "$@"
if has suite; then
    pass "Suite on SQLite" env YIQI_TEST_DATABASE=sqlite "${suite[@]}" "$@"
    pass "Suite on PostgreSQL" tests/postgres.sh env YIQI_TEST_DATABASE=postgres "${suite[@]}" "$@"
fi
if has browser; then
    pass "Journeys in a browser" env RUST_TEST_THREADS=1 NEXTEST_TEST_THREADS=1 "${browser[@]}" "$@"
fi

echo
[ "$broken" -eq 0 ] || echo "$broken of the passes broke down before its tests had run."
echo "Tests: $passed passed, $((failed + broken)) failed, $skipped skipped"
[ $((failed + broken)) -eq 0 ]
