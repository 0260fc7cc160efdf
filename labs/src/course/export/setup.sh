#!/bin/sh
# Installs what the grader takes, and builds it. Gradescope calls this once, as root, when
# the autograder is uploaded; what it prints is the log that the lecturer sees.
#
# The variable is for trying it elsewhere.
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
# What a submission in Rust is linked with.
cargo build --package ipc-workbook --lib --manifest-path "$autograder/source/workbook/Cargo.toml"

# The image is built elsewhere than it runs, so this is a hint and no verdict.
"$autograder/source/workbook/target/release/lab" doctor || echo "lab doctor has found something; see above"
