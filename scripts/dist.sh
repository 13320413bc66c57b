#!/usr/bin/env bash
# make dist: an archive of libraries, header and server, and its checksum, beside the folder that
# scripts/release.sh left.
#
#   dist.sh FOLDER      such as target/dist/linux-x86_64
set -euo pipefail
release=$1 dist=$(dirname "$1") system=$(basename "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$here/Cargo.toml")
name=libtim-$version-$system
[ "$system" = "linux-$(uname -m)" ] || export BINUTILS=${system#linux-}-linux-gnu-

rm -rf "${dist:?}/$name"
"$here/scripts/install.sh" "$release/libtim.so" "$release/libtim.a" "$dist/$name"
install -D -m 755 "$release/timd" "$dist/$name/bin/timd"
install -m 644 "$here"/LICENSE-* "$here/README.md" "$here/CHANGELOG.md" "$here/ARCHITECTURE.md" "$dist/$name/"
install -m 644 "$here/include/symbols.txt" "$dist/$name/include/"
# What the README and the header point at.
(cd "$here" && find docs examples bindings -type f ! -name '*.pyc' ! -path '*/tests/*' ! -path '*/.*') | while read -r file; do
    mode=644
    [ -x "$here/$file" ] && mode=755
    install -D -m "$mode" "$here/$file" "$dist/$name/$file"
done
# The same input gives the same archive.
time=$(git -C "$here" log -1 --format=%ct 2>/dev/null || echo 0)
tar -C "$dist" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" -cf - "$name" |
    gzip -n >"$dist/$name.tar.gz"
rm -r "${dist:?}/$name"
(cd "$dist" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$dist/$name.tar.gz"
