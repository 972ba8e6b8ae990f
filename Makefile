# The front door. Needs Python 3.11 or newer, git and make; everything else is put into .venv by the first target that needs it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# Names of the requirements' content: a changed pin installs again, a changed date of a file does not.
STAMP := $(VENV)/.installed-$(shell cat requirements/runtime.txt requirements/dev.txt | git hash-object --stdin 2>/dev/null | cut -c1-16)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
COMPILE := ../$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --no-header --upgrade
# Two processes, since every test is written for any order; ARGS adds to pytest: make test ARGS="-k ledger".
WORKERS ?= 2
ARGS ?=
export PYTHON
# Byte code is kept, whatever the environment says: the tests start thousands of processes of hundreds of modules each.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## Say what can be asked for.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

.PHONY: check
check: $(STAMP) ## Judge the source: style, types, contracts, sizes, docstrings, words, generated pages.
	@$(BIN)/python tools/check.py

.PHONY: test
test: $(STAMP) ## Run every test.
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: unit
unit: $(STAMP) ## Run the quick tests only (20 seconds on two cores).
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not postgres" $(ARGS)

.PHONY: demo
demo: $(STAMP) ## Take eight changes of a small web shop to production, in a fresh temporary folder.
	@$(BIN)/python tools/demo/story.py $(ARGS)

.PHONY: docs
docs: $(STAMP) ## Write the generated part of docs/reference/ again.
	@$(BIN)/python tools/generate_docs.py

.PHONY: fix
fix: $(STAMP) docs ## Mend what can be mended by a program: format, simple lints, generated pages, the size ratchet.
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .
	$(BIN)/python tools/check_sizes.py --write

.PHONY: bench
bench: $(STAMP) ## Measure what developers and users feel; every program prints a table (--json FILE writes it too).
	@for program in benchmarks/bench_*.py; do echo "== $$program"; $(BIN)/python "$$program" $(ARGS); done

.PHONY: bench-smoke
bench-smoke: $(STAMP) ## Run every benchmark on little data, to see that it runs.
	-@$(BIN)/python benchmarks/bench_check.py --runs 3 --sizes 1000 --merges 100
	-@$(BIN)/python benchmarks/bench_codeowners.py --lines 250 --files 100 --repeat 1
	-@$(BIN)/python benchmarks/bench_ledger.py --entries 2000
	-@$(BIN)/python benchmarks/bench_policy.py --rules 50 --files 500 --repeat 1

.PHONY: requirements
requirements: $(STAMP) ## Pin the newest fitting versions again (see requirements/README.md).
	cd requirements && $(COMPILE) --extra languages --output-file runtime.txt ../pyproject.toml
	cd requirements && $(COMPILE) --output-file dev.txt dev.in

.PHONY: install
install: $(STAMP) ## Make .venv and put everything into it.

.PHONY: clean
clean: ## Throw away .venv and every cache.
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist src/*.egg-info

$(STAMP): requirements/runtime.txt requirements/dev.txt
	@if [ ! -x $(BIN)/python ]; then \
	  found=$$(sh tools/find_python.sh); \
	  echo "making $(VENV) with $$found"; \
	  "$$found" -m venv $(VENV); \
	fi
	@echo "installing what requirements/ pins into $(VENV) (once, then only when it changes)"
	@$(PIP) install --quiet --quiet --require-hashes -r requirements/runtime.txt -r requirements/dev.txt
	@$(PIP) install --quiet --quiet --no-deps --no-build-isolation --no-index -e .
	@rm -f $(VENV)/.installed-*
	@touch $@
