#!/usr/bin/env bash
# All tests: `make test`. Arguments go to pytest: scripts/test.sh tests/spec -k merge
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export ZORGSPIEGEL_DATA=${ZORGSPIEGEL_DATA:-$PWD/../shared/data}
pytest() { .venv/bin/python -m pytest "$@"; }
if [ $# -gt 0 ]; then
  pytest "$@"
  exit
fi
# Apart: the kill tests start their own small processes and should not share a machine with Spark, and Playwright
# leaves an event loop running in its process, in which Django refuses to work.
pytest -q -n 2 --dist loadgroup -m "not browser" --ignore tests/walk/test_kills.py
pytest -q tests/walk/test_kills.py
pytest -q -m browser tests/web
