//! A service that gives out tickets: PROGRAM /NAME

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        std::process::exit(2);
    };
    // TODO: create the queue `name`, or open it if it exists; then answer requests.
    println!("{name} will be a service");
    std::process::exit(1);
}
