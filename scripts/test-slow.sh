#!/usr/bin/env bash
# make test-all, what is beyond make test: everything that takes longer than people like to wait.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

step() { printf '\n== %s\n' "$*"; }

# The Pair harness again, with many more seeds than in make test.
step "long simulations"
TIM_SIM_SEEDS=${TIM_SIM_SEEDS:-2000} $cargo test --package tim-testkit --tests

step "C programs under ThreadSanitizer"
scripts/sanitize.sh thread
