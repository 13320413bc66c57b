#!/usr/bin/env bash
# Runs the C programs of tests/c where memory errors and data races are seen. Closes with
# `NAME: N passed, N failed`.
#
#   sanitize.sh address     AddressSanitizer with leaks: library, programs, and examples/c/chat.c
#   sanitize.sh thread      ThreadSanitizer, with a standard library rebuilt for it
#   sanitize.sh valgrind    the ordinary library under valgrind
#
# A tool that cannot be had is a failure, unless TIM_SKIP_MISSING=1: then it is said and left out.
# Each has a target directory of its own, so that ordinary builds stay as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:?address, thread or valgrind}
cargo=${CARGO:-cargo} python=${PYTHON:-python3}
target=${CARGO_TARGET_DIR:-target}
triple=$(rustc -vV | sed -n 's/^host: //p')
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT

missing() {
    echo "$what: $1" >&2
    if [ "${TIM_SKIP_MISSING:-}" = 1 ]; then
        echo "$what: left out, as TIM_SKIP_MISSING asks" >&2
        exit 0
    fi
    exit 1
}

# Runs cargo test, and sums up its closing lines.
run() {
    local code=0
    "$@" 2>&1 | tee "$printed" || code=$?
    # A program that ends badly without a failed test, as after a race, counts as one.
    awk -v name="$what" -v code="$code" '/^test result:/ { passed += $4; failed += $6 }
        END { if (code && !failed) failed = 1; printf "%s: %d passed, %d failed\n", name, passed, failed }' "$printed"
    if [ "$code" -eq 0 ] && ! grep -qE '^test result: ok. [1-9]' "$printed"; then
        echo "$what: no test ran" >&2
        code=1
    fi
    return "$code"
}

case "$what" in
address)
    export CARGO_TARGET_DIR=$target/asan
    export RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address
    flags="-fsanitize=address -fno-omit-frame-pointer"
    run env TIM_TEST_CFLAGS="$flags" "$cargo" test --target "$triple" --package tim --test ffi
    # The C example too, as one half of the demo.
    library=$CARGO_TARGET_DIR/$triple/debug/deps/libtim.so
    scripts/place-library.sh --link "$library" .build/asan
    # shellcheck disable=SC2086
    ${CC:-gcc} -std=c99 -g $flags -Iinclude -o .build/asan/chat examples/c/chat.c \
        -L.build/asan -Wl,-rpath,"$PWD/.build/asan" -ltim
    "$python" examples/demo/run.py --timd "$target/debug/timd" --chat .build/asan/chat \
        --library "$(realpath "$target/debug/libtim.so")" >"$printed" ||
        { cat "$printed"; exit 1; }
    ;;
thread)
    scripts/setup.sh sanitizers || missing "the tools could not be installed"
    # Debian's rustc has its standard library's source beside it, vendored; rustup's cargo drives it.
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 CC=clang-22 CXX=clang++-22
    export CARGO_TARGET_DIR=$target/tsan
    linker=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$triple")_LINKER
    export "$linker=clang-22"
    export RUSTFLAGS="-Zsanitizer=thread -Zexternal-clangrt -Clink-arg=-fsanitize=thread"
    export TSAN_OPTIONS="suppressions=$PWD/scripts/tsan.supp"
    TSAN_OPTIONS+=" external_symbolizer_path=/usr/bin/llvm-symbolizer-22"
    # Here is where eight threads that call everything are looked at for longer.
    export TIM_TEST_SECONDS=${TIM_TEST_SECONDS:-30}
    run env TIM_TEST_CFLAGS=-fsanitize=thread "$cargo" test -Zbuild-std --target "$triple" \
        --package tim --lib --test ffi --test loopback
    ;;
valgrind)
    command -v valgrind >/dev/null || missing "valgrind is not installed: make setup"
    # ring's assembly makes false reports of undefined values by the dozen.
    runner="valgrind --quiet --undef-value-errors=no --leak-check=full --show-leak-kinds=definite"
    runner+=" --errors-for-leak-kinds=definite --error-exitcode=9"
    run env TIM_TEST_RUNNER="$runner" "$cargo" test --package tim --test ffi
    ;;
*)
    echo "usage: sanitize.sh address | thread | valgrind" >&2
    exit 2
    ;;
esac
