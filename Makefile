# The words of the README. `make` alone lists them.

CARGO ?= cargo
# Arguments for the load generator, for example: make bench BENCH_ARGS="--seconds 5 --pairs 10"
BENCH_ARGS ?=
# Password of the demo users. Left out, one is generated and printed the first time.
DEMO_PASSWORD ?=

# How long `make chaos` goes on: so many seeds, from the first one, for so many seconds each.
CHAOS_SEED ?= $(shell date +%s)
CHAOS_SEEDS ?= 10
CHAOS_SECONDS ?= 60
CHAOS_CUTS ?= 20

.DEFAULT_GOAL := help
.PHONY: help run demo build test chaos frontend lint fmt docs deny bench

help: ## List these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build the server and run it
	$(CARGO) build --release --locked -p vikrahub-messaging
	./target/release/vikrahub-messaging serve

demo: ## Run the server with four people to try the chat with
	$(CARGO) build --release --locked -p vikrahub-messaging
	./target/release/vikrahub-messaging demo seed $(if $(DEMO_PASSWORD),--password '$(DEMO_PASSWORD)')
	@echo 'Open http://127.0.0.1:8000/#/chat-demo'
	./target/release/vikrahub-messaging serve

build: ## Build everything for release
	$(CARGO) build --release --workspace --locked

test: ## Run all tests: the server on SQLite, PostgreSQL and Redis, its API, the front end in a browser
	scripts/services.sh run -- sh -c "$(CARGO) test --workspace --locked && scripts/schemathesis.sh"
	scripts/frontend.sh

chaos: ## Break everything for a long while and check what is left (CHAOS_SEEDS, CHAOS_SECONDS, CHAOS_CUTS)
	CHAOS_SEED=$(CHAOS_SEED) CHAOS_SEEDS=$(CHAOS_SEEDS) CHAOS_SECONDS=$(CHAOS_SECONDS) CHAOS_CUTS=$(CHAOS_CUTS) \
		scripts/services.sh run -- $(CARGO) test --locked --test it -- --nocapture faults::chaos faults::power_cut

frontend: ## Check the front end: types, lints, tests, build, sizes, in a browser
	scripts/frontend.sh

lint: ## Check format, lints and documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --document-private-items

fmt: ## Format the code
	$(CARGO) fmt --all

docs: ## Write docs/openapi.json and docs/asyncapi.json anew
	$(CARGO) build --locked -p vikrahub-messaging
	./target/debug/vikrahub-messaging openapi >docs/openapi.json
	./target/debug/vikrahub-messaging asyncapi >docs/asyncapi.json

deny: ## Check licences, advisories and sources of all dependencies
	@if $(CARGO) deny --version >/dev/null 2>&1; then \
		$(CARGO) deny check; \
	else \
		echo "cargo-deny is not installed; install it with: cargo install --locked cargo-deny" >&2; \
		exit 1; \
	fi

bench: ## Measure messages per second and idle connections, on SQLite and PostgreSQL
	$(CARGO) build --release --locked -p vikrahub-messaging -p bench
	scripts/services.sh run -- ./target/release/bench all $(BENCH_ARGS)
