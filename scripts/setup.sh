#!/usr/bin/env bash
# Installs what the build and the tests need and this machine lacks. When all is there it does
# nothing and needs no network.
#
#   scripts/setup.sh               compilers and the like, for make demo and make test
#   scripts/setup.sh sanitizers    besides: what scripts/sanitize.sh tsan needs
#   scripts/setup.sh fuzz          besides: cargo-fuzz, for make fuzz
#   scripts/setup.sh faults        besides: what tests/faults needs to make bad networks
set -euo pipefail

MIN_RUST=1.95

# command:package, as Debian and Ubuntu call it.
base=(
    gcc:gcc g++:g++ make:make python3:python3 pkg-config:pkg-config nm:binutils cmake:cmake valgrind:valgrind
)
sanitizers=(clang-22:clang-22 llvm-symbolizer-22:llvm-22)

have() { command -v "$1" >/dev/null 2>&1; }

missing=()
want() {
    local entry
    for entry in "$@"; do
        have "${entry%%:*}" || missing+=("${entry#*:}")
    done
}

want "${base[@]}"
# A compiler without the C library's headers is no compiler.
if have gcc && ! echo '#include <stdio.h>' | gcc -E -xc - >/dev/null 2>&1; then
    missing+=(libc6-dev)
elif ! have gcc; then
    missing+=(libc6-dev)
fi
# Debian has these in folders that are not on everybody's path.
have nats-server || [ -x /usr/sbin/nats-server ] || missing+=(nats-server)
if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! have initdb; then
    missing+=(postgresql)
fi
if [ "${1:-}" = sanitizers ]; then
    want "${sanitizers[@]}"
    # Debian's compiler for the web browser is new enough, and its source package has the
    # standard library to rebuild.
    [ -x /usr/bin/rustc ] || missing+=(rustc-web)
    compgen -G '/usr/src/rustc-*/library/std/Cargo.toml' >/dev/null || missing+=(rust-web-src)
    compgen -G '/usr/lib/llvm-22/lib/clang/22/lib/linux/libclang_rt.tsan*' >/dev/null ||
        missing+=(libclang-rt-22-dev)
fi
if [ "${1:-}" = faults ]; then
    want ip:iproute2 nft:nftables
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
fi

if [ ${#missing[@]} -gt 0 ]; then
    if have apt-get; then
        as_root=()
        if [ "$(id -u)" -ne 0 ]; then
            if ! have sudo; then
                echo "setup: please install as root: apt-get install ${missing[*]}" >&2
                exit 1
            fi
            as_root=(sudo)
        fi
        echo "setup: installing ${missing[*]}"
        export DEBIAN_FRONTEND=noninteractive
        "${as_root[@]}" apt-get update -q </dev/null
        "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null
    else
        cat >&2 <<TXT
setup: this is neither Debian nor Ubuntu, so nothing was installed. Missing, by their Debian names:
    ${missing[*]}
On Fedora:     dnf install gcc gcc-c++ make cmake python3 pkgconf binutils valgrind postgresql-server
On Arch:       pacman -S --needed base-devel cmake python pkgconf valgrind postgresql
On macOS:      xcode-select --install (there is no valgrind; the library is tested on Linux only so far)
Then run this again.
TXT
        exit 1
    fi
fi

PATH="$PATH:$HOME/.cargo/bin"
if ! have cargo; then
    cat >&2 <<TXT
setup: Rust is missing. Install it with rustup, then open a new shell:
    https://rustup.rs
Version $MIN_RUST or newer is needed; a distribution's package is usually older.
TXT
    exit 1
fi
version=$(rustc --version | sed -E 's/^rustc ([0-9]+\.[0-9]+).*/\1/')
if [ "$(printf '%s\n' "$MIN_RUST" "$version" | sort -V | head -n 1)" != "$MIN_RUST" ]; then
    echo "setup: rustc $version is too old, $MIN_RUST is needed: rustup update" >&2
    exit 1
fi
if [ "${1:-}" = fuzz ] && ! have cargo-fuzz; then
    echo "setup: installing cargo-fuzz, which takes a minute"
    cargo install --locked --quiet cargo-fuzz
fi
echo "setup: all there (rustc $version)"
