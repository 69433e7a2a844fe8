# Every chore is one word; `make help` lists them. Environments under .venv/ make themselves (tools/environment.sh).
SHELL = /bin/sh
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
export PYTHON

environment = @sh tools/environment.sh
dev = .venv/dev/bin
demo = .venv/demo/bin
PROCESSES ?= 2
ARGS ?=

.PHONY: help demo test test-services lint format bench docs names lock clean

help: ## what each word does
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | awk -F'|' '{printf "make %-14s %s\n", $$1, $$2}'

demo: ## a real year of flights through a partitioned asset graph
	$(environment) demo
	@if [ -f examples/flights/run_demo.py ]; then $(demo)/python examples/flights/run_demo.py $(ARGS); \
	else $(demo)/python -c 'import treadle; print("treadle", treadle.__version__)'; fi

test: ## the tests that need nothing outside the clone; ARGS="-k words" narrows
	$(environment) dev
	@$(dev)/python -m pytest -n $(PROCESSES) -m "not services" $(ARGS)

test-services: ## the tests that need PostgreSQL, which comes as a wheel
	$(environment) services
	@$(dev)/python -m pytest -m services $(ARGS)

lint: ## ruff, mypy --strict, import contracts
	$(environment) dev
	@$(dev)/ruff check .
	@$(dev)/ruff format --check .
	@$(dev)/mypy --strict src
	@$(dev)/lint-imports --no-cache

format: ## let ruff mend what it can
	$(environment) dev
	@$(dev)/ruff check --fix .
	@$(dev)/ruff format .

bench: ## ours against the peer; ARGS="import load" names the cases
	$(environment) demo
	$(environment) peer
	@$(demo)/python -m benchmarks $(ARGS)

docs: ## run every code block of the README and docs/
	$(environment) dev
	@$(dev)/python -m pytest tests/docs $(ARGS)

names: ## after a change of the public names: write __init__.pyi, record new ones
	$(environment) dev
	@$(dev)/python tools/record_public_names.py

lock: ## pin the versions in constraints/ anew (needs uv)
	@sh tools/lock.sh

clean: ## remove environments, caches and build results
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist site
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
