#!/usr/bin/env bash
# The library for old systems (make release) is one: it needs nothing of a newer C library, has the
# functions of the header, stays in memory, and does what the ordinary one does.
#
#   old_systems.sh FOLDER TIMD      what scripts/release.sh left
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=$(realpath "$1") timd=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "old systems: $*" >&2
    exit 1
}

"$root/scripts/check-glibc.sh" 2.17 "$folder"/libtim.so
[ "$(nm -D --defined-only "$folder/libtim.so" | cut -d ' ' -f 3 | sort)" = "$("$root/scripts/symbols.sh" | sort)" ] ||
    fail "libtim.so does not export the ledger's functions alone"
[ "$(readelf -dW "$folder/libtim.so" | grep -cE '\[libtim\.so\.0\]|NODELETE')" = 2 ] ||
    fail "libtim.so lacks its soname or may be unloaded"
! readelf -SW "$folder/libtim.so" | grep -qE '\.(symtab|debug)' || fail "libtim.so is not stripped"

"$root/scripts/place-library.sh" "$folder/libtim.so" "$work/lib"
mkdir "$work/home"
cc -std=c99 -Wall -Werror -I"$root/include" "$here/hello.c" -o "$work/hello" -L"$work/lib" -ltim
HOME=$work/home LD_LIBRARY_PATH=$work/lib "$work/hello" "$work/home" | grep -q '^hello 0\.' || fail "hello does not run"
cc -std=c99 -Wall -Werror -I"$root/include" "$root/examples/c/chat.c" -o "$work/chat" -L"$work/lib" \
    -Wl,-rpath,"$work/lib" -ltim
"${PYTHON:-python3}" "$root/examples/demo/run.py" --timd "$timd" --chat "$work/chat" \
    --library "$work/lib/libtim.so" >"$work/said" 2>&1 || { cat "$work/said"; fail "the demo does not run"; }
echo "old systems: the library chats here and needs nothing newer than glibc 2.17"
