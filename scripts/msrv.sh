#!/usr/bin/env bash
# Checks that the library builds with the Rust version that the manifest promises. Without that
# toolchain: that no dependency asks for a newer one, and that no syntax newer than it is used. (What
# is newer in the standard library is found by clippy's `incompatible_msrv`, which reads the manifest.)
set -euo pipefail
cd "$(dirname "$0")/.."

msrv=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
if cargo "+$msrv" --version >/dev/null 2>&1; then
    for features in --no-default-features "" --all-features; do
        # shellcheck disable=SC2086
        cargo "+$msrv" check --quiet --lib --target-dir target/msrv $features
    done
    echo "msrv: builds with Rust $msrv"
    exit 0
fi

cargo test --quiet --test tests -- --ignored --exact \
    manifest::no_dependency_needs_a_newer_rust_than_the_crate_itself
# Let chains came with 1.88.
if grep -rnE '^[^/]*\b(if|while)\b.*&& let |^\s*&& let ' src; then
    echo "msrv: let chains need Rust 1.88" >&2
    exit 1
fi
echo "msrv: Rust $msrv is not installed; no dependency asks for more than it"
