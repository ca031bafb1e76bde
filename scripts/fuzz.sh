#!/usr/bin/env bash
# Builds the fuzz targets for libFuzzer and runs each for a bounded time, from its seeds on.
#
#   scripts/fuzz.sh [SECONDS [TARGET…]]     default: 60 seconds, every target
#
# Needs a C++ compiler and no cargo-fuzz; takes nightly where it is installed, stable otherwise. What is
# found on the way is kept in fuzz/corpus/<target>, what fails in fuzz/artifacts/<target>; a failure is
# replayed by giving its file to the program in place of the folders.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"

seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for source in fuzz_targets/*.rs; do
        targets+=("$(basename "$source" .rs)")
    done
fi

toolchain=
if cargo +nightly --version >/dev/null 2>&1; then
    toolchain=+nightly
fi
# A named target keeps the flags away from build scripts and proc macros.
host=$(rustc $toolchain -vV | sed -n 's/^host: //p')
# The flags that cargo-fuzz gives for coverage. No sanitizer: the crate has no unsafe code.
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module
 -Cllvm-args=-sanitizer-coverage-level=4
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
 -Cllvm-args=-sanitizer-coverage-pc-table
 -Cllvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS=${RUSTFLAGS//$'\n'/}
cargo $toolchain build --quiet --target "$host" --target-dir target/fuzz --bins

for target in "${targets[@]}"; do
    mkdir -p "corpus/$target" "artifacts/$target"
    echo "fuzz: $target for $seconds s"
    if ! "target/fuzz/$host/debug/$target" "corpus/$target" "seeds/$target" \
        -artifact_prefix="artifacts/$target/" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 >"artifacts/$target.log" 2>&1; then
        tail -n 60 "artifacts/$target.log" | cut -c -1000 >&2
        echo "fuzz: $target failed" >&2
        exit 1
    fi
    grep -E '^Done|^stat::(number_of_executed_units|new_units_added)' "artifacts/$target.log"
done
