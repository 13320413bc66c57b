#!/usr/bin/env bash
# C# on Mono.
#
#   csharp.sh build FOLDER            Tim.Client.dll and the test programs, into a folder
#   csharp.sh nuget DIST [LIBRARY]    the NuGet package, into DIST/nuget
#   csharp.sh unity DIST [LIBRARY]    the Unity package, into DIST/unity
#   csharp.sh test LIBRARY            those that need no server; tests/scenarios.rs has the others
#   csharp.sh coreclr LIBRARY         those, and the scenarios, on CoreCLR in place of Mono
#
# The packages carry LIBRARY, or else what scripts/release.sh makes for Linux, and what of other systems is in DIST
# already; for Unity also the files that MACOS, ANDROID and IOS name.
set -euo pipefail
cd "$(dirname "$0")/.."

# C# 7.2 is what Unity compiles, and all that mcs knows.
compile() { mcs -warnaserror -langversion:7.2 -debug -optimize+ "$@"; }

build() {
    local out=$1 name
    mkdir -p "$out"
    compile -unsafe -target:library -out:"$out/Tim.Client.dll" bindings/csharp/Tim.Client/*.cs
    # The parts inside are tested from inside.
    compile -unsafe -out:"$out/unit.exe" bindings/csharp/Tim.Client/*.cs bindings/csharp/tests/unit/*.cs
    compile -r:"$out/Tim.Client.dll" -out:"$out/scenarios.exe" bindings/csharp/tests/Scenarios.cs
    compile -r:"$out/Tim.Client.dll" -out:"$out/receive.exe" bindings/csharp/bench/Receive.cs
    unity "$out"
    snippets "$out"
    for name in examples/csharp/*.cs; do
        compile -r:"$out/Tim.Client.dll" -out:"$out/$(basename "$name" .cs | tr '[:upper:]' '[:lower:]').exe" "$name"
    done
}

# The Unity package with stand-ins for Unity's types: as in the editor, and as in a player and on a phone.
unity() {
    local sources=(bindings/csharp/Tim.Client/*.cs bindings/unity/Runtime/*.cs bindings/unity/Samples~/Chat/*.cs bindings/unity/tests/Stubs.cs)
    compile -unsafe -d:UNITY_5_3_OR_NEWER -d:UNITY_EDITOR -out:"$1/unity.exe" "${sources[@]}" bindings/unity/tests/Loop.cs
    compile -unsafe -target:library -d:UNITY_5_3_OR_NEWER -out:"$1/player.dll" "${sources[@]}"
    compile -unsafe -target:library -d:UNITY_5_3_OR_NEWER -d:UNITY_IOS -out:"$1/ios.dll" "${sources[@]}"
    rm "$1"/player.dll* "$1"/ios.dll*
}

# The tests that need no server, in a folder, with whatever runs a program.
units() {
    local folder=$1 code=0
    shift
    # Nothing is written outside the folder; the unit tests say what they are.
    HOME=$folder LD_LIBRARY_PATH=$folder "$@" "$folder/unit.exe"
    HOME=$folder LD_LIBRARY_PATH=$folder timeout 60 "$@" "$folder/unit.exe" blocked-at-exit || code=$?
    [ "$code" -eq 3 ] || { echo "unit.exe blocked-at-exit: $code" >&2; return 1; }
}

# The programs in the documents.
snippets() {
    local work=$1/snippets file
    mkdir -p "$work"
    "${PYTHON:-python3}" bindings/csharp/tests/snippets.py "$work"
    for file in "$work"/program-*.cs "$work/fragments.cs"; do
        compile -r:"$1/Tim.Client.dll" -out:"$1/$(basename "$file" .cs).exe" "$file"
    done
    compile -unsafe -target:library -d:UNITY_5_3_OR_NEWER -out:"$work/unity.dll" bindings/csharp/Tim.Client/*.cs \
        bindings/unity/Runtime/*.cs bindings/unity/tests/Stubs.cs "$work"/unity-*.cs
}

# The first file of a name in folders, some of which may not be there.
first() { { find "${@:2}" -name "$1" 2>/dev/null || true; } | head -n 1; }

# PLATFORM=FILE of libraries that both packages take.
libraries() {
    local dist=$1 library=${2:-} dll
    [ -n "$library" ] || library=$(scripts/release.sh --shared | tail -n 1)/libtim.so
    echo "linux-x64=$library"
    dll=$(first tim.dll "$dist/windows")
    [ -z "$dll" ] || echo "win-x64=$dll"
}

case "${1:-}" in
nuget)
    dist=${2:?the folder for packages}
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    compile -unsafe -target:library -out:"$work/Tim.Client.dll" bindings/csharp/Tim.Client/*.cs
    mapfile -t libraries < <(libraries "$dist" "${3:-}")
    arm=$(first libtim.so "$dist/linux-aarch64" "$dist/arm64")
    [ -z "$arm" ] || libraries+=("linux-arm64=$arm")
    "${PYTHON:-python3}" scripts/nuget.py "$work/Tim.Client.dll" "$dist/nuget" "${libraries[@]}"
    ;;
unity)
    dist=${2:?the folder for packages}
    mapfile -t libraries < <(libraries "$dist" "${3:-}")
    [ -z "${MACOS:-}" ] || libraries+=("macos=$MACOS")
    [ -z "${ANDROID:-}" ] || libraries+=("android-arm64=$ANDROID")
    [ -z "${IOS:-}" ] || libraries+=("ios=$IOS")
    "${PYTHON:-python3}" scripts/unity.py "$dist/unity" "${libraries[@]}"
    ;;
build)
    build "${2:?the folder to build into}"
    ;;
test)
    library=$(realpath "${2:?the library}")
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    build "$work"
    ln -s "$library" "$work/libtim.so"
    units "$work" mono --debug
    "${PYTHON:-python3}" bindings/csharp/tests/packages.py "$work" "$library"
    ;;
coreclr)
    library=$(realpath "${2:?the library}")
    host=.build/coreclr/dotnet
    if [ ! -x "$host" ]; then
        "${PYTHON:-python3}" -m venv .build/coreclr/venv
        .build/coreclr/venv/bin/pip install --quiet --disable-pip-version-check dotnetcore2==3.1.23
        ln -s "$PWD"/.build/coreclr/venv/lib/python3*/site-packages/dotnetcore2/bin/dotnet "$host"
    fi
    # The runtime looks for itself beside the file that the link names.
    host=$(realpath "$host")
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    build "$work"
    ln -s "$library" "$work/libtim.so"
    cat >"$work/runtime.json" <<'JSON'
{
    "runtimeOptions": {
        "framework": { "name": "Microsoft.NETCore.App", "version": "3.1.0" },
        "configProperties": { "System.Globalization.Invariant": true }
    }
}
JSON
    units "$work" "$host" exec --runtimeconfig "$work/runtime.json"
    TIM_SCENARIOS="$host exec --runtimeconfig $work/runtime.json $work/scenarios.exe" \
        "${CARGO:-cargo}" test --package tim --test scenarios named -- --ignored
    ;;
*)
    echo "usage: csharp.sh build FOLDER | nuget DIST | unity DIST | test LIBRARY | coreclr LIBRARY" >&2
    exit 2
    ;;
esac
