#!/usr/bin/env bash
# tim.dll, built on Linux by MinGW.
#
#   windows.sh package FOLDER    libraries, header and CMake files for Windows, optimised (make windows)
#   windows.sh install DLL IMPORT_LIBRARY STATIC_LIBRARY FOLDER    the same of libraries that are there
#   windows.sh test              the library and its tests, by Wine (make test-windows)
#   windows.sh cargo …           cargo with what it needs to build, and to run by Wine
#   windows.sh run PROGRAM …     a program for Windows, by Wine
#
# The compiler is Debian's, which brings the source of the standard library; the code has to
# compile with it and with the one that everybody else has. Everything goes below
# $CARGO_TARGET_DIR/windows.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cargo=${CARGO:-cargo}
triple=x86_64-pc-windows-gnu
mkdir -p "${CARGO_TARGET_DIR:-$here/target}"
target=$(realpath "${CARGO_TARGET_DIR:-$here/target}")/windows

cross() {
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    export CARGO_TARGET_DIR=$target CARGO_BUILD_TARGET=$triple
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER="$here/scripts/windows.sh run"
    # Over .cargo/config.toml: here the system unwinds by tables through whatever it meets.
    export CFLAGS=-fasynchronous-unwind-tables
    unset CARGO_ENCODED_RUSTFLAGS RUSTFLAGS
}

# Wine 8 lacks a library of the system that every program in Rust needs: this one stands in for it,
# in tests only.
wine_for_tests() {
    export WINEPREFIX=$target/wine WINEDEBUG=${WINEDEBUG:--all} WINEPATH
    local standin=$target/standin
    if [ ! -e "$standin/bcryptprimitives.dll" ]; then
        mkdir -p "$standin/new.$$"
        x86_64-w64-mingw32-gcc -shared -O1 -o "$standin/new.$$/bcryptprimitives.dll" \
            "$here/tests/windows/standin.c" -ladvapi32
        mv "$standin/new.$$/bcryptprimitives.dll" "$standin/"
        rmdir "$standin/new.$$"
    fi
    if [ ! -e "$WINEPREFIX/ready" ]; then
        # Windows without a screen.
        wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f >/dev/null 2>&1
        # Written when Wine's server ends. Not every system has it on the path; then it ends by itself.
        wineserver -w 2>/dev/null || true
        touch "$WINEPREFIX/ready"
    fi
    WINEPATH=$(in_windows "$standin")${WINEPATH:+;$WINEPATH}
}

# Runs a command. Now and then Wine 8 ends a thread of a program by mistake and says "wine client error"; what
# failed then shows nothing about the program, so it is run again. Whatever else fails, fails.
despite_wine() { # LOG COMMAND …
    local log=$1 try
    shift
    for try in 1 2 3; do
        if "$@" 2>&1 | tee "$log"; then return 0; fi
        grep -q 'wine client error' "$log" || return 1
        echo "windows.sh: Wine failed, not the program: try $try"
    done
    return 1
}

in_windows() { printf 'Z:%s' "${1//\//\\}"; }

install_files() { # DLL IMPORT_LIBRARY STATIC_LIBRARY FOLDER
    local dll=$1 import=$2 static=$3 folder=$4 version
    version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$here/Cargo.toml")
    rm -rf "$folder"
    mkdir -p "$folder/bin" "$folder/lib/cmake/tim" "$folder/include"
    install -m 644 "$here/include/tim.h" "$here/include/tim_vendor.h" "$here/bindings/cpp/tim.hpp" \
        "$folder/include/"
    install -m 755 "$dll" "$folder/bin/tim.dll"
    install -m 644 "$import" "$folder/lib/libtim.dll.a"
    # For Microsoft's linker, of the functions in the header and nothing else.
    {
        echo 'LIBRARY tim.dll'
        echo 'EXPORTS'
        "$here/scripts/symbols.sh" | sort
    } >"$folder/lib/tim.def"
    llvm-dlltool-22 -m i386:x86-64 -d "$folder/lib/tim.def" -D tim.dll -l "$folder/lib/tim.lib"
    # A program may have an SQLite of its own: the library's gets other names.
    x86_64-w64-mingw32-nm "$static" 2>/dev/null |
        awk 'NF == 3 && $3 ~ /^(\.refptr\.)?sqlite3/ { print $3 }' | sort -u |
        sed -E 's/^((\.refptr\.)?)(.*)/\1\3 \1tim_\3/' >"$folder/lib/names"
    x86_64-w64-mingw32-objcopy --redefine-syms="$folder/lib/names" "$static" "$folder/lib/libtim.a"
    rm "$folder/lib/names"
    for file in TimConfig.cmake TimConfigVersion.cmake; do
        local from=$here/packaging/windows/$file.in
        [ -e "$from" ] || from=$here/packaging/$file.in
        sed -e "s/@VERSION@/$version/g" -e "s/@MAJOR_MINOR@/${version%.*}/g" -e "s/@MAJOR@/${version%%.*}/g" \
            "$from" >"$folder/lib/cmake/tim/$file"
    done
    install -m 644 "$here"/packaging/tim-config*.cmake "$folder/lib/cmake/tim/"
    install -m 644 "$here"/LICENSE-* "$folder/"
}

case ${1:-} in
cargo)
    cross
    exec "$cargo" "${@:2}"
    ;;
run)
    wine_for_tests
    exec wine "${@:2}"
    ;;
install)
    install_files "${@:2}"
    ;;
package)
    folder=$2
    cross
    cd "$here"
    # One after the other: alone each is smaller.
    for kind in cdylib staticlib; do
        $cargo rustc -Zbuild-std=std,panic_unwind --release --package tim --lib --crate-type $kind
    done
    built=$target/$triple/release
    install_files "$built/tim.dll" "$built/libtim.dll.a" "$built/libtim.a" "$folder"
    tests/windows/exports.sh "$folder"
    echo "$folder"
    ;;
test)
    cd "$here"
    # The standard library is the same for both, so it is built once.
    std=-Zbuild-std=std,panic_unwind,test
    (
        cross
        $cargo build $std --package tim --lib
        # Rules, protocol, local database, log, sockets: what is tested inside the crates.
        export RUST_BACKTRACE=0
        despite_wine "$target/unit.log" $cargo test --quiet $std --package tim --package tim-core \
            --package tim-protocol --package tim-wal --lib --no-fail-fast
    )
    built=$target/$triple/debug
    folder=$target/package
    install_files "$built/tim.dll" "$built/libtim.dll.a" "$built/libtim.a" "$folder"
    tests/windows/exports.sh "$folder"
    tests/windows/package.sh "$folder"
    TIM_WINDOWS=$folder despite_wine "$target/programs.log" \
        $cargo test --package tim --test windows -- --ignored --test-threads=2
    # The header as Microsoft's compiler sees it.
    for language in c c++; do
        clang-22 --target=x86_64-pc-windows-msvc -x $language -nostdinc++ -ffreestanding -fsyntax-only \
            -Wall -Wextra -Werror -I "$folder/include" tests/windows/header.c
    done
    # The list of the scenarios.
    programs=$target/programs
    mkdir -p "$programs"
    cp "$folder/bin/tim.dll" "$programs/"
    common=(-Wall -Wextra -Werror -I "$folder/include" -I examples/c)
    x86_64-w64-mingw32-gcc -std=c99 "${common[@]}" \
        tests/scenarios/scenarios.c "$folder/lib/libtim.dll.a" -o "$programs/c.exe"
    x86_64-w64-mingw32-g++-posix -std=c++17 -static "${common[@]}" -I bindings/cpp \
        bindings/cpp/tests/scenarios.cpp "$folder/lib/libtim.dll.a" -o "$programs/cpp.exe"
    running=()
    for program in c cpp; do
        TIM_SCENARIOS="$here/scripts/windows.sh run $programs/$program.exe" \
            despite_wine "$target/$program.log" \
            $cargo test --quiet --package tim --test scenarios -- --ignored named &
        running+=($!)
    done
    for program in "${running[@]}"; do wait "$program"; done
    ;;
*)
    sed -nE '2,/^set/s/^# ?//p' "$0" >&2
    exit 2
    ;;
esac
