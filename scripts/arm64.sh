#!/usr/bin/env bash
# libtim for Linux on 64-bit ARM, built and tested on another processor.
#
#   arm64.sh library FOLDER   libtim.so, optimised, for this system's C library and newer (make arm64);
#                             make release ARCH=aarch64 makes one for older systems as well
#   arm64.sh test             the library and its tests, in an emulator (make test-arm64)
#
# The compiler is Debian's, which brings the source of the standard library. Everything goes below
# $CARGO_TARGET_DIR/arm64.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
cargo=${CARGO:-cargo}
triple=aarch64-unknown-linux-gnu
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(realpath "${CARGO_TARGET_DIR:-target}")/arm64
emulator="qemu-aarch64-static -L /usr/aarch64-linux-gnu"

cross() {
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    export CARGO_TARGET_DIR=$target CARGO_BUILD_TARGET=$triple
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=$emulator
    unset CARGO_ENCODED_RUSTFLAGS RUSTFLAGS
}

exports() { # LIBRARY
    diff <(scripts/symbols.sh | sort) <(nm -D --defined-only "$1" | cut -d ' ' -f 3 | sort) >&2 || {
        echo "arm64: libtim.so does not offer the functions of the header alone" >&2
        exit 1
    }
    echo "arm64: libtim.so offers the functions of the header alone"
}

case ${1:-} in
library)
    folder=$2
    (
        cross
        $cargo rustc -Zbuild-std=std,panic_unwind --release --package tim --lib --crate-type cdylib
    )
    exports "$target/$triple/release/libtim.so"
    install -D -m 755 "$target/$triple/release/libtim.so" "$folder/libtim.so"
    echo "$folder/libtim.so"
    ;;
test)
    (
        cross
        std=-Zbuild-std=std,panic_unwind,test
        $cargo build $std --package tim --lib
        RUST_BACKTRACE=0 $cargo test --quiet $std --package tim-core --package tim-protocol --package tim-wal --lib
    )
    library=$target/$triple/debug/libtim.so
    exports "$library"
    # The C programs, in the emulator; the server that they talk to is one of this machine.
    TIM_TEST_CC=aarch64-linux-gnu-gcc TIM_TEST_CXX=aarch64-linux-gnu-g++ TIM_TEST_RUNNER=$emulator \
        TIM_TEST_BUILT=$library $cargo test --package tim --test ffi -- --test-threads=2
    ;;
*)
    sed -nE '2,/^set/s/^# ?//p' "$0" >&2
    exit 2
    ;;
esac
