#!/usr/bin/env bash
# All tests: `make test`. Arguments go to pytest: scripts/test.sh tests/spec -k merge
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export ZORGSPIEGEL_DATA=${ZORGSPIEGEL_DATA:-$PWD/../shared/data}
exec .venv/bin/python -m pytest "$@"
