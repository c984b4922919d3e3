#!/usr/bin/env bash
# Makes .venv with the locked dependencies and the three distributions; does nothing when it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

python=$(command -v python3.11 || command -v python3) || fail "Python 3.11 or later is needed: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python is older than Python 3.11"
# The folder is part of it: a .venv that was moved with its clone still points to the old place.
stamp=.venv/.locked-$({ pwd; cat requirements.lock */pyproject.toml; } | sha256sum | cut -c1-16)
[ -e "$stamp" ] && [ -x .venv/bin/python ] && exit 0

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  echo "setup: installing python3-venv"
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  apt_get() { $sudo env DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin" apt-get -q -o DPkg::Lock::Timeout=300 "$@" >/dev/null; }
  { apt_get update && apt_get install -y --no-install-recommends python3-venv; } \
    || fail "python3-venv could not be installed; install it yourself: apt-get install python3-venv"
fi
echo "setup: .venv with $(grep -c '==' requirements.lock) locked packages (about a minute)"
rm -f .venv/.locked-*
[ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
  || fail "the locked packages could not be installed"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  -e crds -e runtime -e operator || fail "the distributions could not be installed"
touch "$stamp"
echo "setup: done"
