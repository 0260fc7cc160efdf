//! Hands over a queue without a name: PROGRAM give /NAME SOCKET, and PROGRAM take SOCKET

use std::process::exit;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[1..] {
        ["give", name, socket] => exit(give(name, socket)),
        ["take", socket] => exit(take(socket)),
        _ => {
            eprintln!("use: {0} give /NAME SOCKET, or {0} take SOCKET", args[0]);
            exit(2);
        }
    }
}

fn give(name: &str, socket: &str) -> i32 {
    // TODO: create the queue, unlink its name, send the line to it, send its descriptor through SOCKET.
    println!("{name} should go through {socket}");
    2
}

fn take(socket: &str) -> i32 {
    // TODO: receive a descriptor from the socket, and a number from the queue that it refers to.
    println!("a queue should come from {socket}");
    2
}
