# The two commands of the README. Each does all of its own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(shell cat packages.txt)
# Debian packages that only tests run: unpacked here, never installed, so that no service of theirs starts.
UNPACKED := $(VENV)/debian
DEMO_EXTRAS := lab tpch parquet serve prometheus
LOCK = $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml

# Installing beside anything else in one directory would get into its way.
.NOTPARALLEL:
.PHONY: demo test check lint test-lab test-other test-python packages lock reference system unpacked picture endings hosts soak clean

demo: system $(VENV)/.demo ## build the lab, open the console on it
	$(BIN)/distdiag lab up
	$(BIN)/distdiag --cluster lab

# The lab comes after what computes: beside it, two processors are too busy for what its tests wait for. The static checks
# need one processor for a minute, and take what the tests of the lab leave.
test: system $(VENV)/.test test-other ## every check and every test, those on the lab included
	nice -n 19 $(MAKE) lint & checks=$$!; status=0; $(MAKE) test-lab || status=1; wait $$checks || status=1; exit $$status

check: $(VENV)/.test unpacked lint ## every check, and the tests that need no lab, no engine and no root; takes minutes
	$(BIN)/pytest --numprocesses=auto --dist=loadgroup -m 'not lab and not endings and not engine'

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-other: $(VENV)/.test unpacked
	$(BIN)/pytest --numprocesses=3 --dist=loadgroup -m 'not lab and not endings'

test-lab: $(VENV)/.test unpacked
	$(BIN)/pytest -m 'lab and not endings'

reference: $(VENV)/.test ## make the pages and files anew that are made from the code: keys, metrics, verbs, anomalies, configuration
	$(BIN)/python -m tests.pages.reference

picture: $(VENV)/.test ## draw the picture of the README anew, from the recording that ships
	$(BIN)/python -m tests.bench.console_picture

# As root with apt-get, what is missing is installed; anyone else is told what to install.
system:
	@missing=; for package in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing:$$missing"; apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
	  echo "distdiag wants these packages (names as in Debian); without them the lab is not complete:$$missing" >&2; \
	  echo "an administrator installs them: apt-get install --no-install-recommends$$missing" >&2; \
	fi

# Without apt, or without a mirror, the tests of these programs are skipped and say so.
unpacked: packages-test.txt | $(BIN)/python
	@if cmp -s packages-test.txt $(UNPACKED)/unpacked.txt; then exit 0; fi; \
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then \
	  echo "no apt here: tests of the programs in packages-test.txt are skipped" >&2; exit 0; fi; \
	rm -rf $(UNPACKED); mkdir -p $(UNPACKED)/archives; cd $(UNPACKED)/archives; echo "unpacking for tests: $$(xargs < $(CURDIR)/packages-test.txt)"; \
	apt=(apt-get -qq -o APT::Sandbox::User=root); packages=($$(cat $(CURDIR)/packages-test.txt)); \
	"$${apt[@]}" download "$${packages[@]}" 2>/dev/null || { [ "$$(id -u)" != 0 ] || "$${apt[@]}" update; "$${apt[@]}" download "$${packages[@]}"; } || { \
	  echo "apt-get download failed: tests of the programs in packages-test.txt are skipped" >&2; exit 0; }; \
	for archive in *.deb; do dpkg-deb --extract "$$archive" ..; rm "$$archive"; done; cp $(CURDIR)/packages-test.txt ../unpacked.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "distdiag wants Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1); name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The versions of a lock file, and no others; then distdiag itself, whose extras the lock file has installed.
$(VENV)/.demo $(VENV)/.test: $(VENV)/.%: pyproject.toml requirements/%.txt | $(BIN)/python
	@echo "installing the packages of requirements/$*.txt into $(VENV): up to 1.3 GB, some minutes"
	$(BIN)/pip install --quiet --require-hashes --requirement requirements/$*.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

packages: $(VENV)/.test ## build the source distribution and the wheel into dist
	$(BIN)/python -m hatchling build --directory dist

test-python: ## `make check` on another Python, in an environment of its own: make test-python PYTHON=python3.13
	$(MAKE) VENV=$(VENV)/$(notdir $(PYTHON)) check

# Newest versions within the ranges of pyproject.toml, for every platform and Python; tested before they are committed.
lock: $(BIN)/python ## renew the lock files of requirements/
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet uv
	$(LOCK) $(addprefix --extra=,$(DEMO_EXTRAS) dev) --group build --upgrade --output-file requirements/test.txt
	$(LOCK) $(addprefix --extra=,$(DEMO_EXTRAS)) --group build --constraint requirements/test.txt --output-file requirements/demo.txt
	$(LOCK) --constraint requirements/test.txt --output-file requirements/console.txt

endings: system $(VENV)/.test ## every anomaly under every ending, on the lab; takes long
	$(BIN)/pytest -m endings tests/lab/endings

hosts: system $(VENV)/.test ## a hundred SSH servers on this machine, watched for an hour; prints figures; root
	$(BIN)/python -m tests.bench.bench_hosts 100 --faults --core --frozen 5 --seconds 3600

HOURS ?= 2
SEED ?= 1
soak: system $(VENV)/.test ## everything at once on the lab for HOURS (2), by a plan of SEED (1); prints figures; root
	$(BIN)/python -m tests.bench.soak --hours $(HOURS) --seed $(SEED)

clean: ## take the lab down, forget the virtual environment
	if [ -x $(BIN)/distdiag ]; then $(BIN)/distdiag lab down; fi
	rm -rf $(VENV)
