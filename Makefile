# make demo   generate a project, run its proof of concept, print what it found
# make test   run the tests
# make lint   format, lint and types
# make bench  the benchmark tables (minutes)
#
# Each sets up what it needs in .venv; with uv it is faster, without it the same. Without make: see README.md.

PYTHON ?= python3
DEMO ?= employment
UV := $(shell command -v uv 2>/dev/null)
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
SET_UP := .venv/.set-up

.PHONY: demo test lint bench clean

demo: $(SET_UP)
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
	$(MAKE) -C build/served poc
	cd build/served && $(BIN)/python -m served contract api
	build/served/$(BIN)/python benchmarks/api.py build/served

clean:
	rm -rf .venv build dist

$(SET_UP): pyproject.toml
ifdef UV
	$(UV) venv --quiet --allow-existing --python "$(PYTHON)" .venv
	$(UV) pip install --quiet --python .venv -e ".[dev]"
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
endif
	@touch $@
