#!/usr/bin/env bash
# Checks what would be published: sources, examples and pages, and nothing large.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=$((1024 * 1024))
files=$(cargo package --list --allow-dirty)
if grep -vE '^(src|examples)/|^(README|CHANGELOG|ARCHITECTURE)\.md$|^LICENSE-(MIT|APACHE)$|^Cargo\.(toml|toml\.orig|lock)$|^\.cargo_vcs_info\.json$' <<<"$files"; then
    echo "package: these files are not to be published" >&2
    exit 1
fi
for page in README.md CHANGELOG.md ARCHITECTURE.md LICENSE-MIT LICENSE-APACHE; do
    if ! grep -qxF "$page" <<<"$files"; then
        echo "package: $page is missing" >&2
        exit 1
    fi
done
cargo package --quiet --no-verify --allow-dirty
size=$(wc -c <"target/package/pod-lifecycle-$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml).crate")
echo "package: $(wc -l <<<"$files") files, $((size / 1024)) KiB compressed"
if [ "$size" -gt "$limit" ]; then
    echo "package: more than $((limit / 1024)) KiB" >&2
    exit 1
fi
