#!/usr/bin/env bash
# What `make windows` leaves is found by CMake, and its programs run, with the DLL and without.
#
#   package.sh FOLDER      as scripts/windows.sh makes it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "windows: $*" >&2
    exit 1
}

cat >"$work/CMakeLists.txt" <<TXT
cmake_minimum_required(VERSION 3.21)
project(hello C)
find_package(Tim 0.1 CONFIG REQUIRED)
add_executable(shared $root/tests/package/hello.c)
target_link_libraries(shared tim::tim)
add_custom_command(TARGET shared POST_BUILD COMMAND_EXPAND_LISTS
    COMMAND \${CMAKE_COMMAND} -E copy \$<TARGET_RUNTIME_DLLS:shared> \$<TARGET_FILE_DIR:shared>)
add_executable(static $root/tests/package/hello.c)
target_link_libraries(static tim::static)
TXT
{
    cmake -S "$work" -B "$work/build" "-DCMAKE_TOOLCHAIN_FILE=$here/mingw.cmake" "-DCMAKE_PREFIX_PATH=$folder"
    cmake --build "$work/build"
} >"$work/log" 2>&1 || { cat "$work/log"; fail "CMake's build"; }
for kind in shared static; do
    mkdir "$work/$kind"
    "$root/scripts/windows.sh" run "$work/build/$kind.exe" "$work/$kind" | grep -q '^hello 0\.' ||
        fail "$kind.exe does not run"
    needs=$(x86_64-w64-mingw32-objdump -p "$work/build/$kind.exe" | grep -c 'DLL Name: tim.dll' || true)
    [ "$kind $needs" = "shared 1" ] || [ "$kind $needs" = "static 0" ] || fail "$kind.exe needs tim.dll $needs times"
    echo "windows: find_package(Tim), $kind"
done
