#!/usr/bin/env bash
# The tests that need real parts: builds them (cached), brings the local cluster up, runs everything, takes it down.
# After a failure the cluster stays up, to be looked into; `make cluster-down` takes it down.
set -euo pipefail
cd "$(dirname "$0")/.."
py=.venv/bin/python
as_root="$py -m scripts.cluster.privileges" # by sudo where the caller is not root
step() { local name=$1 start=$SECONDS; shift; echo "== $name"; "$@" || { echo "== FAILED: $name ($((SECONDS - start)) s)" >&2; exit 1; }; echo "== $name: $((SECONDS - start)) s"; }
step "real parts: Debian packages and Go programs" $py -m scripts.cluster build argocd
# Two at a time: these tests mostly wait, for servers that start and frames that come.
step "contract and acceptance" $py -m pytest tests/contract tests/acceptance -q -m "not cluster" -n 2 --dist loadfile
step "local cluster" $py -m scripts.cluster up
step "images" $as_root -m scripts.images load
step "end to end" $as_root -m pytest tests -q -m "cluster and not cluster_down and not prove"
step "taking the cluster down leaves nothing" $as_root -m pytest tests/e2e -q -m cluster_down
