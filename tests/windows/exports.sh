#!/usr/bin/env bash
# The libraries for Windows offer the functions of the header and nothing else, and tim.dll needs
# nothing that Windows does not have.
#
#   exports.sh FOLDER      as scripts/windows.sh makes it
set -euo pipefail
folder=$1
root=$(cd "$(dirname "$0")/../.." && pwd)

fail() {
    echo "windows: $*" >&2
    exit 1
}
same() { # what, list
    diff <("$root/scripts/symbols.sh" | sort) <(sort <<<"$2") >&2 ||
        fail "$1 does not offer the functions of the header alone (< header, > $1)"
    echo "windows: $1 offers the functions of the header alone"
}

tables=$(x86_64-w64-mingw32-objdump -p "$folder/bin/tim.dll")
same tim.dll "$(sed -nE '/Ordinal\/Name Pointer/,/^$/s/^\s+\[ *[0-9]+\] (\+base\[[ 0-9]+\]  *[0-9a-f]+ )?//p' <<<"$tables")"
for library in libtim.dll.a tim.lib; do
    same $library "$(x86_64-w64-mingw32-nm "$folder/lib/$library" 2>/dev/null | sed -nE 's/^[0-9a-f]+ T ([^.])/\1/p')"
done

system='advapi32|bcrypt|bcryptprimitives|crypt32|kernel32|ncrypt|msvcrt|ntdll|secur32|user32|userenv|ws2_32|api-ms-win-core-synch-l1-2-0'
foreign=$(sed -nE 's/^\s*DLL Name: (.*)\.dll$/\1/Ip' <<<"$tables" | grep -viE "^($system)$" || true)
[ -z "$foreign" ] || fail "tim.dll needs what not every Windows has: $foreign"
echo "windows: tim.dll needs libraries of Windows only"

clash=$(x86_64-w64-mingw32-nm "$folder/lib/libtim.a" 2>/dev/null | awk 'NF == 3 && $2 ~ /[A-Z]/ && $3 ~ /^sqlite3/ { print $3 }' | head -n 3)
[ -z "$clash" ] || fail "libtim.a clashes with a program's own SQLite: $clash"
