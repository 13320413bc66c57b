#!/usr/bin/env bash
# make test-all, what is beyond make test: everything that takes longer than people like to wait.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

step() { printf '\n== %s\n' "$*"; }

# The Pair harness again, with many more seeds than in make test: lives of a million steps. What
# libtim is linked with for its size would only cost time here.
step "long simulations"
simulate() {
    TIM_SIM_SEEDS=${TIM_SIM_SEEDS:-$1} CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        $cargo test --package tim-testkit --release --test "$2"
}
simulate 3400 lives
simulate 1000 policies

step "schedules of several nodes"
make --no-print-directory schedules N="${TIM_SCHEDULES:-30000}" CARGO="$cargo"

step "the library for old systems"
$cargo build --quiet --package timd
tests/package/old_systems.sh "$(scripts/release.sh --shared | tail -n 1)" "${CARGO_TARGET_DIR:-target}/debug/timd"

step "Windows, by Wine"
make --no-print-directory test-windows CARGO="$cargo"

step "Linux on 64-bit ARM, in an emulator"
make --no-print-directory test-arm64 CARGO="$cargo"

# One after the other: each wants the machine for itself. What the machine does not permit is skipped,
# with a line that begins with "skipped:".
step "faults of the network and of the server"
scripts/setup.sh faults || echo "faults: without iproute2, nftables and libfaketime some are skipped"
PATH="$PATH:/usr/sbin:/sbin" $cargo test --package tim --test faults -- --ignored --nocapture --test-threads=1

step "C++ in a window and in GLib's main loop"
make --no-print-directory test-desktop CARGO="$cargo"

step "C# on CoreCLR"
$cargo build --quiet --package tim
scripts/csharp.sh coreclr "${CARGO_TARGET_DIR:-target}/debug/libtim.so"

step "C programs under ThreadSanitizer"
scripts/sanitize.sh thread

# With the compiler that ThreadSanitizer needed: another one than the tests use.
step "C++ as clang reads it"
for standard in c++17 c++20; do
    clang++-22 -std=$standard -fsyntax-only -Wall -Wextra -Werror -Iinclude -Ibindings/cpp \
        bindings/cpp/tests/features.cpp bindings/cpp/tests/scenarios.cpp
done
