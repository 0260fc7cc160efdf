//! Creates a queue, and knows whether it was the one that did: PROGRAM /NAME

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1) else {
        eprintln!("use: PROGRAM /NAME");
        return ExitCode::from(2);
    };
    // TODO: create the queue `name`; end with 0 if you did, 1 if it was there, 2 if neither.
    println!("nobody has created {name}");
    ExitCode::from(3)
}
