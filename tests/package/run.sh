#!/usr/bin/env bash
# What `make install` leaves is found and used as people do it: pkg-config, CMake, static, moved.
#
#   run.sh SHARED_LIBRARY STATIC_LIBRARY TIMD
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
shared=$(realpath "$1") static=$(realpath "$2") timd=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=c99 -Wall -Wextra -Werror -g)

fail() {
    echo "package: $*" >&2
    exit 1
}
runs() { # name, program…: it says hello and leaves nothing outside its folder
    mkdir -p "$work/home"
    HOME="$work/home" "${@:2}" "$work/home" | grep -q '^hello 0\.' || fail "$1 does not run"
    echo "package: $1"
}

"$root/scripts/install.sh" "$shared" "$static" "$work/first"
# The files name no absolute path.
mv "$work/first" "$work/prefix"
prefix=$work/prefix
if grep -rIl "$work/first" "$prefix/lib/pkgconfig" "$prefix/lib/cmake"; then
    fail "these name the folder that they were installed to"
fi

exported() { nm "$@" | awk 'NF == 3 && $2 ~ /^[TDBRVW]$/ { print $3 }' | sort; }
ledger=$("$root/scripts/symbols.sh" | sort)
[ "$(exported "$prefix/lib/libtim.a")" = "$ledger" ] || fail "libtim.a does not export the ledger's functions alone"
[ "$(exported -D --defined-only "$prefix/lib/libtim.so")" = "$ledger" ] ||
    fail "libtim.so does not export the ledger's functions alone"
echo "package: the functions of the ledger and no other symbols"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
read -ra cflags < <(pkg-config --cflags tim)
read -ra libs < <(pkg-config --libs tim)
read -ra static_flags < <(pkg-config --cflags tim-static)
read -ra static_libs < <(pkg-config --libs tim-static)
cc "${flags[@]}" "${cflags[@]}" "$here/hello.c" -o "$work/by-pkg-config" "${libs[@]}"
LD_LIBRARY_PATH=$prefix/lib runs "pkg-config, shared" "$work/by-pkg-config"

printf '#include <tim.hpp>\nint main() { return *tim::sdk_version() == 0; }\n' >"$work/version.cpp"
c++ -std=c++17 "${cflags[@]}" "$work/version.cpp" -o "$work/version" "${libs[@]}"
LD_LIBRARY_PATH=$prefix/lib "$work/version" || fail "a program with tim.hpp"
echo "package: C++"

cc "${flags[@]}" "${static_flags[@]}" "$here/hello.c" -o "$work/static" "${static_libs[@]}"
if readelf -d "$work/static" | grep -q libtim; then
    fail "the static program needs libtim.so"
fi
runs "pkg-config, static" "$work/static"

cc "${flags[@]}" "${static_flags[@]}" "$here/own_sqlite.c" -o "$work/own" "${static_libs[@]}"
# A ticket takes an app, which the server's first start makes.
"$timd" serve --listen 127.0.0.1:0 --data "$work/data" >"$work/ready" 2>"$work/log" &
server=$!
until grep -q ^READY "$work/ready"; do
    kill -0 $server || { cat "$work/log"; fail "timd does not start"; }
    sleep 0.05
done
kill $server
wait $server
mkdir "$work/own-data"
"$work/own" "$work/own-data" "$("$timd" usersig --user alice --data "$work/data")" >/dev/null ||
    fail "a program with a SQLite of its own"
[ -n "$(find "$work/own-data" -name '*.db')" ] || fail "the library's SQLite was not used"
echo "package: a program with a SQLite of its own, static"

for spelling in Tim tim; do
    mkdir "$work/$spelling"
    cat >"$work/$spelling/CMakeLists.txt" <<TXT
cmake_minimum_required(VERSION 3.13)
project(hello C)
find_package($spelling 0.1 CONFIG REQUIRED)
add_executable(shared $here/hello.c)
target_link_libraries(shared tim::tim)
add_executable(static $here/hello.c)
target_link_libraries(static tim::static)
TXT
    cmake -S "$work/$spelling" -B "$work/$spelling/build" "-DCMAKE_PREFIX_PATH=$prefix" >"$work/log" 2>&1 ||
        { cat "$work/log"; fail "find_package($spelling)"; }
    cmake --build "$work/$spelling/build" >"$work/log" 2>&1 || { cat "$work/log"; fail "CMake's build"; }
    runs "find_package($spelling), shared" "$work/$spelling/build/shared"
    runs "find_package($spelling), static" "$work/$spelling/build/static"
done
# Until 1.0 another minor version is another interface.
mkdir "$work/newer"
printf 'cmake_minimum_required(VERSION 3.13)\nproject(x NONE)\nfind_package(tim 0.99 CONFIG REQUIRED)\n' \
    >"$work/newer/CMakeLists.txt"
if cmake -S "$work/newer" -B "$work/newer/build" "-DCMAKE_PREFIX_PATH=$prefix" >/dev/null 2>&1; then
    fail "find_package(tim 0.99) found $(pkg-config --modversion tim)"
fi
echo "package: a newer version than this is not found"
