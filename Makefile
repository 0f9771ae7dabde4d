# Everything starts from nothing: each target makes the environment first when it is not there.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-nightly ui bench lint lock clean

PYTHON ?= python3
BIN := .venv/bin
# Without compiled bytecode Dagster and its company take three times as long to import.
unexport PYTHONDONTWRITEBYTECODE
BROWSER := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: .venv/.installed ## Make the environment with the pinned packages

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 ..."; exit 2; }
	@echo "Installing the pinned packages into .venv (about a minute) ..."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## Pull, land, transform and print last month's draft invoices
	$(BIN)/backup-billing catch-up

test: setup ## Run the tests (those that drive a browser when Chromium is installed)
	$(BIN)/pytest -n auto --dist loadgroup $(if $(BROWSER),,-m "not browser")

test-nightly: setup ## Ten times the generated answers and customers that make test tries (some minutes)
	CONTRACT_ANSWERS=500 CLEAN_CUSTOMERS=2000 $(BIN)/pytest -n 2 tests/contract \
		tests/reconciliation/test_clean_world.py

ui: setup ## Dagster webserver and daemon on 127.0.0.1:3000
	$(BIN)/backup-billing ui

bench: setup ## Measure extraction, calls, metering, rating, reconciliation and 31 nights
	$(BIN)/python -m tests.bench

lint: setup ## Lint, format check and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: setup ## Pin the newest allowed packages, with hashes and no registry host
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock

clean: ## Remove the environment and what tools leave behind (never data/)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
