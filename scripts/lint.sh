#!/usr/bin/env bash
# make lint: nothing is run here, only read.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo} python=${PYTHON:-python3}

step() { printf '\n== %s\n' "$*"; }

step "formatting"
$cargo fmt --all --check
step "clippy"
$cargo clippy --workspace --quiet -- -D warnings
# Tests may unwrap: clippy knows that of test functions, but not of what they call.
$cargo clippy --workspace --all-targets --quiet -- -D warnings -A clippy::unwrap_used
step "generated files"
$cargo run --quiet --package xtask -- header --check
$cargo run --quiet --package xtask -- symbols --check
$cargo run --quiet --package xtask -- vendor --check
$cargo run --quiet --package xtask -- bindings --check
$cargo run --quiet --package xtask -- docs --check
step "documentation of the crates"
RUSTDOCFLAGS="-D warnings" $cargo doc --quiet --no-deps --workspace
step "Python"
# Into memory, so that no cache files are left.
find bindings/python examples scripts -name '*.py' -print0 | xargs -0 "$python" -c '
import sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        compile(file.read(), name, "exec", dont_inherit=True)
print(len(sys.argv) - 1, "files compile")
'
step "scripts"
for script in scripts/*.sh examples/demo/*.sh tests/package/*.sh tests/windows/*.sh .ci/run; do
    bash -n "$script"
done
if command -v shellcheck >/dev/null; then
    shellcheck scripts/*.sh examples/demo/*.sh tests/package/*.sh tests/windows/*.sh .ci/run
else
    echo "shellcheck is not installed: the scripts were only parsed"
fi
printf '\nlint: all good\n'
