#!/usr/bin/env bash
# Says whether programs and libraries run on systems with an old C library: no function of a newer one is
# named, not even as one that may be missing, and no library but those that every such system has.
#
#   check-glibc.sh VERSION FILE…       such as 2.17, of 2012
set -euo pipefail
most=${1:?the version of glibc} status=0
shift
# Before 2.34 the C library came in several files. libgcc_s of that time knows GCC_4.8.0 at most.
libraries='^(lib(c|m)\.so\.6|libdl\.so\.2|libpthread\.so\.0|lib(rt|gcc_s)\.so\.1|ld-linux-(x86-64\.so\.2|aarch64\.so\.1))$'

newer() { # a > b
    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | tail -n 1)" = "$1" ]
}

for file in "$@"; do
    dynamic=$(readelf -dW "$file")
    symbols=$(readelf --dyn-syms -W "$file")
    found=$(
        sed -nE 's/.*\(NEEDED\).*\[(.*)\].*/\1/p' <<<"$dynamic" | { grep -vE "$libraries" || true; } |
            sed 's/^/needs /'
        readelf -VW "$file" | sed -nE '/^Version needs/,$s/.* Name: ([^ ]+) .*/\1/p' | sort -uV |
            while read -r version; do
                case $version in
                GLIBC_[0-9]*) newer "${version#GLIBC_}" "$most" || continue ;;
                GCC_[0-9]*) newer "${version#GCC_}" 4.8.0 || continue ;;
                esac
                echo "needs $version$(awk -v at="@$version" '
                    { n = index($8, at); if (n && substr($8, n) == at) printf " %s", substr($8, 1, n - 1) }
                ' <<<"$symbols")"
            done
    )
    if [ -n "$found" ]; then
        while read -r line; do
            echo "$file: $line" >&2
        done <<<"$found"
        status=1
    else
        echo "$file: runs with glibc $most"
    fi
done
[ $status -eq 0 ] || echo "check-glibc: build it by scripts/release.sh, or do without what is named" >&2
exit $status
