#!/usr/bin/env bash
# Proves that the crate needs no std: a program with its own panic handler links and runs; and that
# the proof would notice: the same program with the feature `std` must fail to link for that reason.
set -euo pipefail
cd "$(dirname "$0")/../ci/no_std"

cargo run --quiet
echo "no_std: links and runs without std"

if output=$(cargo build --quiet --features std 2>&1); then
    echo "no_std: the program links although std is in it; the proof proves nothing" >&2
    exit 1
fi
if ! grep -qF 'found duplicate lang item `panic_impl`' <<<"$output"; then
    echo "no_std: the build with std fails, but not for a second panic handler:" >&2
    echo "$output" >&2
    exit 1
fi
echo "no_std: does not link with std"
