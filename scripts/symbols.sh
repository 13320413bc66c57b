#!/usr/bin/env bash
# Prints the name of every function that libtim exports: those of the ledger, and what some of them
# are called in the other library.
set -euo pipefail
cd "$(dirname "$0")/../include"
grep -vE '^(#|$)' symbols.txt | cut -d ' ' -f 1
sed -nE 's/^TIM_API [^(]*[ *]([A-Za-z0-9]+)\(.*/\1/p' tim_vendor.h
