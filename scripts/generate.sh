#!/usr/bin/env bash
# Writes every generated file, or with --check says which has drifted from its source.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m scripts.reference "$@"
