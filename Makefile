# `make run` builds and starts everything with a demo city; `make test` runs every test. Both work on a fresh machine with Rust and Node:
# what else they need is installed where they run as root, and named where they do not.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run test prove assets release lint bench tools

# More for `yiqi serve` (make run ARGS="--clock 2026-10-12T09:00:00+08:00") or for the test runner (make test ARGS=bookings).
ARGS ?=

ASSETS_STAMP := target/assets.stamp
ASSETS_FROM := $(shell find assets -path assets/dist -prune -o -type f -print 2>/dev/null | sed 's/ /\\ /g')

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: assets ## build and start with the demo city; prints the address and the accounts
	cargo build --quiet --bin yiqi
	exec cargo run --quiet --bin yiqi -- serve --demo $(ARGS)

test: assets tools ## install what the tests need, and run all of them
	@tests/run.sh $(ARGS)

prove: assets tools ## the whole forms of the proofs on both databases, into docs/PROOF.md
	@tests/proof.sh $(ARGS)

tools: # what only tests need: a database server, a browser, independent readers of mails and calendars
	@tests/need.sh initdb postgresql
	tests/need.sh chromium chromium
	tests/need.sh chromedriver chromium-driver
	tests/need.sh fc-list fontconfig
	# Kept in a variable: grep -q would end the pipe early.
	fonts=$$(fc-list :lang=zh-cn)
	if [ -z "$$fonts" ] && [ "$$(id -u)" -eq 0 ]; then tests/need.sh a-chinese-font fonts-noto-cjk; fi
	if [ ! -x target/venv/bin/python ]; then
		tests/need.sh python3 python3
		python3 -c 'import ensurepip, venv' 2>/dev/null || tests/need.sh a-python-venv python3-venv
		echo "Installing readers of mails and calendars …"
		{ python3 -m venv target/venv && target/venv/bin/pip install --quiet icalendar aiosmtpd; } >/dev/null 2>&1 || { rm -rf target/venv; echo "Not to be had; the tests that compare with them are skipped."; }
	fi
	if [ -x target/venv/bin/pip ] && [ ! -x target/venv/bin/schemathesis ]; then
		echo "Installing readers of the API's description …"
		target/venv/bin/pip install --quiet 'schemathesis>=4,<5' 'openapi-python-client>=0.26,<1' >/dev/null 2>&1 || echo "Not to be had; the proofs that need them are skipped."
	fi
	if [ -x target/venv/bin/python ] && [ ! -x target/venv/bin/moto_server ]; then
		echo "Installing an S3-compatible server …"
		target/venv/bin/pip install --quiet 'moto[server,s3]' >/dev/null 2>&1 || echo "Not to be had; the tests of documents in a bucket are skipped."
	fi

assets: node_modules/.package-lock.json ## bundle styles and scripts into assets/dist
	@# Only when something changed: a fresh bundle means a fresh build.
	compgen -G 'assets/dist/*.css' >/dev/null || rm -f $(ASSETS_STAMP)
	$(MAKE) --no-print-directory $(ASSETS_STAMP)

$(ASSETS_STAMP): $(ASSETS_FROM) package-lock.json
	@mkdir -p target
	npm run --silent assets
	touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

release: assets ## the binary to install: target/release/yiqi
	cargo build --release --locked

lint: assets ## format, clippy, documentation, types, licences and advisories; whichever of their tools is installed
	@if cargo fmt --version >/dev/null 2>&1; then cargo fmt --check; else echo "rustfmt is not installed: skipped"; fi
	if cargo clippy --version >/dev/null 2>&1; then cargo clippy --quiet --all-targets -- -D warnings; else echo "clippy is not installed: skipped"; fi
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --lib
	npm run --silent --if-present types
	if cargo deny --version >/dev/null 2>&1; then cargo deny --log-level error check; else echo "cargo-deny is not installed: skipped"; fi

bench: assets ## this product against the database itself doing the same work
	@tests/need.sh initdb postgresql
	tests/need.sh pgbench postgresql
	cargo build --release --locked --features bench
	tests/postgres.sh "$${CARGO_TARGET_DIR:-target}/release/yiqi-bench" $(ARGS)
