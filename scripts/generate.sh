#!/usr/bin/env bash
# Writes every generated file, or with --check says which has drifted from its source.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m scripts.reference "$@"
.venv/bin/python -m scripts.release version "$@"
.venv/bin/python -m frametrace_api.crd "$@"
.venv/bin/python -m scripts.dashboards "$@"
.venv/bin/python -m scripts.chart "$@"
.venv/bin/python -m scripts.bench.page "$@"
.venv/bin/python -m scripts.bench.sizing "$@"
.venv/bin/python -m scripts.images.page "$@"
.venv/bin/python -m scripts.reference.cli "$@"
.venv/bin/python -m scripts.reference.metrics "$@"
.venv/bin/python -m scripts.reference.alerts "$@"
.venv/bin/python -m scripts.reference.rollback "$@"
