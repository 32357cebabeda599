# `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS ?= requirements/test.txt
INVENTORY ?= inventories/lab
# ARCHITECTURE=<name>: a file of architectures/; without it, what the inventory says
ifdef ARCHITECTURE
export THREETIER_ARCHITECTURE := $(ARCHITECTURE)
endif

LAB_PACKAGES := systemd-container mmdebstrap nftables iproute2 dnsmasq-base haproxy openssh-client util-linux procps \
  python3-venv
TEST_PACKAGES := chromium chromium-driver nmap git nginx-light testssl.sh graphviz

help: ## Say what there is
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

site: lab ## Build the application in the lab, from nothing or from whatever is there
	$(BIN)/ansible-playbook -i $(INVENTORY) playbooks/site.yml

teardown: teardown-site lab-down ## Remove the application, then the lab

teardown-site: venv
	$(BIN)/ansible-playbook -i $(INVENTORY) playbooks/teardown.yml -e teardown_confirm=$${THREETIER_STACK:-demo-app}

lab: packages venv ## Start the lab: the region on this machine
	$(BIN)/python -m lab up

lab-down: venv ## Stop the lab, whatever is in it
	$(BIN)/python -m lab down

status: venv ## Show each AWS resource of the lab and what is behind it
	@$(BIN)/python -m lab status

mail: venv ## Print the mails that the lab has sent, decoded, the newest last
	@$(BIN)/python -m lab mail

confirm: venv ## Follow the links by which mails of the lab ask to confirm a subscription
	@$(BIN)/python -m lab confirm

check: test-packages venv ## Lint, types and unit tests, side by side: the inner loop
	@$(MAKE) --jobs=2 --output-sync=target lint types unit

# Machines are waited for more than they compute, so what needs none runs beside them, at a lower priority. There is one
# lab for each machine, so what uses it is one after the other. The playbooks come last: they fill both processors.
test: test-packages venv ## Everything below, as CI does: what needs machines, and beside it what needs none
	@$(MAKE) --jobs=2 --output-sync=target test-machines test-api

test-machines:
	@$(MAKE) unit
	@$(MAKE) app
	@$(MAKE) packaging
	@$(MAKE) e2e

test-api:
	@nice $(MAKE) lint
	@nice $(MAKE) types
	@nice $(MAKE) sanity
	@nice $(MAKE) playbooks

docs: venv ## Make the roles' READMEs from their specs
	tests/docs write

hooks: venv ## Have git run the quick checks before each commit, and make check before each push
	$(BIN)/pre-commit install

lint: test-packages venv ## ruff, ansible-lint, changelog fragments, documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline --profile production
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.inner_tasks
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/antsibull-changelog lint
	@# The ceiling: it copies what git tracks, and would take nothing of the collections below $(VENV)
	PATH="$(CURDIR)/$(BIN):$$PATH" GIT_CEILING_DIRECTORIES="$(CURDIR)/$(VENV)" \
	  $(BIN)/antsibull-docs lint-collection-docs --plugin-docs .
	tests/docs

types: venv ## mypy --strict
	tests/types

sanity: test-packages venv ## ansible-test sanity, in a copy at the path it insists on
	tests/sanity/run

unit: test-packages images ## Modules, filters, the lab's parts: functions, without Ansible
	$(BIN)/pytest -n 2 --dist loadfile --cov --cov-report=term tests/unit

playbooks: test-packages venv ## The playbooks against the API alone, without machines
	$(BIN)/pytest -n 2 --dist loadfile tests/playbooks

compat: packages venv ## The warm connection beside the stock way; older ansible-core, and the newest of all on Debian 13 (not part of test)
	$(BIN)/pytest tests/compat/test_whole_stack.py
	tests/compat/releases 2.18 2.19.0 2.19
	$(BIN)/python -m tests.compat.debian13 tests/compat/newest

app: test-packages images ## The application on a real MySQL
	$(BIN)/python -m tests.mysql $(BIN)/pytest -n 2 --dist loadfile tests/app

packaging: test-packages images ## Built, imported as Galaxy does, installed elsewhere and run from there
	$(BIN)/pytest tests/packaging

e2e: test-packages venv ## The whole of it on a lab started from nothing, molecule included
	@# Those left out need long: fleet-test, uploads, restore-test
	$(BIN)/pytest tests/e2e --ignore tests/e2e/test_4c_patch.py --ignore tests/e2e/test_4f_uploads.py --ignore tests/e2e/test_4g_restore.py

walkthrough: test-packages venv ## Every command of docs/walkthrough, on a lab started from nothing
	$(BIN)/pytest -x tests/walkthrough

torture: venv ## Kill and throttle site.yml and teardown.yml at random (TORTURE="--rounds 5 --seed 7", --lab for machines)
	$(BIN)/python -m tests.torture $(TORTURE)

failovers: venv ## Fail the database over under load, by calls, kills and cuts; needs a lab with a site (FAILOVERS="--rounds 10")
	$(BIN)/python -m tests.failovers $(FAILOVERS)

walk: venv ## Each playbook against each state that another one leaves (part of test are the pairs that decide)
	THREETIER_WALK=whole $(BIN)/pytest -n 2 tests/playbooks/test_walk.py

bench: venv ## This collection beside raw boto3 and stock Ansible, on the API alone (BENCH="--runs 5"; not part of test)
	$(BIN)/python -m tests.bench $(BENCH)

bench-fleet: venv ## Seconds for each host to ping, gather and plan a patch, by the fleet's size; needs a lab with a site
	$(BIN)/python -m tests.bench.fleet $(if $(SIZES),--sizes $(SIZES))

bench-functions: venv ## Cold and warm starts of the lab's functions, on the API alone (BENCH="--runs 20")
	$(BIN)/python -m tests.bench.functions $(BENCH)

fleet-test: test-packages venv ## Patch a fleet of six under load, on a lab started from nothing
	PATCH_HOSTS=6 $(BIN)/pytest tests/e2e/test_4c_patch.py

uploads: test-packages venv ## A thousand uploads while the function fails one time in five, on a lab started from nothing
	THREETIER_UPLOADS=1000 $(BIN)/pytest tests/e2e/test_4f_uploads.py

restore-test: test-packages venv ## Bring back rows and files of before a bad moment, on a lab started from nothing
	$(BIN)/pytest tests/e2e/test_4g_restore.py

# Once for all that boot a guest, for two builds of one image at once are in each other's way.
images: packages venv
	@$(BIN)/python -m lab images

venv: $(VENV)/.stamp

$(VENV)/.stamp: $(REQUIREMENTS) | packages
	@echo "Making the virtual environment, once; about a minute …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS)
	@# The checkout is the installed collection: its modules and roles answer to threetier.aws.*
	@site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') && \
	mkdir -p $$site/ansible_collections/threetier && ln -sfn $(CURDIR) $$site/ansible_collections/threetier/aws && \
	ln -sfn $$site $(VENV)/collections
	@touch $@

packages:
	@tests/packages $(LAB_PACKAGES)

test-packages:
	@tests/packages $(LAB_PACKAGES) $(TEST_PACKAGES)

lock: venv ## Pin requirements/*.in anew
	$(BIN)/pip install --quiet pip-tools
	for part in main test; do \
	  $(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --annotation-style=line --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host -o requirements/$$part.txt requirements/$$part.in; done

.PHONY: help site teardown teardown-site lab lab-down status mail confirm check test test-machines test-api docs hooks lint types sanity unit playbooks compat app packaging e2e walkthrough torture failovers walk bench bench-fleet bench-functions fleet-test uploads restore-test images venv packages test-packages lock
