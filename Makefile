# `make help` lists all there is. Every target installs what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ha-masters
UV := $(or $(shell command -v uv),$(CACHE)/uv/bin/uv)
PYTHON := .venv/bin/python
LAB := .venv/bin/lab
STACK ?= dev
IN_LAB = eval "$$($(LAB) env)";

.PHONY: help
help: ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(CACHE)/uv/bin/uv:
	@echo "Installing uv into $(CACHE)/uv"
	@python3 -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install --quiet uv

.venv/.installed: requirements.lock pyproject.toml | $(UV)
	@echo "Installing the locked Python packages into .venv"
	@[ -x .venv/bin/python ] || $(UV) venv --quiet --python ">=3.11" .venv
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --no-deps --editable .
	@touch $@

.PHONY: setup
setup: .venv/.installed ## The Python environment, in .venv

.PHONY: toolchain
toolchain: setup ## Engine and providers: found installed, or built from Go modules (cached)
	@$(PYTHON) -m lab.toolchain

.PHONY: machines
machines: setup ## What the lab's machines need: Debian's packages and their image (cached), as root
	@$(PYTHON) -m lab.machines

.PHONY: lab
lab: toolchain ## Google Cloud in a box, in the background: simulator, and machines where they can run
	@$(LAB) up

.PHONY: up
up: lab ## The main job: the lab, a stack of three replicas in it, and its nodes
	@$(IN_LAB) pulumi stack select --create $(STACK) && pulumi up --yes --stack $(STACK)
	@$(LAB) nodes --stack $(STACK)

.PHONY: preview
preview: lab ## What `make up` would change
	@$(IN_LAB) pulumi stack select --create $(STACK) && pulumi preview --stack $(STACK)

.PHONY: adopt
adopt: lab ## After an interrupted update of the lab's stack: `python -m admin adopt`, which takes in what was made and not recorded
	@$(IN_LAB) pulumi stack select --create $(STACK) && $(PYTHON) -m admin adopt --stack $(STACK)

.PHONY: status
status: lab ## How the lab's cluster is now, a line for each master: make status WATCH=--watch
	@$(IN_LAB) $(PYTHON) -m admin status --stack $(STACK) $(WATCH)

.PHONY: kubeconfig
kubeconfig: lab ## Writes the stack's kubeconfig into the lab's folder, and says how to use it
	@$(LAB) kubeconfig --stack $(STACK)

ARGS ?= get nodes
.PHONY: kubectl
kubectl: setup ## Asks the stack's API: make kubectl ARGS="get pods --all-namespaces"
	@$(LAB) client kubectl $(ARGS)

.PHONY: down
down: setup ## Stops the lab, machines too; its state stays for the next `make up`
	@$(LAB) down

.PHONY: model
model: setup ## Histories of operator, engine, planner and power in a model, for MINUTES: what breaks a promise is told as a story
	@$(PYTHON) -m tests.model $(MINUTES)
	@HA_MASTERS_WHOLE_MODEL=1 $(PYTHON) -m pytest -q -n 0 tests/node/planner

.PHONY: test
test: toolchain ## Lint, types, import contracts and all tests
	-@$(PYTHON) -m lab.machines
	@$(PYTHON) -m tests

.PHONY: lint
lint: setup ## Lint, format, types and import contracts only
	@$(PYTHON) -m tests --lint

STATE ?= tests/policies/state.three-masters.json
.PHONY: policies
policies: toolchain ## The policy pack on an exported state, offline: make policies STATE=state.json
	@eval "$$($(PYTHON) -m lab.toolchain env)"; $(PYTHON) -m policies.offline $(STATE)

.PHONY: crash-matrix
crash-matrix: toolchain ## Every call of every scenario fails or kills the engine once (hours; goes on where it was)
	@nice $(PYTHON) -m tests.crash --whole

.PHONY: edits
edits: toolchain ## Every edit of a living cluster in tests/edits/table.yaml, made and taken back (half an hour)
	@nice $(PYTHON) -m tests.edits

.PHONY: matrix
matrix: toolchain ## What `make test` has a sample of: the other transitions and cut-off updates on the real engine
	@nice $(PYTHON) -m pytest -q -n 2 -m matrix tests

.PHONY: addons
addons: toolchain ## Users' add-ons by Pulumi's provider of Kubernetes on a real API server, as root (the provider is built once, 13 minutes)
	@nice $(PYTHON) -m lab.toolchain.kubernetes provider
	@nice $(PYTHON) -m pytest -q -n 0 -m addons tests/addons

DRAW ?= 200
SEED ?= 1
.PHONY: hostile
hostile: toolchain ## Cut-off histories on the real engine: make hostile DRAW=200 SEED=1 (hours; goes on where it was)
	@HA_MASTERS_ALL_HISTORIES=1 nice $(PYTHON) -m pytest -q -n 0 tests/hostile/test_fixed.py
	@nice $(PYTHON) -m tests.hostile --draw $(DRAW) --seed $(SEED)

SEEDS ?= 1-100
.PHONY: robustness
robustness: toolchain ## Random histories of masters, judged by etcd's own robustness judge: make robustness SEEDS=1-100 (a minute each), as root
	@nice $(PYTHON) -m tests.robustness --seeds $(SEEDS)

.PHONY: acceptance
acceptance: setup ## The Google provider's own acceptance tests of the kinds in use, against the lab (an hour; goes on where it was)
	@nice -n 19 $(PYTHON) -m tests.acceptance

ONLY ?= .
.PHONY: conformance
conformance: toolchain machines ## Kubernetes' own conformance tests on one master and two workers, as root (an hour or two; goes on where it was): make conformance ONLY=sig-apps
	@nice $(PYTHON) -m tests.conformance --only '$(ONLY)'

.PHONY: cis
cis: ## The CIS benchmark's checks on the machines of the running lab, as root
	@$(PYTHON) -m tests.cis

.PHONY: live
live: toolchain machines ## Updates cut off and taken back, faults and repairs, on live machines (half an hour)
	@$(PYTHON) -m pytest -q -s -n 0 -m live tests/e2e tests/lab/machines tests/node/agent

.PHONY: story
story: toolchain machines ## The blog's story on twelve live machines, written down as docs/sessions/blog.txt
	@HA_MASTERS_STORY=docs/sessions/blog.txt $(PYTHON) -m pytest -q -s -n 0 -m live tests/e2e/test_blog.py

.PHONY: real-kernel
real-kernel: toolchain machines ## Machines on Debian's kernel with cgroups of version 2 alone, under QEMU (half an hour by emulation), as root
	@$(PYTHON) -m tests.real_kernel

.PHONY: bench
bench: toolchain ## The figures: preview, up of three, 1→3, 3→1
	@$(PYTHON) -m tests.bench

.PHONY: lock
lock: | $(UV) ## Renews requirements.lock from pyproject.toml
	@$(UV) pip compile pyproject.toml --extra dev --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet --output-file requirements.lock
