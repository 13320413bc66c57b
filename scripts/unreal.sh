#!/usr/bin/env bash
# The plugin for Unreal Engine.
#
#   unreal.sh package OUT PLATFORM=WHAT…    an archive with these libraries: Linux=libtim.so, LinuxArm64=libtim.so,
#                                           Mac=libtim.dylib, Win64=FOLDER with bin/tim.dll and lib/tim.lib
#   unreal.sh compile FOLDER LIBRARY        without the engine, with stand-ins for it: FOLDER/driver is a program that
#                                           plays and has the scenarios; the build files are looked at too
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
source=$here/bindings/unreal
python=${PYTHON:-python3}

fail() {
    echo "unreal: $*" >&2
    exit 1
}

# The plugin's folder with headers and libraries where TimLibrary.Build.cs looks for them.
assemble() { # folder, PLATFORM=WHAT…
    local plugin=$1 entry platform what binaries
    mkdir -p "$plugin"
    cp -r "$source/Tim/." "$plugin/"
    install -D -m 644 -t "$plugin/Source/ThirdParty/TimLibrary/include" "$here/include/tim.h" "$here/bindings/cpp/tim.hpp"
    install -m 644 "$here"/LICENSE-* "$plugin/"
    for entry in "${@:2}"; do
        platform=${entry%%=*} what=${entry#*=}
        binaries=$plugin/Binaries/ThirdParty/TimLibrary/$platform
        case $platform in
        Linux | LinuxArm64)
            # Archives like this one have no links: the linker's name, and the one that programs look for.
            install -D -m 755 "$what" "$binaries/libtim.so"
            install -m 755 "$what" "$binaries/libtim.so.0"
            ;;
        Mac) install -D -m 755 "$what" "$binaries/libtim.dylib" ;;
        Win64)
            install -D -m 755 "$what/bin/tim.dll" "$binaries/tim.dll"
            install -m 644 "$what/lib/tim.lib" "$binaries/tim.lib"
            ;;
        *) fail "$platform is none of Linux, LinuxArm64, Win64, Mac" ;;
        esac
    done
}

package() { # OUT, PLATFORM=WHAT…
    local version out
    version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$here/Cargo.toml")
    grep -q "\"VersionName\": \"$version\"" "$source/Tim/Tim.uplugin" ||
        fail "Tim.uplugin has another version than Cargo.toml, which has $version"
    mkdir -p "$1"
    out=$(realpath "$1")/tim-unreal-$version.zip
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    assemble "$work/Tim" "${@:2}"
    # The same input gives the same archive.
    (cd "$work" && "$python" - "$out" <<'PY'
import sys, zipfile
from pathlib import Path

with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for path in sorted(p for p in Path("Tim").rglob("*") if p.is_file()):
        entry = zipfile.ZipInfo(path.as_posix(), (1980, 1, 1, 0, 0, 0))
        entry.external_attr = (path.stat().st_mode & 0xFFFF) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, path.read_bytes())
PY
    )
    echo "$out"
}

compile() { # FOLDER, LIBRARY
    local folder=$1 library=$2 plugin=$1/Tim stubs=$source/tests/stubs header flags
    "$python" "$source/tests/check.py" "$source/Tim"
    assemble "$plugin" "Linux=$library"
    # Headers of the engine that the stand-ins stand for, and what its header tool writes.
    while read -r header; do
        mkdir -p "$folder/engine/$(dirname "$header")"
        printf '#pragma once\n#include "Unreal.h"\n' >"$folder/engine/$header"
    done <"$stubs/headers.txt"
    grep -rhoE '\w+\.generated\.h' "$plugin/Source/Tim/Public" | while read -r header; do
        : >"$folder/engine/$header"
    done
    # As the engine compiles: no exceptions, no RTTI, shadowed names are errors, others' headers are not looked at.
    flags=(
        -fno-exceptions -fno-rtti -Wall -Wextra -Wshadow -Werror -pthread
        -D "TIM_API=__attribute__((visibility(\"default\")))" -isystem "$plugin/Source/ThirdParty/TimLibrary/include"
        -I "$plugin/Source/Tim/Public" -I "$plugin/Source/Tim/Private" -I "$stubs" -I "$folder/engine"
    )
    # Public headers, and programs of the document; C++17 is what 5.0 to 5.2 compile with; Windows has a part of its own.
    awk -v "folder=$folder" '/^```cpp/ { file = folder "/snippet" ++n ".cpp"; next } /^```/ { file = "" } file { print > file }' "$here/docs/unreal.md"
    : >"$folder/engine/Chat.generated.h"
    printf '#include "%s"\n' "$plugin"/Source/Tim/Public/*.h "$folder"/snippet[12].cpp >"$folder/headers.cpp"
    g++ -std=c++17 "${flags[@]}" -fsyntax-only "$folder/headers.cpp"
    g++ -std=c++20 -DPLATFORM_WINDOWS=1 "${flags[@]}" -fsyntax-only "$plugin/Source/Tim/Private/TimModule.cpp"
    # The engine compiles several files as one.
    printf '#include "%s"\n' "$plugin"/Source/Tim/Private/*.cpp >"$folder/unity.cpp"
    g++ -std=c++20 "${flags[@]}" "$folder/unity.cpp" "$source"/tests/{driver,scenarios}.cpp -o "$folder/driver" \
        -L "$plugin/Binaries/ThirdParty/TimLibrary/Linux" -ltim -Wl,-rpath,"$plugin/Binaries/ThirdParty/TimLibrary/Linux"
    rules "$folder"
    archive "$folder"
}

# What package makes: the same from the same, and whole.
archive() { # folder
    local archive name
    mkdir -p "$1"/some/{bin,lib}
    echo library | tee "$1/some/bin/tim.dll" "$1/some/lib/tim.lib" >"$1/some/library"
    archive=$(package "$1/package" "Linux=$1/some/library" "LinuxArm64=$1/some/library" "Mac=$1/some/library" "Win64=$1/some")
    mv "$archive" "$1/first.zip"
    package "$1/package" "Linux=$1/some/library" "LinuxArm64=$1/some/library" "Mac=$1/some/library" "Win64=$1/some" >/dev/null
    cmp -s "$archive" "$1/first.zip" || fail "the same input gave another archive"
    "$python" -m zipfile -l "$archive" >"$1/listed"
    for name in Tim.uplugin Source/Tim/Tim.Build.cs Source/ThirdParty/TimLibrary/include/tim.{h,hpp} \
        Binaries/ThirdParty/TimLibrary/{Linux/libtim.so.0,LinuxArm64/libtim.so,Mac/libtim.dylib,Win64/tim.dll,Win64/tim.lib}; do
        grep -q "^Tim/$name " "$1/listed" || fail "the archive lacks $name"
    done
    ! (package "$1/package" "Amiga=$1/some/library") 2>/dev/null || fail "a package for no platform"
}

# The build files: they compile, and name files that are there.
rules() { # folder with Tim
    local plugin=$1/Tim module platform added
    module=$plugin/Source/ThirdParty/TimLibrary
    mcs -warnaserror -out:"$1/rules.exe" "$source/tests/stubs/Rules.cs" "$plugin/Source/Tim/Tim.Build.cs" "$module/TimLibrary.Build.cs"
    mkdir -p "$plugin"/Binaries/ThirdParty/TimLibrary/{Win64,Mac}
    touch "$plugin"/Binaries/ThirdParty/TimLibrary/{Win64/tim.dll,Win64/tim.lib,Mac/libtim.dylib}
    for platform in Win64 Linux Mac; do
        added=$(mono "$1/rules.exe" "$module" "$plugin" "$platform") || fail "$platform: no rules"
        xargs ls -d >/dev/null <<<"$added" || fail "$platform: the rules name what is not there"
        [ "$(wc -l <<<"$added")" -ge 3 ] || fail "$platform: the rules lack something: $added"
    done
    # What is missing is said.
    ! mono "$1/rules.exe" "$module" "$plugin" LinuxArm64 2>"$1/missing" || fail "LinuxArm64: no library, and no error"
    grep -q 'LinuxArm64/libtim.so is missing' "$1/missing" || fail "LinuxArm64: $(cat "$1/missing")"
    ! mono "$1/rules.exe" "$module" "$plugin" Android 2>"$1/missing" || fail "Android: no error"
    grep -q 'no library for Android' "$1/missing" || fail "Android: $(cat "$1/missing")"
}

case "${1:-}" in
package) package "${2:?the folder for the archive}" "${@:3}" ;;
compile) compile "${2:?the folder to build into}" "$(realpath "${3:?the library}")" ;;
*) fail "unreal.sh package OUT PLATFORM=WHAT… | compile FOLDER LIBRARY" ;;
esac
