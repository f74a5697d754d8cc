# The commands of the project; what they do is in scripts/bootstrap.

# The first Python that Odoo 17.0 runs on; PYTHON=/path/to/python3.11 names another.
SUPPORTED = import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))
PYTHON ?= $(shell for name in python3 python3.12 python3.11 python3.10; do \
	$$name -c '$(SUPPORTED)' 2>/dev/null && echo $$name && break; done)
# What the caller's Python was told to import is not for ours.
unexport PYTHONHOME PYTHONPATH

help:
	@echo "make run    [DATA=sales.csv] [PORT=8069] [INTERFACE=0.0.0.0]   the demo database, served"
	@echo "make test   [ARGS='-k word'] [STRICT=1] [WORKERS=3]            the tests, or some"
	@echo "make test-all [ARGS=...] [STRICT=1]                            the tests and those that take long"
	@echo "make lint                                                      ruff and pylint-odoo"
	@echo "make bench                                                     measure, into benchmarks/RESULTS.md"
	@echo "make simulate [ARGS=--quick]                                   a year of counting, into benchmarks/SIMULATION.md"
	@echo "make clean                                                     remove all that these made here"

run test test-all bench simulate: .venv/installed
	@exec .venv/bin/python -m scripts.bootstrap.commands $@

clean: .venv/installed
	@.venv/bin/python -m scripts.bootstrap.commands clean
	@rm -rf .venv .local
	@echo "Removed .venv, .local and the databases of this checkout."

lint: .local/lint/installed
	@.local/lint/bin/ruff check --quiet . ; code=$$?; \
	.local/lint/bin/pylint --rcfile=.pylintrc stock_cycle_count && exit $$code
	@echo "Lint: nothing found"

.venv/installed: requirements.txt
.local/lint/installed: requirements-lint.txt

# A virtual environment with exactly these packages. Two commands at once do not make it both.
%/installed:
	@$(PYTHON) -c '$(SUPPORTED)' 2>/dev/null || { echo "Odoo 17.0 runs on Python 3.10 to 3.12, and there is none here." \
		"To do: install one with its venv package, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "==> Virtual environment $*, with the packages of $< (a minute or two)"
	@flock $< sh -ec '$(PYTHON) -m venv $*; \
		$*/bin/pip install -qq --disable-pip-version-check --requirement $<; touch $@'

.PHONY: help run test test-all lint bench simulate clean
