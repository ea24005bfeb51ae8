# make demo   generate a project, run its proof of concept, print what it found
# make test   run the tests
# make lint   format, lint and types
# make bench  the benchmark tables (minutes)
#
# Each installs what it needs into .venv, with uv where it is installed: `make demo` the command alone (4 MB), the
# others all that tests and linters need (250 MB). Without make: see README.md.

PYTHON ?= python3
DEMO ?= employment
UV := $(shell command -v uv 2>/dev/null)
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
INSTALL := $(if $(UV),uv pip install --quiet --python .venv,$(BIN)/python -m pip install --quiet --disable-pip-version-check)
SET_UP := .venv/.set-up
COMMAND := .venv/.command

.PHONY: demo test lint bench clean

demo: $(COMMAND)
	rm -rf build/demo
	$(BIN)/poc2prod new build/demo --no-input --no-git --set demo=$(DEMO) --set package=demo
	$(MAKE) -C build/demo poc
	$(BIN)/poc2prod check --project build/demo || test $$? -ne 2
	$(BIN)/poc2prod status --project build/demo
	@echo "The project is in build/demo: cd build/demo, then make serve, or README.md there."

test: $(SET_UP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(OPTIONS)

lint: $(SET_UP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(SET_UP)
	$(BIN)/python benchmarks/new.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/status.py build/bench
	rm -rf build/served
	$(BIN)/poc2prod new build/served --no-input --no-git --set demo=employment --set package=served
	$(MAKE) -C build/served poc .venv/ready-dev
	cd build/served && $(BIN)/python -m served contract api
	build/served/$(BIN)/python benchmarks/api.py build/served

clean:
	rm -rf .venv build dist

$(SET_UP): $(COMMAND)
	@echo "Installing what tests and linters need into .venv, once: about 250 MB."
	$(INSTALL) --editable ".[dev]"
	@touch $@

$(COMMAND): pyproject.toml
	@echo "Installing the command poc2prod into .venv, once: about 4 MB."
ifdef UV
	$(UV) venv --quiet --allow-existing --python "$(PYTHON)" .venv
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
endif
	$(INSTALL) --editable .
	@touch $@
