# make help lists the targets. Everything is installed into .venv from requirements.lock.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(abspath $(VENV)/bin)
export PATH := $(BIN):$(PATH)
INSTALLED := $(VENV)/.installed
SOURCES := src scripts workflow benchmarks tests

.DEFAULT_GOAL := help
.PHONY: help install demo refresh report turing-test turing-score use test test-all lint format types bench deps lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## make .venv from requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: $(INSTALLED)  ## run everything on an embedded bucket of phantoms and write the report
	snakemake --cores all
	@ls $(CURDIR)/results/report/*.html | sed "s/^/report: /"

refresh: $(INSTALLED)  ## look at the bucket again (only what changed there is read)
	snakemake --cores all --forcerun ingest_images

report: $(INSTALLED)  ## write Snakemake's report of the last run: report.html, one file
	snakemake --report report.html
	@echo "report: $(abspath report.html)"

turing-test: $(INSTALLED)  ## make the page on which readers tell real films from synthetic ones
	snakemake --cores all draw_turing_test
	@echo "give to readers: $(CURDIR)/results/draw_turing_test/turing_test.html (and not key.csv, which lies beside it)"
	@echo "then name the folder of their answers in score_turing_test.answers of params.yaml, and: make turing-score"

turing-score: $(INSTALLED)  ## score the answers to that page that score_turing_test.answers in params.yaml names
	snakemake --cores all --forcerun score_turing_test -- score_turing_test

use: $(INSTALLED)  ## lay a preset over params.yaml: make use PRESET=knee; PRESET=default goes back
	python workflow/use_preset.py $(PRESET)

test: lint types  ## lint, check types, run the fast tests
	pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-all: test  ## the fast tests, then the slow ones and those on real data (RADSIEVE_DATA)
	pytest -n 2 --dist loadfile --no-loadscope-reorder -m slow
	pytest tests/realdata

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
	mypy

bench: $(INSTALLED)  ## measure speed against the naive way; writes docs/performance.md
	python benchmarks/run_all.py

deps: $(INSTALLED)  ## bring the lists of modules in dvc.yaml up to date with the imports
	python workflow/imports.py

lock: $(INSTALLED)  ## write what is installed and tested into requirements.lock
	$(BIN)/python -m pip freeze --exclude-editable | sed "s/+cpu$$//" > requirements.lock

clean:  ## remove results, data drawn or read, and engine state (not .venv, not DVC's cache)
	rm -rf results $(filter-out data/published,$(wildcard data/*)) logs benchmarks/*.tsv .snakemake report.html dvc_plots
