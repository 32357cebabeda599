# `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## Say what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.stamp: requirements/test.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/test.txt
	@# The checkout is the installed collection: its modules and roles answer to threetier.aws.*
	site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') && \
	mkdir -p $$site/ansible_collections/threetier && ln -sfn $(CURDIR) $$site/ansible_collections/threetier/aws
	touch $@

venv: $(VENV)/.stamp ## The virtual environment with pinned packages

lock: ## Pin requirements/*.in anew
	for part in main test; do \
	  $(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --annotation-style=line --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host -o requirements/$$part.txt requirements/$$part.in; done

.PHONY: help venv lock
