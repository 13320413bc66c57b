#!/usr/bin/env bash
# make test-wheel: the wheel has what it should have and nothing else, its types hold, and installed
# into an empty environment it chats.
#
#   test-wheel.sh TIMD WHEEL
set -euo pipefail
cd "$(dirname "$0")/.."
timd=$(realpath "$1") wheel=$(realpath "$2")
tests=$PWD/bindings/python/tests
scripts/setup.sh wheel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
# From the folder alone: neither this tree nor another library may stand in.
unset PYTHONPATH TIM_LIBRARY_PATH LD_LIBRARY_PATH
export PYTHONDONTWRITEBYTECODE=1
cd "$work"
TIMD=$timd TIM_WHEEL=$wheel "$work/venv/bin/python" "$tests/wheel.py"
mypy=$(dirname "$tests")/../../.build/wheel-tools/bin/mypy
"$mypy" --strict --cache-dir "$work/cache" --python-executable "$work/venv/bin/python" \
    --package tim
"$mypy" --strict --cache-dir "$work/cache" --python-executable "$work/venv/bin/python" \
    "$tests/typed_sample.py"
