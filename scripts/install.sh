#!/usr/bin/env bash
# Puts library, header, and what build systems ask for into a folder, as `make install` does.
#
#   install.sh SHARED_LIBRARY STATIC_LIBRARY PREFIX
#
# The files name no absolute path, so the folder can be moved.
set -euo pipefail
shared=$1 static=$2 prefix=$3
here=$(cd "$(dirname "$0")/.." && pwd)

version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$here/Cargo.toml")
major_minor=${version%.*}
soname=$(readelf -d "$shared" | sed -nE 's/.*\(SONAME\).*\[(.*)\].*/\1/p')
# What rustc says that the static library needs: rustc --print native-static-libs.
system='-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc'

fill() {
    sed -e "s/@VERSION@/$version/g" -e "s/@MAJOR_MINOR@/$major_minor/g" \
        -e "s/@MAJOR@/${version%%.*}/g" -e "s/@SONAME@/$soname/g" \
        -e "s/@SYSTEM_LIBRARIES@/$system/g" "$here/packaging/$1.in" >"$2/$1"
    chmod 644 "$2/$1"
}

mkdir -p "$prefix/include" "$prefix/lib/pkgconfig" "$prefix/lib/cmake/tim"
install -m 644 "$here/include/tim.h" "$here/include/tim_vendor.h" "$here/bindings/cpp/tim.hpp" \
    "$prefix/include/"
"$here/scripts/place-library.sh" "$shared" "$prefix/lib"
"$here/scripts/localise.sh" "$static" "$prefix/lib/libtim.a"
fill tim.pc "$prefix/lib/pkgconfig"
fill tim-static.pc "$prefix/lib/pkgconfig"
fill TimConfig.cmake "$prefix/lib/cmake/tim"
fill TimConfigVersion.cmake "$prefix/lib/cmake/tim"
install -m 644 "$here"/packaging/tim-config*.cmake "$prefix/lib/cmake/tim/"
