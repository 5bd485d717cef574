# What people type. Each line here stands alone; tools/setup makes the clone ready first.

.DEFAULT_GOAL := help
.PHONY: help run test lint bench soak lock clean
export PORT

python := .venv/bin/python

help:
	@echo "make run     set up, build the example registry, check a photo, serve the pages"
	@echo "make test    set up, then every linter and every test: the whole of CI"
	@echo "make lint    the linters alone"
	@echo "make bench   the benchmarks; make bench ONLY=check for one of them"
	@echo "make soak    the long form of the tests"
	@echo "make lock    resolve the requirements anew"
	@echo "make clean   remove everything that the above made"

run:
	@tools/setup run
	@.venv/bin/vidimus example --serve

lint:
	@tools/setup test
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy

test: lint
	$(python) -m pytest -q

bench:
	@tools/setup test
	@$(python) -m bench $(ONLY)

soak:
	@tools/setup test
	VIDIMUS_SOAK=1 $(python) -m pytest -q -m soak
	VIDIMUS_SOAK=1 $(python) -m pytest -q tests/acts tests/seal tests/log tests/copies

lock:
	@tools/lock

clean:
	rm -rf .venv build .hypothesis .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
