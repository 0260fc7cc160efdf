//! Creates a queue: PROGRAM /NAME

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        std::process::exit(2);
    };
    // TODO: create the queue `name`.
    println!("{name} will be a queue");
    std::process::exit(1);
}
