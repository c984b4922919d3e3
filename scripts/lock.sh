#!/usr/bin/env bash
# Writes the lock files: versions and hashes of every dependency, and no index or mirror.
# requirements.lock is the workspace with its developers' tools; the two beside the distributions are what their images install,
# and scripts/images/build.lock is what their wheels are built with.
set -euo pipefail
cd "$(dirname "$0")/.."
export_lock() { .venv/bin/uv export --quiet --frozen --no-emit-workspace --no-header --no-annotate --format requirements-txt "${@:2}" > "$1"; }
.venv/bin/uv lock --quiet
export_lock requirements.lock --all-packages --all-extras --group dev
export_lock runtime/requirements.lock --package frametrace --extra telemetry --extra capture --extra redis --extra rabbitmq
export_lock operator/requirements.lock --package frametrace-operator --no-dev
.venv/bin/python -m scripts.images lock
