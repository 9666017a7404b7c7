# make lab          copy the course to my-course/ and open it in JupyterLab
#                   (make lab ARGS="--no-browser --port 9999" hands its arguments on)
# make test         everything that needs no system package
# make test-lowest  its tests with the lowest versions that pyproject.toml allows, in .venv-lowest/
# make test-newest  and with the newest, in .venv-newest/
# make test-system  what needs one, nbgrader, Chromium or Dask; attacks; and what takes long
# make javascript   lint and type-check the browser's modules; it needs Node.js and npm
# make notebooks    run the lessons and the solutions again, in place; release the exercises
# make lock         pin what pyproject.toml asks for (ARGS=--upgrade: the newest)
# make clean        remove all of the above but the learner's my-course/

.DEFAULT_GOAL := lab
.PHONY: lab test test-lowest test-newest unlocked test-system javascript notebooks lock clean no-python

ARGS ?=
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv

# The dev lock holds all of the base lock, so a clone that has run its tests serves the course too.
lab: $(VENV)/$(if $(wildcard $(VENV)/dev.installed),dev,base).installed
	@$(BIN)/adamedu lab $(ARGS)

define TESTS
$(BIN)/pytest -n 2 --dist loadfile $(ARGS)
$(BIN)/pytest --nbval --nbval-cell-timeout=120 --dist loadfile -n 2 notebooks solutions
endef

test: $(VENV)/dev.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry adamedu exercises notebooks
	$(BIN)/deptry --ignore DEP002,DEP004 benchmarks solutions tests tools
	$(TESTS)

test-lowest: RESOLUTION := lowest-direct
test-newest: RESOLUTION := highest
test-lowest test-newest: test-%:
	@$(MAKE) --no-print-directory unlocked VENV=.venv-$* RESOLUTION=$(RESOLUTION)

unlocked: $(UV)
	@echo "Installing the $(RESOLUTION) versions"
	@$(UV) pip compile --quiet --upgrade pyproject.toml --group dev --resolution $(RESOLUTION) \
	  --python $(BIN)/python --output-file $(VENV)/dev.txt
	@$(UV) pip sync $(INSTALL) --compile-bytecode $(VENV)/dev.txt
	@$(UV) pip install $(INSTALL) --no-deps --no-build-isolation --editable .
	$(TESTS)

test-system: $(VENV)/classroom.installed $(VENV)/browser.installed $(VENV)/cluster.installed
	ADAMEDU_REQUIRE_ALL=1 $(BIN)/pytest -m "attack or browser or classroom or cluster or slow" $(ARGS)

NODE := tools/javascript/node_modules

javascript: $(NODE)/.package-lock.json
	$(NODE)/.bin/biome check --config-path=tools/javascript adamedu/playgrounds/browser adamedu/publishing
	$(NODE)/.bin/tsc --project tools/javascript

$(NODE)/.package-lock.json: tools/javascript/package-lock.json
	@echo "Installing what $< pins"
	@cd tools/javascript && npm ci --silent
	@touch $@

notebooks: $(VENV)/dev.installed
	$(BIN)/python -m tools.notebooks notebooks/*.ipynb solutions/*.ipynb
	$(BIN)/adamedu release

# What is installed, each lock once: base or dev exactly, the optional ones on top of dev.
INSTALL := --quiet --python $(BIN)/python
LOCKED := $(INSTALL) --require-hashes --compile-bytecode

$(VENV)/base.installed $(VENV)/dev.installed: \
$(VENV)/%.installed: requirements/%.txt pyproject.toml $(UV)
	@echo "Installing what requirements/$*.txt pins"
	@$(UV) pip sync $(LOCKED) $<
	@$(UV) pip install $(INSTALL) --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/*.installed && touch $@

$(VENV)/%.installed: requirements/%.txt $(VENV)/dev.installed
	@echo "Installing what requirements/$*.txt pins"
	@$(UV) pip install $(LOCKED) --requirements $<
	@touch $@

$(UV): requirements/uv.txt $(if $(wildcard $(BIN)/python),,no-python)
	@for python in $(PYTHON) python3.13 python3.12 python3.11 none; do \
	  "$$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && break; \
	done; \
	if [ "$$python" = none ]; then \
	  echo "adamedu needs Python 3.11 or newer, and $(PYTHON) is none." \
	    "Install one, or name yours: make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

no-python:

# Each lock agrees with all the locks before it, so any of them can be installed together.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
  --generate-hashes --no-annotate --custom-compile-command "make lock" $(ARGS)

lock: $(UV)
	$(LOCK) --group bootstrap --output-file requirements/uv.txt
	$(LOCK) pyproject.toml --group build --constraints requirements/constraints.txt \
	  --output-file requirements/base.txt
	$(LOCK) pyproject.toml --group dev --constraints requirements/base.txt \
	  --output-file requirements/dev.txt
	agree="--constraints requirements/dev.txt"; \
	for extra in classroom browser cluster book; do \
	  $(LOCK) pyproject.toml --group dev --extra $$extra $$agree \
	    --output-file requirements/$$extra.txt || exit; \
	  agree="$$agree --constraints requirements/$$extra.txt"; \
	done

clean:
	rm -rf $(VENV) .venv-lowest .venv-newest $(NODE) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
