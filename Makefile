# rolewatch: what there is to run. `make help` lists it.
# Needs rustup's cargo, rustfmt and clippy, a C compiler, and Python 3. `build`, `invoke` and `test` also fetch pinned
# tools (cargo-lambda, an emulator of AWS, a browser) into .tools/, once; `bench` fetches what it compares with (DuckDB,
# ripgrep).

CARGO ?= cargo
# What the functions are built for: arm64 or x86_64.
ARCH ?= arm64
# What `make invoke` hands to detect.
EVENT ?= samples/events/detect-event.json

.DEFAULT_GOAL := help
.PHONY: help demo build package deploy repair deploy-code deploy-forwarders redrive destroy invoke test check torture bench fmt docs

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Without AWS's SDK, which a demo does not need and is half of the build. Findings are what it is for, so replay's exit
# code 1 is success here; 2 is not.
DEMO = --locked --package rolewatch-cli --no-default-features --features libdeflate
demo: ## Replay a week of sample logs against the sample allowlist
	@$(CARGO) build $(DEMO)
	@printf '\nA week of CloudTrail logs (samples/archive), judged by samples/allowlist.toml:\n\n'
	@$(CARGO) run --quiet $(DEMO) -- \
	    replay --quiet --allowlist samples/allowlist.toml samples/archive || test $$? -eq 1

build: ## Build the Lambda functions for infra/rolewatch.yaml (ARCH=arm64 or x86_64)
	ARCH=$(ARCH) infra/build

# What these need from the environment is in infra/deploy, which looks at all of it before it changes anything.
package: ## Put code and template into a bucket (BUCKET=NAME)
	@ARCH=$(ARCH) infra/deploy package

deploy: ## Deploy the stack (BUCKET=NAME, ALLOWLIST_LOCATION=…, SLACK_WEBHOOK=…, PARAMETERS='A=1 B=2')
	@ARCH=$(ARCH) infra/deploy stack

repair: ## Undo what was changed by hand, in the stack (REGIONS=…, those of forwarders)
	@infra/deploy repair

deploy-code: ## Only new code for the functions that are deployed
	@ARCH=$(ARCH) infra/deploy code

deploy-forwarders: ## Let other regions hand their events to this one (REGIONS='eu-west-1 us-east-1', OPERATIONS_EMAIL=…, PARAMETERS=…)
	@infra/deploy forwarders

redrive: ## Send events again that EventBridge could not hand on (REGIONS=…, those of forwarders)
	@infra/deploy redrive

destroy: ## Delete the stack; its table and reports stay (CONFIRM=rolewatch)
	@infra/deploy destroy

invoke: ## Hand an event to detect on this machine (EVENT=FILE, ALLOWLIST=FILE)
	infra/invoke $(EVENT)

test: check ## Everything that must hold: check, all tests, the stack in an emulator, the report in a browser
	$(CARGO) test --locked --workspace
	$(CARGO) test --locked --quiet --package cloudtrail # in Rust alone, without libdeflate
	tests/emulator/run
	tests/browser/run
	@printf '\nAll tests passed.\n'

check: ## Formatting, lints, documentation, dependencies, samples as generated
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --quiet
	python3 samples/generate.py --check
	$(CARGO) test --locked --quiet --workspace --test architecture

torture: ## Thousands of events through faults, lost answers and deaths; then everything is counted
	ROLEWATCH_TORTURE_EVENTS=10000 $(CARGO) test --locked --release --package rolewatch --test service -- \
	    --exact torture::as_many_as_are_asked_for --nocapture
	ROLEWATCH_TORTURE_EVENTS=500 tests/emulator/run test_torture

# ROLEWATCH_BENCH_PERCENT=5 is quick and leaves the page alone; ROLEWATCH_BENCH_ROUNDS=3 measures fewer times.
bench: ## Measure replays and reports, and write docs/benchmarks.md (3 GB of archives, some 15 minutes)
	$(CARGO) build --locked --release --package rolewatch-cli --package rolewatch-bench
	tools=$$(tests/tools/install bench/requirements.txt) && \
	    PATH="$$tools/bin:$$PATH" $(CARGO) run --locked --quiet --release --package rolewatch-bench -- run

fmt: ## Format the code
	$(CARGO) fmt --all

docs: ## Write docs/checks, docs/alerts.md, the JSON schemas and the pictures of docs anew, from the program
	ROLEWATCH_WRITE_DOCS=1 $(CARGO) test --locked --quiet --package rolewatch-tests --test docs --test alerts
	ROLEWATCH_WRITE_DOCS=1 tests/browser/run target/pictures
	cp target/pictures/report-*.png docs/images/
