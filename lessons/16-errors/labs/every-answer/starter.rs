//! Receives one message and handles every answer of the queue: PROGRAM /NAME SECONDS

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, seconds] = &args[..] else {
        eprintln!("use: {} /NAME SECONDS", args[0]);
        std::process::exit(2);
    };
    let seconds: i64 = seconds.parse().expect("a number of seconds");
    // TODO: open the queue, wait for a message until the deadline, write it, and close the queue.
    eprintln!("{name} may have a message within {seconds} seconds");
    std::process::exit(6);
}
