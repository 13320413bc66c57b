#!/usr/bin/env bash
# make test: everything that is checked in 25 minutes on two cores. Each runner prints its own
# closing line; the first failure ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo} python=${PYTHON:-python3}
target=${CARGO_TARGET_DIR:-target}

step() { printf '\n== %s\n' "$*"; }

# What the tests of the bindings are compiled with.
scripts/setup.sh csharp

# unit, golden JSON, store and repo suites, Pair harness, loopback with TLS, C programs, surface
step "Rust tests"
if $cargo nextest --version >/dev/null 2>&1; then
    $cargo nextest run --workspace
else
    $cargo test --workspace --lib --bins --tests
fi
step "examples in the documentation of the crates"
$cargo test --workspace --doc

# The Python tests and the demo want both programs where cargo puts them.
$cargo build --quiet --package tim --package timd

step "Python package, documents"
TIM_LIBRARY_PATH=$(realpath "$target/debug/libtim.so") TIMD=$(realpath "$target/debug/timd") \
    "$python" bindings/python/tests/run.py

step "reference pages"
scripts/setup.sh docs
"$python" scripts/reference.py "$target/docs"
tests/package/reference.sh

step "Python wheel, types"
# Of the debug library, so the name of the wheel's system is this one's.
scripts/wheel.sh .build/wheels "$target/debug/libtim.so"
scripts/test-wheel.sh "$target/debug/timd" .build/wheels/tim-*.whl

step "C#"
scripts/csharp.sh test "$target/debug/libtim.so"

step "interface of the last release"
scripts/abi.sh check
tests/package/checks.sh

step "what make install installs"
built=("$target/debug/libtim.so" "$target/debug/libtim.a" "$target/debug/timd")
tests/package/run.sh "${built[@]}"
tests/package/dist.sh "${built[@]}"

step "C programs under AddressSanitizer and valgrind"
scripts/sanitize.sh address
scripts/sanitize.sh valgrind

step "demo"
make --no-print-directory demo CARGO="$cargo" PYTHON="$python"
