# Two commands matter: `make demo` and `make test`. Each sets up what it needs, once.

VENV := .venv
PY := $(VENV)/bin/python
STAMPS := $(VENV)/stamps
CACHE := $(CURDIR)/out/.cache
COVERED := $(CACHE)/coverage
LEAFLET := civicsight/maps/vendor/leaflet/leaflet.js
UV ?= $(VENV)/bin/uv
# Extras are pinned by name too: pip takes the newest release for one that is not, and stops.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-strip-extras --no-emit-index-url --only-binary :all: pyproject.toml

# The first Python on the path that the lock is made for and that can make an environment.
CHECK := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(CHECK)' 2>/dev/null && { echo $$p; break; }; done)

MIN_COVERAGE := 95
naming = $(shell grep -l "mark\.$(1)" tests/test_*.py)

# Tests start hundreds of processes of ours and collect thousands of cases: what one has read as
# source, the next takes as bytecode, whatever the machine is set to.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test changed verify mutants docs lint bench bundle release lock setup kernels compiled beside alone \
	uncompiled checked coverage

help:
	@echo "make demo    work on two cities and say what was found"
	@echo "make test    lint, types, and the suite; kernels uncompiled too"
	@echo "make changed only tests that concern what changed since a commit: SINCE=main"
	@echo "make verify  the long proofs, an hour of spoilt files, the benchmarks: stages of at most"
	@echo "             40 minutes; what passed on this commit is not run again"
	@echo "make mutants whether a test sees 400 slips in core rules; goes on where it was;"
	@echo "             MUTANTS=\"--stratum money\" takes a part, \"--list\" says what was found"
	@echo "make bench   the benchmarks alone; BENCH=\"--only engine\" takes a part"
	@echo "make docs    the documentation site in out/site, both languages, no network"
	@echo "make bundle  one archive that installs and starts without any network"
	@echo "make lint    lint and types alone"
	@echo "make setup   environment, browser files, browser and font"
	@echo "make release what a release needs: one version, wheel and archive built, the demo outside"
	@echo "make lock    resolve the dependencies anew"

demo: setup
	$(VENV)/bin/civicsight demo --out out/demo

# While kernels are compiled on one core the browser comes, and what needs none of them takes the
# other: lint, then the uncompiled run. What wants the machine for itself is last.
test: $(STAMPS)/package
	$(MAKE) --jobs=3 kernels beside setup
	$(MAKE) compiled
	$(MAKE) alone

# What it prints stands together.
beside: lint setup
	@mkdir -p "$(CACHE)"
	$(MAKE) uncompiled >"$(CACHE)/beside.log" 2>&1; \
		code=$$?; cat "$(CACHE)/beside.log"; exit $$code

lint: $(STAMPS)/package
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy --strict civicsight

# Before any test: workers and the servers that they start would compile the same ones side by side.
kernels: $(STAMPS)/package
	CIVICSIGHT_CACHE_DIR="$(CACHE)/compiled" $(PY) -m civicsight prepare

# A file of tests stays on one worker: what it makes once is made once. Three workers on two cores,
# because tests also wait: for processes that they start, for pages, for the disk. The order of files
# is that of tests/conftest.py: by default xdist begins those of few tests last, and they take longest.
compiled: setup
	CIVICSIGHT_CACHE_DIR="$(CACHE)/compiled" $(PY) -m pytest -n 3 --dist loadfile \
		--no-loadscope-reorder -m "not slow and not alone and not parts" $(COVER)

# By imports of tests and modules, at any depth, and by the names of files; the nearest first.
SINCE ?= main
changed: setup kernels
	CIVICSIGHT_CACHE_DIR="$(CACHE)/compiled" $(PY) -m tools.changed $(SINCE)

# Limits of wall time, one after the other. Only files that name the mark are collected.
alone: setup
	CIVICSIGHT_CACHE_DIR="$(CACHE)/compiled" $(PY) -m pytest -m "alone and not slow" \
		$(call naming,alone)

# What coverage.py cannot see compiled: kernels, run as they are written.
uncompiled: setup
	NUMBA_DISABLE_JIT=1 COVERAGE_FILE="$(COVERED).uncompiled" CIVICSIGHT_CACHE_DIR="$(CACHE)/uncompiled" \
		$(PY) -m pytest -n 2 --dist loadfile -m "kernels and not slow and not compiled_only and not alone" \
		--cov --cov-report= $(call naming,kernels)
	$(PY) -m coverage report --data-file="$(COVERED).uncompiled" --include="*/_kernels/*" \
		--omit="*/ahead.py,*/apart.py,*/compile.py,*/compiler.py,*/pipeline.py" --fail-under=$(MIN_COVERAGE)

# Compiled with bounds checks and cached apart: the cache does not tell the two apart by itself.
checked: setup
	NUMBA_BOUNDSCHECK=1 CIVICSIGHT_CACHE_DIR="$(CACHE)/checked" $(PY) -m pytest -n 2 -m "not slow" \
		$(wildcard tests/test_kernels*.py tests/test_viewshed*.py)

# The branches that both runs visit together: half as long again as without looking.
coverage: export COVERAGE_FILE = $(COVERED).compiled
coverage: COVER := --cov --cov-report=
coverage: kernels compiled uncompiled
	$(PY) -m coverage combine --keep --quiet --data-file="$(COVERED)" "$(COVERED)".*
	$(PY) -m coverage report --data-file="$(COVERED)" --fail-under=$(MIN_COVERAGE)

# Long proofs, everything drawn at random with many times as many cases, files spoilt for an hour,
# coverage, benchmarks: in stages of at most 40 minutes, each stamped with its commit in out/verify.
# What has passed on this commit is not run again. make verify VERIFY="--list" says what has.
verify: setup kernels
	$(PY) -m tools.verify $(VERIFY)

# One change at a time in a copy of the tree, tried by the tests that reach it: an hour or two in all.
mutants: $(STAMPS)/package kernels
	CIVICSIGHT_CACHE_DIR="$(CACHE)/compiled" $(PY) -m tools.mutants $(MUTANTS)

# Warnings are errors; notebooks are run.
docs: setup
	CIVICSIGHT_CACHE_DIR="$(CACHE)/compiled" $(PY) -m tools.site

bench: setup
	CIVICSIGHT_CACHE_DIR="$(CACHE)/compiled" $(PY) -m benchmarks $(BENCH)

# For another machine: make bundle BUNDLE="--platform win_amd64 --python 3.12"
bundle: setup
	$(PY) -m tools.bundle $(BUNDLE)

release: setup
	$(PY) -m tools.release

lock: $(STAMPS)/wheels
	$(LOCK) --all-extras -o requirements.lock
	$(LOCK) --group pyproject.toml:dev --all-extras -o requirements-dev.lock

setup: $(STAMPS)/package $(STAMPS)/system $(LEAFLET)

$(STAMPS)/wheels: requirements-dev.lock
	@test -n "$(PYTHON)" || { \
		echo "No Python 3.11, 3.12 or 3.13 with venv was found. Install one (Debian: apt-get install"; \
		echo "python3 python3-venv), or name yours: make PYTHON=path/to/python"; \
		exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m tools.locked_wheels requirements-dev.lock
	@mkdir -p $(STAMPS) && touch $@

# Editable and without the network: the build back end is among the locked wheels.
$(STAMPS)/package: pyproject.toml $(STAMPS)/wheels
	$(PY) -m pip install --quiet --disable-pip-version-check --no-index --no-deps \
		--no-build-isolation --editable .
	@touch $@

$(STAMPS)/system: tools/system_packages.py $(STAMPS)/wheels
	$(PY) -m tools.system_packages
	@touch $@

$(LEAFLET): package-lock.json civicsight/maps/assets.sha256 $(STAMPS)/wheels
	$(PY) -m tools.browser_assets
	@touch $@
