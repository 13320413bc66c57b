#!/usr/bin/env bash
# What is undocumented or leads nowhere is no reference: scripts/reference.py refuses it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refused() { # TEXT FILE EXPRESSION: the file, changed by sed, is refused with the text
    rm -rf "$work/tree"
    mkdir -p "$work/tree/src/ffi"
    cp -r "$root/include" "$root/docs" "$work/tree/"
    cp -r "$root/src/ffi/enums" "$work/tree/src/ffi/"
    sed -E -i "$3" "$work/tree/$2"
    if "${PYTHON:-python3}" "$root/scripts/reference.py" --root "$work/tree" "$work/out" >"$work/said" 2>&1; then
        echo "reference: not seen: $1" >&2
        exit 1
    fi
    grep -qE -- "$1" "$work/said" || {
        cat "$work/said" >&2
        echo "reference: seen, but not said: $1" >&2
        exit 1
    }
}
refused "parameter 'user_sig'" include/tim.h '/^ \* @param user_sig /d'
refused "argument 'usersig' .* is not found" include/tim.h 's/@param user_sig/@param usersig/'
refused 'tim_uninit.* is not documented' include/tim.h '/^ \* Stops libtim/,/^ \*\/$/{/^ \*\/$/!d}'
refused 'lifecycle_no-such-heading' docs/limits.md '3s/^/[x](lifecycle.md#no-such-heading) /'
refused 'tim_no_such has no entry' include/symbols.txt '1s/^/tim_no_such session get yes yes 0.1.0\n/'
echo "reference: what is undocumented is seen"
