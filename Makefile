# Every chore is one word; `make help` lists them. The environments under .venv/ make themselves: tools/environment.sh.
SHELL = /bin/sh
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
export PYTHON

dev = .venv/dev/bin
demo = .venv/demo/bin
PROCESSES ?= 2
ARGS ?=

.PHONY: env-demo env-dev env-docs env-emulators env-services env-peer
env-demo env-dev env-docs env-emulators env-peer: ; @sh tools/environment.sh $(@:env-%=%)
env-services: env-dev ; @sh tools/environment.sh services

.PHONY: help demo test test-services lint format bench docs names lock clean

help: ## what each word does
	@sed -n "s/^\([a-z-]*\):.*## /\1|/p" Makefile | awk -F"|" '{printf "make %-14s %s\n", $$1, $$2}'

demo: env-demo ## a real year of flights through a partitioned asset graph
	@if [ -f examples/flights/run_demo.py ]; then $(demo)/python examples/flights/run_demo.py $(ARGS); \
	else $(demo)/python -c 'import treadle; print("treadle", treadle.__version__)'; fi

test: env-dev ## the tests that need nothing outside the clone; ARGS="-k words" narrows
	@$(dev)/python -m pytest -n $(PROCESSES) -m "not services" $(ARGS)

test-services: env-services env-emulators ## the tests that need PostgreSQL or an emulator; all come as wheels
	@$(dev)/python -m pytest -m services $(ARGS)

lint: env-dev ## ruff, mypy --strict, import contracts
	@failed=; for check in "ruff check ." "ruff format --check ." "mypy --strict src" "lint-imports --no-cache"; do \
		echo "$$check"; $(dev)/$$check || failed=1; \
	done; [ -z "$$failed" ]

format: env-dev ## let ruff mend what it can
	@$(dev)/ruff check --fix .
	@$(dev)/ruff format .

bench: env-demo env-peer ## ours against the peer; ARGS="import load" names the cases
	@$(demo)/python -m benchmarks $(ARGS)

docs: env-dev env-docs ## run every code block of the README and docs/, then make the site in site/
	@$(dev)/python -m pytest tests/docs $(ARGS)
	@NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --strict --quiet && echo "the site is in site/: open site/index.html"

names: env-dev ## after a change of the public names: write __init__.pyi, record new ones
	@$(dev)/python tools/record_public_names.py

lock: ## pin the versions in constraints/ anew (needs uv)
	@sh tools/lock.sh

clean: ## remove environments, caches and build results
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist site
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
