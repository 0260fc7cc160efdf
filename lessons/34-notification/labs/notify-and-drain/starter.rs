//! Receives the messages of a queue by notification: PROGRAM /NAME

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        std::process::exit(1);
    };
    // TODO: register with mq_notify, drain the queue `name`, and wait for the next notification.
    println!("{name} will be drained");
    std::process::exit(1);
}
