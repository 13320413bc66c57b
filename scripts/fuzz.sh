#!/usr/bin/env bash
# make fuzz: each fuzzer for a while, from the inputs that are checked in. What it finds new goes to
# .build/fuzz; an input that breaks a promise is left in fuzz/artifacts, its path is printed.
#
#   FUZZ_SECONDS=60 FUZZ_TARGETS="core frames json usersig" scripts/fuzz.sh
#   scripts/fuzz.sh --merge     puts what was found new into fuzz/corpus, as few inputs as will do
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
read -ra targets <<<"${FUZZ_TARGETS:-core frames json usersig}"
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/fuzz

scripts/setup.sh fuzz
PATH="$PATH:$HOME/.cargo/bin"
# The stable compiler, with what fuzzing needs unlocked.
export RUSTC_BOOTSTRAP=1

for name in "${targets[@]}"; do
    found=.build/fuzz/$name
    mkdir -p "$found"
    run=(cargo fuzz run --fuzz-dir fuzz --target-dir "$target" "$name")
    if [ "${1:-}" = --merge ]; then
        "${run[@]}" "fuzz/corpus/$name" "$found" -- -set_cover_merge=1 -use_counters=0 \
            -max_len=600
        continue
    fi
    printf '\n== %s, %s s\n' "$name" "$seconds"
    # Inputs that need 4 GB or 20 s are findings too.
    "${run[@]}" "$found" "fuzz/corpus/$name" -- -max_total_time="$seconds" -rss_limit_mb=4096 \
        -timeout=20 -max_len=4096 -print_final_stats=1 -verbosity=0
    echo "$name: nothing found"
done
