//! Leaves shared memory behind that is complete as soon as it has a name: PROGRAM /NAME < CONTENTS

use std::io::Read;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME < CONTENTS", args[0]);
        return ExitCode::from(2);
    };
    let mut contents = Vec::new();
    std::io::stdin().read_to_end(&mut contents).expect("standard input");
    // TODO: put the bytes where nobody can see them yet, and then give them the name, if it is free.
    println!("{name} should have {} bytes", contents.len());
    ExitCode::from(1)
}
