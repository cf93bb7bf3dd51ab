# `make run` and `make test` need Python and nothing else. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
UV := uv==0.13.8
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One process per core; ARGS="-n 0" runs all in one, as a debugger wants it.
PYTEST := $(BIN)/python -m pytest -n logical --dist loadgroup
# What newman is installed with, and the mark that it is: npm writes it last.
NEWMAN_LOCK := docs/postman/package-lock.json
NEWMAN := docs/postman/node_modules/.package-lock.json
# Where `make test-services` finds PostgreSQL and Redis.
SERVICES_DATABASE := $(or $(DATABASE_URL),postgres://postgres@127.0.0.1:5432/postgres)
SERVICES_REDIS := $(or $(REDIS_URL),redis://127.0.0.1:6379)

export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
.DEFAULT_GOAL := help
.PHONY: help run test test-services postman check format bench lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## Start everything on http://127.0.0.1:8000 (PORT=8001 elsewhere, DEMO=0 without demo data)
	@DEMO='$(DEMO)' exec $(BIN)/python manage.py serve --port '$(PORT)'

test: export DATABASE_URL :=
test: export REDIS_URL :=
test: $(READY) ## Run the tests on SQLite and the bundled redis (ARGS="-k stage" picks some)
	@$(PYTEST) $(ARGS)

test-services: export DATABASE_URL := $(SERVICES_DATABASE)
test-services: export REDIS_URL := $(SERVICES_REDIS)
test-services: $(READY) ## Run the same tests on PostgreSQL and Redis (DATABASE_URL=, REDIS_URL=; else this machine's)
	@$(BIN)/python .ci/services.py
	@$(PYTEST) $(ARGS)

postman: $(READY) $(NEWMAN) ## Run the Postman collections against a server of their own (Node 18; ARGS=urbany runs one)
	@$(BIN)/python -m tests.postman $(ARGS)

check: $(READY) ## Lint, formatting, types, import contracts, missing migrations, no address in the lock
	@failed=0; \
	verify() { \
		title=$$1; shift; printf '%-20s' "$$title"; \
		if output=$$("$$@" 2>&1); then echo ok; else echo FAILED; echo "$$output"; failed=1; fi; \
	}; \
	verify 'ruff check' $(BIN)/ruff check --quiet .; \
	verify 'ruff format' $(BIN)/ruff format --check --quiet --diff .; \
	verify 'mypy' $(BIN)/mypy; \
	verify 'import contracts' $(BIN)/lint-imports --no-cache; \
	verify 'migrations' $(BIN)/python manage.py makemigrations --check --dry-run; \
	verify 'no address in lock' sh -c '! grep -n :// requirements.lock docker/requirements.lock'; \
	exit $$failed

format: $(READY) ## Put the code into the house's format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: export DATABASE_URL := $(SERVICES_DATABASE)
bench: $(READY) ## Measure against a bare callable on PostgreSQL (ARGS=--quick in a minute; ARGS=--help)
	@$(BIN)/python -m bench $(ARGS)

lock: $(READY) ## Compile both locks anew from pyproject.toml: all, and what an image needs
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --quiet -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --constraint requirements.lock --universal --generate-hashes --no-header --no-annotate --quiet \
		-o docker/requirements.lock

clean: ## Remove the environment and all caches; the state in var/ stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache static-collected docs/postman/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A new lock, or none so far: build the environment. The mark comes last, so that an interrupted one is done over.
$(READY): requirements.lock
	@command -v '$(PYTHON)' >/dev/null || { echo 'There is no $(PYTHON) here: choose one with PYTHON=, Python 3.11 or newer.' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$$('$(PYTHON)' --version 2>&1) is too old: choose Python 3.11 or newer with PYTHON=, as in make run PYTHON=python3.12." >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo '$(PYTHON) lacks the venv module: on Debian and Ubuntu, apt-get install python3-venv.' >&2; exit 1; }
	@echo 'Installing the dependencies into $(VENV)'
	@$(BIN)/python -c '' 2>/dev/null || '$(PYTHON)' -m venv --clear $(VENV)
	@{ $(BIN)/python -m pip install --quiet $(UV) && \
		$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock; } || \
		{ echo 'uv did not manage; pip installs instead, which takes longer.'; \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock; }
	@touch $@

$(NEWMAN): $(NEWMAN_LOCK)
	@command -v npm >/dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 18))' || \
		{ echo 'newman needs Node 18 or newer, with npm: on Debian and Ubuntu, apt-get install nodejs npm.' >&2; exit 1; }
	@echo 'Installing newman into $(@D)'
	@cd $(dir $(NEWMAN_LOCK)) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
