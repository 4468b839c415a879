# What a user types first. Everything else is behind `bridge --help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo run unit test test-deep chaos fuzz packages catalog bench deploy-check audit sbom lint lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.locked ## .venv with the locked set

.venv/.locked: requirements/uv.txt requirements/dev.txt pyproject.toml hatch_build.py $(shell find bridge processors -name "*.pyx" -o -name "*.pxi")
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: install it, or say where it is with 'make PYTHON=/path/to/python3'." >&2; exit 2; }
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { echo "The venv module of $(PYTHON) does not work: install it (Debian: python3-venv)." >&2; exit 2; }
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	$(BIN)/python -c 'import sys; from processors.engine.records import IS_COMPILED; sys.exit(not IS_COMPILED)' || echo "No C compiler here (or no Python.h): the worker will need half as much CPU again for each event (docs/engine.md)." >&2
	touch $@

demo: setup ## the main job, end to end, on this machine alone
	@$(BIN)/python -m deploy.local demo

run: setup ## the same stack, kept up until Ctrl-C
	@$(BIN)/python -m deploy.local run

unit: setup ## decisions, without IO; properties, simulations and sockets are left to `make test`
	@$(BIN)/python -m tests unit-processors unit-others

test: lint ## everything that CI runs
	@$(BIN)/python -m tests

test-deep: setup ## what must hold in every life of an order, 20,000 examples of each property
	@HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest tests/unit/processors/orders tests/unit/programs/checker

chaos: setup ## real processes hit by every fault, then checked; CHAOS='--help' tells what can be chosen
	@$(BIN)/python -m tests.programs.chaos --record $(CHAOS)

fuzz: setup ## 50,000 bodies that nobody would send, each in exactly one topic; FUZZ='--help' tells what can be chosen
	@$(BIN)/python -m tests.fuzz $(FUZZ)

packages: setup ## what readers install: Python, npm, Maven, into dist/; then their tests
	@$(BIN)/python -m deploy.packages
	$(BIN)/python -m pytest tests/packages

catalog: setup ## topics, messages and fields as static pages with search, in dist/catalog
	@$(BIN)/python -m deploy.packages.catalog

bench: setup ## beside Kafka Streams, Quix, Faust and bare handlers, one short round; BENCH='--help' tells what can be chosen
	@$(BIN)/python -m tests.programs.bench.peers $(or $(BENCH),--quick)

deploy-check: setup ## the manifests, as far as they can be known without a cluster, and that the checks can fail
	@$(BIN)/python -m deploy.generate --check
	$(BIN)/python -m deploy.check
	$(BIN)/python -m tests deploy

audit: setup ## known vulnerabilities of the locked packages
	@$(BIN)/python -m tests.audit

sbom: setup ## .local/sbom.cdx.json: the locked packages of the image (REQUIREMENTS=runtime), in CycloneDX
	@mkdir -p .local
	$(BIN)/uv tool run -q --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements/$(or $(REQUIREMENTS),runtime).txt \
		--pyproject pyproject.toml --mc-type application --output-reproducible -o .local/sbom.cdx.json

lint: setup ## ruff, mypy --strict, import directions, bandit, known vulnerabilities
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/bandit -q -c pyproject.toml -r schemas bridge ingress processors commands
	$(BIN)/python -m tests.audit

lock: setup ## requirements/*.txt from pyproject.toml
	@$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements/dev.txt
	for extra in msk-iam otel; do
		cp requirements/runtime.txt requirements/$$extra.txt # whose versions are kept where they can be
		$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra $$extra -o requirements/$$extra.txt
	done
	printf 'hatchling==1.28.0\neditables==0.5\ncython==3.3.1\nsetuptools==84.2.1\n' | $(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o requirements/build.txt

clean: ## what make made
	rm -rf .venv .local
