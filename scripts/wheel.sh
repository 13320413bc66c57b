#!/usr/bin/env bash
# make wheel: the Python package with the library in it. Leaves one wheel in the folder.
#
#   wheel.sh FOLDER [LIBRARY]
#
# Without LIBRARY, that of scripts/release.sh. The wheel's name tells for which systems it is:
# auditwheel reads from the library which C library it needs at least, manylinux_2_17 for a release.
# With a tim.dll it is a wheel for Windows.
set -euo pipefail
cd "$(dirname "$0")/.."
to=$1 library=${2:-}
scripts/setup.sh wheel
tools=$PWD/.build/wheel-tools/bin
if [ -z "$library" ]; then
    library=$(scripts/release.sh --shared | tail -n 1)/libtim.so
fi

# A folder of its own, so that nothing but what belongs into the wheel can get there.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/package/tim" "$work/built"
cp bindings/python/tim/*.py bindings/python/tim/py.typed "$work/package/tim/"
cp bindings/python/pyproject.toml bindings/python/hatch_build.py bindings/python/README.md LICENSE-* "$work/package/"
case $library in
*.dll)
    name=tim.dll tag=win_amd64
    cp "$library" "$work/$name"
    ;;
*)
    # Debug information is ten times the library.
    architecture=$(readelf -h "$library" | sed -nE 's/.*Machine: +(.*)/\1/p')
    case $architecture in
    *X86-64*) tag=linux_x86_64 binutils=x86_64-linux-gnu- ;;
    AArch64) tag=linux_aarch64 binutils=aarch64-linux-gnu- ;;
    *)
        echo "wheel: $library is for $architecture, which has no name among wheels" >&2
        exit 1
        ;;
    esac
    [ "$tag" != "linux_$(uname -m)" ] || binutils=
    name=libtim.so.0
    "${binutils}strip" --strip-unneeded -o "$work/$name" "$library"
    ;;
esac

mkdir -p "$to"
rm -f "$to"/tim-*.whl
export TIM_WHEEL_LIBRARY=$work/$name TIM_WHEEL_NAME=$name TIM_WHEEL_TAG=$tag
# The same input gives the same file.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 315532800)
export SOURCE_DATE_EPOCH
(cd "$work/package" && "$tools/python" -m hatchling build --target wheel --directory "$work/built") >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
if [ $name = tim.dll ]; then
    mv "$work"/built/*.whl "$to/"
else
    PATH=$tools:$PATH auditwheel repair --plat auto --wheel-dir "$to" "$work"/built/*.whl >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; exit 1; }
fi
ls "$to"/tim-*.whl
