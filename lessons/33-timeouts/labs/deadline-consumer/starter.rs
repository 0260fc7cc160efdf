//! Receives messages until a deadline: PROGRAM /NAME MILLISECONDS

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, milliseconds] = &args[..] else {
        eprintln!("use: {} /NAME MILLISECONDS", args[0]);
        std::process::exit(1);
    };
    // TODO: receive messages from the queue `name` and write them, until the milliseconds are over.
    println!("{name} should be read for {milliseconds} milliseconds");
    std::process::exit(1);
}
