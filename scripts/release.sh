#!/usr/bin/env bash
# make release: library and server as they are given to others. They run with glibc 2.17 and newer (Linux
# systems since 2014), whatever system builds them: zig brings the C compiler and the old libraries to
# link with.
#
#   release.sh [--shared] [ARCHITECTURE]      x86_64 or aarch64; without one, that of this machine
#
# Leaves libtim.so, libtim.a and timd in dist/linux-ARCHITECTURE of the target folder, and prints this
# folder in its last line. --shared: libtim.so alone.
set -euo pipefail
cd "$(dirname "$0")/.."
GLIBC=2.17
MOST_BYTES=$((4 * 1024 * 1024))

shared=false
if [ "${1:-}" = --shared ]; then
    shared=true
    shift
fi
architecture=${1:-$(uname -m)}
cargo=${CARGO:-cargo} target=${CARGO_TARGET_DIR:-target}
triple=$architecture-unknown-linux-gnu
built=$target/$triple/release
to=$target/dist/linux-$architecture

scripts/setup.sh release "$architecture" >&2
PATH=$PWD/.build/release/bin:$PATH:$HOME/.cargo/bin
# zig makes unwinding tables unless both are said; .cargo/config.toml tells why they are not needed.
export CFLAGS="-fno-asynchronous-unwind-tables -fno-unwind-tables"
# What the linker wrapper runs in turn.
export CARGO=$cargo CARGO_TARGET_DIR=$target

zigbuild() { cargo-zigbuild "$1" --release --target "$triple.$GLIBC" "${@:2}" >&2; }

rm -rf "$to"
mkdir -p "$to"
# Alone, a shared library and nothing else, it is a tenth smaller.
zigbuild rustc --package tim --lib --crate-type cdylib
install -m 755 "$built/libtim.so" "$to/"
ready=("$to/libtim.so")
if ! $shared; then
    zigbuild rustc --package tim --lib --crate-type staticlib
    install -m 644 "$built/libtim.a" "$to/"
    zigbuild build --package timd
    install -m 755 "$built/timd" "$to/"
    ready+=("$to/timd")
fi

scripts/check-glibc.sh $GLIBC "${ready[@]}" >&2
bytes=$(stat -c %s "$to/libtim.so")
if [ "$bytes" -gt $MOST_BYTES ]; then
    echo "release: libtim.so has $bytes bytes, $MOST_BYTES are allowed" >&2
    exit 1
fi
echo "$to"
