#!/usr/bin/env bash
# Writes the lock files: versions and hashes of every dependency, and no index or mirror.
# requirements.lock is the workspace with its developers' tools; the two beside the distributions are what their images install,
# and scripts/images/build.lock is what their wheels are built with.
#
# Locked versions stay, unless a bound no longer allows them: only what is new comes in, only what is gone leaves.
#   scripts/lock.sh --upgrade                     takes the newest of everything
#   scripts/lock.sh --upgrade-package NAME ...    the newest of what is named (and what it needs)
set -euo pipefail
cd "$(dirname "$0")/.."
ours=(frametrace-api frametrace frametrace-operator)
compile() { # TARGET SOURCE [options]: what TARGET holds already is kept
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    "${ours[@]/#/--no-emit-package=}" --output-file "$@"
}
compile requirements.lock pyproject.toml --group dev "$@"
# The images have what the workspace is tested with: its versions are their only choice.
compile runtime/requirements.lock runtime/pyproject.toml --constraint requirements.lock \
  --extra telemetry --extra capture --extra redis --extra rabbitmq --extra page
compile operator/requirements.lock operator/pyproject.toml --constraint requirements.lock
# What audits them has an environment of its own, with the same versions where both have a package.
compile scripts/supply/audit.lock scripts/supply/audit.in --constraint requirements.lock
.venv/bin/python -m scripts.images lock
