#!/usr/bin/env bash
# Puts the shared library into a folder under the name that programs look for when they start (its
# soname) and under the one that the linker looks for.
#
#   place-library.sh [--link] LIBRARY FOLDER      --link: links to where it is, instead of a copy
set -euo pipefail
link=false
if [ "$1" = --link ]; then
    link=true
    shift
fi
library=$1 folder=$2
mkdir -p "$folder"
soname=$(readelf -d "$library" | sed -nE 's/.*\(SONAME\).*\[(.*)\].*/\1/p')
soname=${soname:-libtim.so}
if $link; then
    ln -sfn "$(realpath "$library")" "$folder/$soname"
else
    install -m 755 "$library" "$folder/$soname"
fi
if [ "$soname" != libtim.so ]; then
    ln -sfn "$soname" "$folder/libtim.so"
fi
