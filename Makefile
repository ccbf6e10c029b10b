# make demo    set up, then run the main job against the sandbox
# make test    set up, then everything that must hold: lint, types, floors, tests
# make check   lint, types and floors only
# make prove   the proof at length, two hours: histories, interruptions, behaviours, planted bugs, kills
#              (PROVE="--minutes 10 --seed 7" and the like: python -m tests.prove --help)
# make mutants every small change of the decisions (reconcile, compare) that no test notices; half an hour
# make bench   measure what syncd costs at size: a table for the README, after a few minutes
# make lock    resolve pyproject.toml into the two lock files (needs uv; LOCK_FLAGS=--upgrade takes newer releases)
#
# PYTHON names the interpreter for the virtual environment. Where packages come from is pip's own configuration.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint types floors prove mutants bench lock

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(RECENT)' 2>/dev/null && echo "$$python" && break; done)

UV ?= $(or $(wildcard $(BIN)/uv),uv)
LOCK_FLAGS ?=
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command 'make lock' $(LOCK_FLAGS)

help:
	@sed -n 's/^# make/make/p' Makefile

setup: $(STAMP)

# An environment that a recent Python made is kept and brought up to date; any other is built anew.
$(STAMP): requirements-dev.lock pyproject.toml
	@python='$(PYTHON)'; \
	if ! "$${python:-false}" -c '$(RECENT)' 2>/dev/null; then \
		echo "syncd needs Python 3.11 or newer; $${python:-any that was found} is not (or is no Python)." >&2; \
		echo "Say which one to use: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	if ! $(BIN)/python -c '$(RECENT)' 2>/dev/null || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "setting up $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv --clear $(VENV); \
	fi
	@echo "installing the locked packages"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)
	@$(BIN)/syncd demo --unkind

test: check
	SYNCD_EACH_CASE_ONCE=1 $(BIN)/python -m pytest -n 2 --dist worksteal --durations=10 --durations-min=0.5

check: lint types floors

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

floors: $(STAMP)
	$(BIN)/lint-imports

PROVE ?=
prove: $(STAMP)
	@$(BIN)/python -m tests.prove $(PROVE)

mutants: $(STAMP)
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-mutants.lock
	$(BIN)/mutmut run --max-children 2
	$(BIN)/mutmut results

bench: $(STAMP)
	@$(BIN)/python -m benchmarks.scale

# The runtime lock is a subset of the other, so that what is tested is what is installed.
lock:
	$(COMPILE) --group build --group dev --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --group build --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(COMPILE) --group mutants --constraint requirements-dev.lock --output-file requirements-mutants.lock
