//! Sends a number to a child through a queue that has no name: PROGRAM /NAME

use std::process::exit;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match &args[1..] {
        [flag, fd] if flag == "--receive" => exit(receive(fd)),
        [name] => exit(send(name)),
        _ => {
            eprintln!("use: {} /NAME", args[0]);
            exit(2);
        }
    }
}

/// The child: it has a descriptor of the queue, and no name.
fn receive(fd: &str) -> i32 {
    // TODO: receive one message from the queue, and return the number in it.
    println!("this should receive from descriptor {fd}");
    1
}

fn send(name: &str) -> i32 {
    // TODO: create the queue, unlink its name, and start the child. Read the number from standard input,
    // send it to the child, and wait.
    println!("{name} should lose its name");
    1
}
