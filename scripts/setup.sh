#!/usr/bin/env bash
# Makes .venv with the locked dependencies and the three distributions; does nothing when it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

python=$(command -v python3.11 || command -v python3) || fail "Python 3.11 or later is needed: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python is older than Python 3.11"
stamp=.venv/.locked-$(cat requirements.lock */pyproject.toml | sha256sum | cut -c1-16)
[ -e "$stamp" ] && exit 0

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  echo "setup: installing python3-venv"
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  { $sudo apt-get update -q && $sudo apt-get install -yq --no-install-recommends python3-venv; } >/dev/null \
    || fail "python3-venv could not be installed"
fi
echo "setup: .venv with $(grep -c '==' requirements.lock) locked packages (about a minute)"
[ -x .venv/bin/python ] || "$python" -m venv .venv
rm -f .venv/.locked-*
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
  || fail "the locked packages could not be installed"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  -e crds -e runtime -e operator || fail "the distributions could not be installed"
touch "$stamp"
echo "setup: done"
