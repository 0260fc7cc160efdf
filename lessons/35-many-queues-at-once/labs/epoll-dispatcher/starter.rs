//! Moves messages from several queues into one: PROGRAM /OUT /IN...

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.len() < 2 {
        eprintln!("use: {} /OUT /IN...", args[0]);
        std::process::exit(1);
    }
    // TODO: open the queues, and move each message, until SIGTERM comes.
    println!("{} queues should be served", args.len() - 1);
    std::process::exit(1);
}
