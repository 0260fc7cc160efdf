#!/bin/sh
# Installs what the grader needs, and builds the grader. Gradescope runs this script once, as
# root, when the autograder is uploaded. The lecturer sees its output as a log.
#
# AUTOGRADER is for tests on another machine.
set -eu

autograder=${AUTOGRADER:-/autograder}

if ! command -v cc >/dev/null; then
	apt-get update
	apt-get install -y build-essential
fi
PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
export PATH
if ! command -v cargo >/dev/null; then
	command -v curl >/dev/null || { apt-get update && apt-get install -y curl ca-certificates; }
	curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain @RUST@
fi

cargo build --release --package ipc-workbook-labs --manifest-path "$autograder/source/workbook/Cargo.toml"
# The library that submissions in Rust are linked with.
cargo build --package ipc-workbook --lib --manifest-path "$autograder/source/workbook/Cargo.toml"

# The image is built on another machine than it runs on, so this is only a hint.
"$autograder/source/workbook/target/release/lab" doctor || echo "lab doctor has found a problem; see above"
