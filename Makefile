# The two commands: `make run` settles the claim, `make test` passes the tests. Both work from nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
STAMP := $(VENV)/installed

.DEFAULT_GOAL := help
.PHONY: help run test lab check notebooks house bench calibrate mutants pins lowest audit clean

help:
	@echo "make run     replay the shipped log, print the verdicts, write the report"
	@echo "make test    checks, tests and notebooks"
	@echo "make lab     open the notebooks in JupyterLab"
	@echo "make notebooks  run the notebooks and store what their checked cells print"
	@echo "make bench   run the benchmarks"
	@echo "make lowest  test with the lowest versions that are admitted"
	@echo "make calibrate  run the calibration of the statistics (DASK=tcp://scheduler:8786: on a cluster)"
	@echo "make mutants    change lines that bear verdicts, and count the changes that tests notice"
	@echo "make audit   look the pins up among known vulnerabilities, and list them as a bill of materials"

run: $(STAMP)
	$(BIN)/hhperf run

# Notebooks first: they take longest, and the workers end together. Three, since much of a test is
# waiting: for servers, kernels and modelled delays.
test: check
	$(BIN)/python -m pytest notebooks tests --nbval-lax --nbval-current-env -p no:cacheprovider \
		--numprocesses 3 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: $(STAMP)
	$(BIN)/jupyter lab --notebook-dir notebooks --LabApp.default_url=/lab/tree/00_start.ipynb \
		$(if $(filter 0,$(shell id -u)),--allow-root)

notebooks: $(STAMP)
	$(BIN)/python -m tests.store_notebooks

# The table of rooms in CONTRIBUTING.md, from the imports.
house: $(STAMP)
	$(BIN)/python -m tests.house

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks

calibrate: $(STAMP)
	$(BIN)/python -m tests.benchmarks.analysis.calibrate $(if $(DASK),--dask $(DASK))

# Nobody else needs these two; what they need is there for JupyterLab.
mutants: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		cosmic-ray==8.7.0 coverage==7.17.3
	$(BIN)/python -m tests.mutants

# Installed once, and again when the pins change. Nothing is asked of the network otherwise.
$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "The venv module is missing: install python3-venv, or use make PYTHON=..."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# For maintainers: work out the pins anew, for every Python and platform, with the hashes of their
# files and without addresses.
pins:
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --output-file requirements.txt

# In an environment of its own: what looks at the pins is none of them.
audit: $(STAMP)
	@$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit cyclonedx-bom
	@$(BIN)/python -m tests.audit $(VENV)/audit/bin results/audit

# For maintainers: whether the lower bounds of pyproject.toml are true. Test tools are the pinned ones;
# pictures are compared with those of the pinned matplotlib alone.
lowest: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/python -m tests.dev_pins > $(LOWEST)/dev.txt
	$(BIN)/uv pip compile pyproject.toml $(LOWEST)/dev.txt --resolution lowest-direct --no-header \
		--no-annotate --no-emit-index-url --quiet --output-file $(LOWEST)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --requirement $(LOWEST)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --no-deps --no-build-isolation --editable .
	$(LOWEST)/bin/python -m pytest tests --ignore tests/show/plots/test_images.py -p no:cacheprovider \
		--numprocesses 2 --dist loadfile

clean:
	rm -rf $(VENV) $(LOWEST) results
