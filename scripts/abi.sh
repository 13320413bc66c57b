#!/usr/bin/env bash
# The binary interface of the last release, and whether programs that were compiled against it go on
# working.
#
#   abi.sh check [HEADERS]      compares the headers (include) with abi/; additions are fine
#   abi.sh write                make abi, for a release: the headers as they are now go into abi/
#
# abi/tim.abi has functions with their types, abi/constants.txt what libabigail cannot see: the numbers and
# texts of #define, and the types that no function uses by name.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:?check or write} headers=${2:-include}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The functions of the headers without anything in them: all that is compared of a library.
{
    echo '#include "tim_vendor.h"'
    awk '/^TIM_API( |$)/ { inside = 1 }
         inside { sub(/^TIM_API/, ""); end = sub(/;$/, " { __builtin_trap(); }"); print; if (end) inside = 0 }' \
        "$headers/tim.h" "$headers/tim_vendor.h"
} >"$work/functions.c"
${CC:-gcc} -w -g -fdebug-prefix-map="$work=." -fdebug-prefix-map="$PWD=." -fPIC -shared -nostdlib -I"$headers" \
    -Wl,-soname,libtim.so -o "$work/libtim.so" "$work/functions.c"
if [ "$headers" = include ] && ! diff <(scripts/symbols.sh | sort) \
    <(nm -D --defined-only "$work/libtim.so" | cut -d ' ' -f 3 | sort) >&2; then
    echo "abi: these are not functions of the ledger and of the headers both" >&2
    exit 1
fi

# Texts without what is behind them, in the order of the alphabet.
awk '$1 == "#define" && NF > 2 && $2 !~ /^TIM_(API|VERSION)/ && $2 !~ /\(/ || /^typedef [^(]*;$/' \
    "$headers/tim.h" "$headers/tim_vendor.h" | LC_ALL=C sort >"$work/constants.txt"

case $what in
write)
    abidw --no-comp-dir-path --no-corpus-path --no-show-locs --out-file abi/tim.abi "$work/libtim.so"
    cp "$work/constants.txt" abi/constants.txt
    echo "abi: abi/ has the interface as it is now"
    ;;
check)
    broken=false
    abidiff --no-added-syms --no-architecture abi/tim.abi "$work/libtim.so" >"$work/report" || broken=true
    LC_ALL=C comm -23 abi/constants.txt "$work/constants.txt" >"$work/lost"
    if $broken || [ -s "$work/lost" ]; then
        cat "$work/report" >&2
        while read -r line; do
            name=$(awk '{ print $1 == "typedef" ? $NF : $2 }' <<<"$line")
            now=$(awk -v name="${name%;}" '{ n = $1 == "typedef" ? $NF : $2; sub(/;$/, "", n) } n == name' \
                "$work/constants.txt")
            printf 'was: %s\nis:  %s\n' "$line" "${now:-gone}" >&2
        done <"$work/lost"
        cat >&2 <<'TXT'
abi: programs that were compiled against the last release would not work any more. Leave what was there as
    it was, and give a new function or number beside it. If it has to be, docs/releasing.md says how.
TXT
        exit 1
    fi
    echo "abi: what the last release had is there as it was"
    ;;
*)
    echo "usage: abi.sh check [HEADERS] | write" >&2
    exit 2
    ;;
esac
