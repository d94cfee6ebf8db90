#!/usr/bin/env bash
# Installs what a machine with only Python 3.11+ needs: `scripts/setup.sh product` or `scripts/setup.sh dev`.
# Safe to run again at any time. As root it installs system packages with apt; otherwise it says which are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
part=${1:?say product or dev}
python=${PYTHON:-python3}

say() { printf '%s\n' "zorgspiegel setup: $*"; }
fail() { printf '%s\n' "zorgspiegel setup: $*" >&2; exit 2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  fail "Python 3.11 or newer is needed. Install it, or say which one to use: make setup PYTHON=python3.12"

# --- system packages: asked for by what is missing, never by name alone ---------------------------------------
missing=()
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }
has_library libpango-1.0.so || missing+=(libpango-1.0-0)           # WeasyPrint draws the PDF reports with it
has_library libpangoft2-1.0.so || missing+=(libpangoft2-1.0-0)
has_library libharfbuzz-subset.so || missing+=(libharfbuzz-subset0)
[ -n "$(ls /usr/share/fonts/truetype 2>/dev/null)" ] || missing+=(fonts-dejavu-core)  # figures need one font at least
if [ "$part" = dev ]; then
  command -v java >/dev/null || missing+=(default-jre-headless)    # Spark, in the tests of both engines
  command -v chromium >/dev/null || missing+=(chromium)            # the real browser of the accessibility tests
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)  # the second database of the ledger
fi
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing system packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    fail "these system packages are missing: ${missing[*]}. Ask your administrator to run: apt-get install ${missing[*]}"
  fi
fi

# --- Python packages: pinned, with hashes ---------------------------------------------------------------------
[ -x .venv/bin/python ] || "$python" -m venv .venv
install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$@"; }
if [ "$part" = product ]; then
  say "installing Python packages (base)"
  install --require-hashes -r requirements/base.txt
  install --no-deps --no-build-isolation --no-index --editable .
else
  say "installing Python packages (tests, checks, Spark)"
  # PySpark is published as source only; it needs nothing but setuptools, which base.txt has installed.
  install --no-build-isolation --require-hashes -r requirements/dev.txt
fi

# --- the look: NL Design System from npm, and axe-core for the tests -------------------------------------------
if command -v node >/dev/null && command -v npm >/dev/null; then
  node=node npm=npm
else
  say "no node on this machine: installing it as a Python wheel"
  install --require-hashes -r requirements/node.txt
  export PATH="$PWD/.venv/bin:$PATH"
  node=node npm=npm
fi
omit=(); [ "$part" = dev ] || omit=(--omit=dev)
say "building the look (frontend)"
(cd frontend && "$npm" ci --silent --no-audit --no-fund --ignore-scripts "${omit[@]}" && "$node" build.mjs)

touch ".venv/.$part"
say "done"
