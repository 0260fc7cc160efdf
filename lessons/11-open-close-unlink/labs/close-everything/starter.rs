//! Does one round for each line of standard input, and leaves nothing open: PROGRAM /NAME

use std::ffi::{CStr, CString};

fn one_round(name: &CStr) {
    // TODO: open the queue, the semaphore and the shared memory with this name; receive, write, post; close everything.
    println!("a round with {name:?}");
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        std::process::exit(2);
    };
    let name = CString::new(name.as_str()).expect("no NUL");
    for _line in std::io::stdin().lines() {
        one_round(&name);
    }
}
