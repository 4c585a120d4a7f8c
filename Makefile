# make help lists the targets. Everything is installed into .venv from requirements.lock.
# Recipes name files relative to this folder, and quote $(CURDIR): its path may hold spaces and letters of any script.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
INSTALLED := $(VENV)/.installed
TRACKS := $(shell sed -n 's/.*{track: \([a-z]*\).*/\1/p' dvc.yaml | sort -u)
PYTEST := pytest -n 2 --dist loadfile --no-loadscope-reorder
FAST := not slow and not realdata
SOURCES := src scripts workflow benchmarks tests docs

.DEFAULT_GOAL := help
.PHONY: help install demo index results report review turing-test turing-score use test test-all coverage lint format types docs bench lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## make .venv from requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	@echo "installing into $(VENV): a few minutes, and some 7 GB of disk with torch's build for GPUs"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-compile --no-deps --require-hashes -r requirements.lock
	@$(VENV)/bin/python -m compileall -qq -j 0 $(VENV)/lib || true  # on all cores, as pip does not; templates of packages are no Python
	$(PIP) install --quiet --editable .  # besides radsieve: what torch's build for a GPU requires, if that was taken
	$(PIP) check
	@touch $@

# asked here, so that it is said before anything is installed
ifneq ($(and $(filter demo,$(MAKECMDGOALS)),$(filter-out $(TRACKS),$(TRACK))),)
$(error TRACK=$(TRACK): there is no such track; there are: $(TRACKS))
endif

demo: $(INSTALLED)  ## run everything on an embedded bucket of phantoms, or one track: make demo TRACK=curation
	snakemake --cores all $(TRACK)
	$(if $(TRACK),@$(MAKE) --no-print-directory index)
	@echo "open in a browser: $$PWD/results/report/index.html"

index: $(INSTALLED)  ## write the entry page of the tracks that were run: results/report/index.html
	@PYTHONPATH=src:workflow python -c 'import os, stages; os.execlp("sh", "sh", "-c", stages.stages()["report_index"].cmd)'

results: $(INSTALLED)  ## write the section of the preset in use in docs/results.md, of all tracks or: TRACK=tasks ONLY=knee
	PYTHONPATH=src:workflow python workflow/write_results.py $(if $(TRACK),--tracks $(TRACK)) $(if $(ONLY),--only $(ONLY))

report: $(INSTALLED)  ## write Snakemake's report of the last run: report.html, one file
	snakemake --report report.html
	python workflow/shrink_report.py report.html
	@echo "report: $(CURDIR)/report.html"

review: $(INSTALLED)  ## make the page on which readers decide disagreements, conflicts and borderline near-duplicates
	snakemake --cores all make_review
	@echo "give to readers: $(CURDIR)/results/make_review/review.html (or label_studio_tasks.json, which lies beside it)"
	@echo "then name the folder of their answers in normalize_labels.reviewed of params.yaml, and: snakemake --cores all curation"

turing-test: $(INSTALLED)  ## make the page on which readers tell real images from synthetic ones
	snakemake --cores all make_turing_test
	@echo "give to readers: $(CURDIR)/results/make_turing_test/turing_test.html (and not key.csv, which lies beside it)"
	@echo "then name the folder of their answers in score_turing_test.answers of params.yaml, and: make turing-score"

turing-score: $(INSTALLED)  ## score the answers to that page that score_turing_test.answers in params.yaml names
	snakemake --cores all --forcerun score_turing_test -- score_turing_test

use: $(INSTALLED)  ## lay a preset over params.yaml: make use PRESET=knee; PRESET=default goes back
	python workflow/use_preset.py $(PRESET)

test: lint types  ## lint, check types, run the fast tests
	$(PYTEST) -m "$(FAST)"

test-all: lint types  ## the same with the slow tests and those on real data (RADSIEVE_DATA)
	$(PYTEST)

coverage: $(INSTALLED)  ## run the fast unit tests, print what they cover of the package, and write htmlcov/index.html
	$(PYTEST) -m "$(FAST)" --cov --cov-report term:skip-covered --cov-report html tests/unit

lint: $(INSTALLED)  ## ruff, snakefmt, snakemake --lint
	ruff check $(SOURCES)
	ruff format --check $(SOURCES)
	snakefmt --check Snakefile workflow/rules
	snakemake --lint

format: $(INSTALLED)  ## put the sources into their standard form
	ruff check --fix $(SOURCES)
	ruff format $(SOURCES)
	snakefmt Snakefile workflow/rules

types: $(INSTALLED)  ## mypy
	mypy --num-workers 2

docs: $(INSTALLED)  ## write the guides and the API into site/; a broken link or an unknown name is an error
	sphinx-build --quiet --builder html --fail-on-warning --keep-going --conf-dir docs --doctree-dir .cache/docs . site
	@echo "documentation: $(CURDIR)/site/index.html"

bench: $(INSTALLED)  ## measure speed against the naive method; writes docs/performance.md
	python benchmarks/run_all.py

lock: $(INSTALLED)  ## write what is installed and tested into requirements.lock and environment.yml
	python workflow/lock_packages.py

clean:  ## remove results, data generated or read, and engine state (not .venv, not DVC's cache)
	rm -rf results $(filter-out data/published,$(wildcard data/*)) logs benchmarks/*.tsv .snakemake report.html dvc_plots site htmlcov .coverage
