#!/usr/bin/env bash
# Compiles requirements/*.in to *.txt with hashes, for every Python from 3.11 and every platform.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for name in base spark dev node; do
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    "requirements/$name.in" --output-file "requirements/$name.txt" "$@"
done
