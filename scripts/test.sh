#!/usr/bin/env bash
# The tests that need real parts: builds them (cached), brings the local cluster up, runs everything, takes it down.
set -euo pipefail
cd "$(dirname "$0")/.."
py=.venv/bin/python
step() { local name=$1 start=$SECONDS; shift; echo "== $name"; "$@" || { echo "== FAILED: $name ($((SECONDS - start)) s)" >&2; exit 1; }; echo "== $name: $((SECONDS - start)) s"; }
step "real parts: Debian packages and Go programs" $py -m scripts.cluster build
step "contract and acceptance" $py -m pytest tests/contract tests/acceptance -q -m "not cluster"
step "local cluster" $py -m scripts.cluster up
step "images" $py -m scripts.images load
step "end to end" $py -m pytest tests -q -m "cluster and not cluster_down"
step "taking the cluster down leaves nothing" $py -m pytest tests/e2e -q -m cluster_down
