#!/usr/bin/env bash
# Format, lint, types, import contracts, generated docs: `make check`. Says everything that is wrong, not only the first.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=.venv/bin
failed=0
run() {
  printf '== %s\n' "$1"
  shift
  "$@" || failed=1
}
run format $bin/ruff format --check .
run lint $bin/ruff check .
run types $bin/mypy
run contracts $bin/lint-imports
run docs $bin/python scripts/docs.py check
exit $failed
