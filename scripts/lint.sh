#!/usr/bin/env bash
# Lint, format, types, import contracts and generated files: what can be known without running anything.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
step() { local name=$1 start=$SECONDS; shift; "$@" || { echo "lint: $name failed: $*" >&2; exit 1; }; echo "lint: $name ($((SECONDS - start)) s)"; }
whole() { ! git grep --line-number --extended-regexp "^(<<<<<<<|>>>>>>>) " -- . ":!scripts/lint.sh"; }
step "merges" whole
step "ruff" ruff check --quiet .
step "format" ruff format --check --quiet .
step "types" mypy --no-error-summary -p frametrace_api -p frame_tracking -p telemetry -p camera_runtime -p frametrace_operator
step "types of scripts" mypy --no-error-summary scripts
step "known weaknesses" bandit --quiet --recursive --configfile pyproject.toml crds runtime operator
step "import contracts" lint-imports --no-logo
step "generated files" scripts/generate.sh --check
