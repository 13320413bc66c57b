#!/usr/bin/env bash
# Makes of a static library that cargo built one that shows nothing but the functions of the header:
# what it brings along (SQLite, ring, Rust's own library) cannot clash with what the program has.
#
#   localise.sh ARCHIVE OUTPUT      BINUTILS=aarch64-linux-gnu- for an archive of another machine
set -euo pipefail
archive=$1 output=$2 tools=${BINUTILS:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$(dirname "$0")/symbols.sh" >"$work/keep"
mapfile -t roots < <(sed 's/^/-u/' "$work/keep")
# One object of all that the functions need.
"${tools}ld" -r --gc-sections "${roots[@]}" -o "$work/all.o" "$archive"
# The bitcode in debug builds is of no use any more, and confuses tools that look for it.
"${tools}objcopy" --keep-global-symbols="$work/keep" --remove-section=.llvmbc --remove-section=.llvmcmd \
    "$work/all.o" "$work/tim.o"
rm -f "$output"
"${tools}ar" rcs "$output" "$work/tim.o"
