# Every command of the repository; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
PY := .venv/bin/python
export CONTEXT

.PHONY: help setup demo demo-down test check lint audit unit prove bench release generate screenshots lock cluster-up cluster-down cluster-status

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: ## Make .venv: the locked dependencies, the three distributions, the developers' tools.
	@scripts/setup.sh

demo: setup ## A camera, two stages and every frame's journey on a real Kubernetes (CONTEXT=<name> uses yours).
	@$(PY) -m scripts.demo up

demo-down: setup ## Take the demo down again.
	@$(PY) -m scripts.demo down

check: setup lint audit unit ## The fast part of the tests: lint, types, contracts, generated files, known weaknesses, unit tests. No cluster.

lint:
	@scripts/lint.sh

audit: setup ## Known weaknesses of the locked packages, by pip-audit, where their list can be reached.
	@$(PY) -m scripts.supply.audit

unit:
	@$(PY) -m pytest tests/unit -q -n auto --dist loadfile

test: setup lint unit ## Everything, on real parts: contract, acceptance, end to end on the local cluster.
	@scripts/test.sh

prove: setup ## The long tables, in the background (they take the local cluster); results in docs/reference/.
	@$(PY) -m scripts.prove

bench: setup ## The benchmarks, one after the other; results in docs/reference/. (BENCH="--quick throughput" picks.)
	@$(PY) -m scripts.bench $(BENCH)

release: setup ## Write a version into dist/: wheels, images, chart, install.yaml, checksums. (REGISTRY=<name> is where images will be pulled from.)
	@$(PY) -m scripts.release $(if $(REGISTRY),--registry $(REGISTRY))

generate: setup ## Write the generated files: CRD, chart copy, reference pages.
	@scripts/generate.sh

screenshots: setup ## Take the pictures of the journey page for the documentation (docs/images).
	@$(PY) -m scripts.screenshots

lock: setup ## Write the lock files again, after a change of dependencies; locked versions stay (see CONTRIBUTING.md).
	@scripts/lock.sh

cluster-up: setup ## Bring the local cluster up (or repair it).
	@$(PY) -m scripts.cluster up

cluster-down: setup ## Take the local cluster down; nothing of it is left.
	@$(PY) -m scripts.cluster down

cluster-status: setup ## Show the local cluster's parts.
	@$(PY) -m scripts.cluster status
