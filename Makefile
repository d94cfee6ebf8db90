# The two commands of the README are `make demo` and `make test`. Both set up all they need; the second time is quick.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export ZORGSPIEGEL_DATA ?= $(abspath ../shared/data)

.PHONY: help setup setup-dev demo stop test check docs bench soak pins clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s $$'\t'

setup: .venv/.product ## Install the product: afterwards .venv/bin/zorgspiegel works

setup-dev: .venv/.product .venv/.dev ## Install what tests and checks need too

.venv/.product: requirements/base.txt pyproject.toml scripts/setup.sh frontend/package-lock.json
	@PYTHON="$(PYTHON)" scripts/setup.sh product

.venv/.dev: requirements/dev.txt scripts/setup.sh frontend/package-lock.json | .venv/.product
	@PYTHON="$(PYTHON)" scripts/setup.sh dev

demo: setup ## Everything on one machine with sample data; ends with an address to open
	@$(BIN)/zorgspiegel demo

stop: ## Stop the demo site
	@$(BIN)/zorgspiegel demo --stop

test: setup-dev ## All tests
	@scripts/test.sh

check: setup-dev ## Format, lint, types, import contracts, docs
	@scripts/check.sh

docs: setup-dev ## Write the generated pages of docs/ again
	$(BIN)/python scripts/docs.py write

bench: setup-dev ## Measure speed next to peers; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.run

soak: setup-dev ## The long runs: large tables, many seeds
	$(BIN)/python -m benchmarks.soak

pins: setup-dev ## Compile requirements/*.in to *.txt with hashes
	@scripts/pins.sh

clean: ## Remove what the demo and the tests made (not .venv)
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis
