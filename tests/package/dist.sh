#!/usr/bin/env bash
# The archive that make dist makes is whole: its checksum is right, the same input gives the same archive,
# what is in it runs where it was unpacked, and no link in its documents leads nowhere.
#
#   dist.sh SHARED_LIBRARY STATIC_LIBRARY TIMD
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "dist: $*" >&2
    exit 1
}

# Without debug information, which takes long to compress.
folder=$work/linux-$(uname -m)
mkdir "$folder"
strip -o "$folder/libtim.so" "$1"
strip --strip-debug -o "$folder/libtim.a" "$2"
strip -o "$folder/timd" "$3"
archive=$("$root/scripts/dist.sh" "$folder" | tail -n 1)
(cd "$work" && sha256sum --quiet -c "$archive.sha256") || fail "the checksum is another archive's"
cp "$archive.sha256" "$work/first"
"$root/scripts/dist.sh" "$folder" >/dev/null
cmp -s "$archive.sha256" "$work/first" || fail "the same input gave another archive"

mkdir "$work/home"
tar -C "$work" -xzf "$archive"
cd "$work/$(basename "$archive" .tar.gz)"
export PKG_CONFIG_PATH=$PWD/lib/pkgconfig HOME=$work/home
for package in tim tim-static; do
    read -ra flags < <(pkg-config --cflags --libs "$package")
    cc "$here/hello.c" -o "$work/hello" "${flags[@]}"
    LD_LIBRARY_PATH=$PWD/lib "$work/hello" "$work/home" | grep -q '^hello 0\.' || fail "$package does not run"
done
bin/timd --version | grep -q '^timd 0\.' || fail "timd does not run"
"${PYTHON:-python3}" - <<'PY' || fail "its documents point at what is not there"
import re, sys
from pathlib import Path

lost = []
for page in Path().rglob("*.md"):
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not (page.parent / target).exists():
            lost.append(f"{page} points at {target}")
sys.exit("\n".join(lost) or 0)
PY
echo "dist: the archive is whole"
