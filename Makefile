# The commands of the project; what they do is in scripts/bootstrap.
PYTHON ?= python3
# A relative path in DATA= or ODOO_HOME= counts from where the person is, whatever folder make was sent to.
export INVOKED_FROM = $(value PWD)
export DATA PORT INTERFACE ARGS STRICT ODOO_HOME WORKERS

help:
	@echo "make run    [DATA=sales.csv] [PORT=8069] [INTERFACE=0.0.0.0]   the demo database, served"
	@echo "make test   [ARGS='-k word'] [STRICT=1] [WORKERS=2]            the tests, or some"
	@echo "make test-all [ARGS=...] [STRICT=1]                            the tests and those that take long"
	@echo "make lint                                                      ruff and pylint-odoo"
	@echo "make bench                                                     measure, into benchmarks/RESULTS.md"
	@echo "make clean                                                     remove all that these made here"

run test test-all bench clean:
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is not installed. To do: sudo apt-get install python3-venv"; exit 1; }
	@exec "$(PYTHON)" -m scripts.bootstrap $@

lint:
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is not installed. To do: sudo apt-get install python3-venv"; exit 1; }
	@exec "$(PYTHON)" -m scripts.lint

.PHONY: help run test test-all lint bench clean
