# make demo      generate a project, run its proof of concept, print what it found
# make test      the tests that need no built environment, wheel or container (minutes)
# make test-all  all tests
# make lint      format, lint and types
# make bench     the benchmark tables (minutes)
# make fixtures  the archived projects of tests/bench anew (half an hour, with a container engine)
# make lock      requirements-dev.lock anew, with the newest versions that pyproject.toml allows (needs uv)
#
# Each sets up what it needs in .venv; with uv it is faster, without it the same. Without make: see README.md.

PYTHON ?= python3
DEMO ?= employment
UV := $(shell command -v uv 2>/dev/null)
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
# The demo needs the command alone, the rest what requirements-dev.lock pins
COMMAND := .venv/.command
DEV := .venv/.dev
INSTALL := $(if $(UV),$(UV) pip install --quiet --python .venv,$(BIN)/python -m pip install --quiet --disable-pip-version-check)
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup

.PHONY: demo test test-all lint bench fixtures lock clean

demo: $(COMMAND)
	rm -rf build/demo
	$(BIN)/poc2prod new build/demo --no-input --no-git --set demo=$(DEMO) --set package=demo
	$(MAKE) -C build/demo poc
	$(BIN)/poc2prod check --project build/demo || test $$? -ne 2
	$(BIN)/poc2prod status --project build/demo
	@echo "The project is in build/demo: cd build/demo, then make serve, or README.md there."

test: $(DEV)
	$(PYTEST) -m "not slow" $(OPTIONS)

test-all: $(DEV)
	$(PYTEST) $(OPTIONS)

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(DEV)
	$(BIN)/python benchmarks/new.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/status.py build/bench
	rm -rf build/served
	$(BIN)/poc2prod new build/served --no-input --no-git --set demo=employment --set package=served
	$(MAKE) -C build/served poc .venv/ready-dev
	cd build/served && $(BIN)/python -m served contract api
	build/served/$(BIN)/python benchmarks/api.py build/served

fixtures: $(DEV)
	PYTHONPATH=tests $(BIN)/python -m bench.make_finished
	PYTHONPATH=tests $(BIN)/python -m bench.make_produced $(if $(OPTIONS),-- $(OPTIONS))

lock:
	uv pip compile --quiet --universal --fork-strategy fewest --upgrade --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --python-version 3.11 --all-extras pyproject.toml kit/pyproject.toml \
		-o requirements-dev.lock

clean:
	rm -rf .venv build dist

.venv/.made:
ifdef UV
	$(UV) venv --quiet --allow-existing --python "$(PYTHON)" .venv
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
endif
	@touch $@

$(COMMAND): pyproject.toml | .venv/.made
	@echo "Installing the command poc2prod into .venv, once: about 4 MB."
	$(INSTALL) -e .
	@touch $@

$(DEV): pyproject.toml kit/pyproject.toml requirements-dev.lock | .venv/.made
	@echo "Installing what tests, linters and the projects under test need into .venv, once: about 250 MB."
	$(INSTALL) --require-hashes -r requirements-dev.lock
	$(INSTALL) --no-deps --no-build-isolation -e . -e kit
	@touch $@ $(COMMAND)
