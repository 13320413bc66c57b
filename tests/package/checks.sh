#!/usr/bin/env bash
# What looks after packages sees what is broken: scripts/abi.sh another interface, scripts/check-glibc.sh
# functions and libraries that an old system lacks.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "checks: $*" >&2
    [ ! -f "$work/said" ] || cat "$work/said" >&2
    exit 1
}
refused() { # TEXT PROGRAM…: it ends with a failure and says the text
    if "${@:2}" >"$work/said" 2>&1; then
        fail "not seen: $1"
    fi
    grep -qE -- "$1" "$work/said" || fail "seen, but not said: $1"
}
accepted() {
    "$@" >"$work/said" 2>&1 || fail "refused: $*"
}

# The headers of the release, with something changed by sed.
changed() { # FILE EXPRESSION
    rm -rf "$work/include" "$work/said"
    cp -r "$root/include" "$work/include"
    sed -E -i "$2" "$work/include/$1"
    ! cmp -s "$root/include/$1" "$work/include/$1" || fail "nothing was changed by $2"
}
abi() { "$root/scripts/abi.sh" check "$work/include"; }
breaks() { # TEXT FILE EXPRESSION
    changed "$2" "$3"
    refused "$1" abi
    grep -q docs/releasing.md "$work/said" || fail "what to do is not said: $1"
}
breaks 'parameter 1 .* changed' tim.h 's/(int tim_init\()uint64_t /\1uint32_t /'
breaks 'parameter 1 .* was added' tim.h 's/int tim_uninit\(void\)/int tim_uninit(int how)/'
breaks 'return type changed' tim.h 's/int tim_uninit\(void/int64_t tim_uninit(void/'
breaks '\[D\].*tim_get_sdk_version' tim.h 's/tim_get_sdk_version\(void\)/tim_get_version(void)/'
breaks '\[D\].*TIMLogin' tim_vendor.h 's/^(TIM_API int )TIMLogin\(/\1TIMLogIn(/'
breaks 'void \(typedef int32_t' tim.h 's/^(typedef void \(\*tim_comm_callback\)\(int)32_t /\164_t /'
breaks 'is:  #define TIM_ERR_USER_SIG_EXPIRED 6207' tim.h 's/^(#define TIM_ERR_USER_SIG_EXPIRED) .*/\1 6207/'
breaks 'was: #define TIM_CONV_GROUP 2' tim.h '/^#define TIM_CONV_GROUP /d'
breaks 'is:  typedef int64_t tim_gender_type;' tim.h 's/^typedef int32_t (tim_gender_type;)/typedef int64_t \1/'
breaks 'is:  #define kTIMConv_C2C TIM_CONV_GROUP' tim_vendor.h 's/^(#define kTIMConv_C2C) .*/\1 TIM_CONV_GROUP/'
changed tim.h 's/^(#define TIM_CONV_GROUP) .*/&\n#define TIM_CONV_CROWD 99/
    s/^(TIM_API )?int tim_uninit\(void\);/&\nTIM_API int tim_more(int32_t how);/'
accepted abi
echo "checks: another interface is seen, and more of it is welcome"

library() { # C code, words for the compiler
    gcc -w -shared -fPIC -nostartfiles -xc - -xnone -Wl,--no-as-needed -o "$work/old.so" "${@:2}" <<<"$1"
}
glibc() { "$root/scripts/check-glibc.sh" 2.17 "$work/old.so"; }
library 'int gettid(void); int f(void) { return gettid(); }'
refused 'needs GLIBC_2.30 gettid' glibc
library 'int gettid(void) __attribute__((weak)); int f(void) { return gettid ? gettid() : 0; }'
refused 'needs GLIBC_2.30 gettid' glibc
gcc -shared -fPIC -Wl,-soname,libother.so -o "$work/libother.so" -xc /dev/null
library 'int f(void) { return 1; }' "$work/libother.so"
refused 'needs libother.so' glibc
library '#include <stdlib.h>
    int f(void) { return atoi("1"); }'
accepted glibc
refused 'Not an ELF file|not an ELF' "$root/scripts/check-glibc.sh" 2.17 "$0"
echo "checks: a library that needs a newer system is seen"
