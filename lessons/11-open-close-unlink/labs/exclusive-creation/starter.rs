//! Creates a queue, and reports whether this process was the one that created it: PROGRAM /NAME

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1) else {
        eprintln!("use: PROGRAM /NAME");
        return ExitCode::from(2);
    };
    // TODO: create the queue `name`; end with 0 if this process created it, 1 if it existed, 2 if neither.
    println!("nobody has created {name}");
    ExitCode::from(3)
}
