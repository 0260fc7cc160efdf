//! Puts the orders 1 to COUNT on a queue, each once, however often it is killed: PROGRAM /NAME COUNT

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, count] = &args[..] else {
        eprintln!("use: {} /NAME COUNT", args[0]);
        std::process::exit(2);
    };
    let count: i64 = count.parse().expect("a number");
    // TODO: find or create the queue `name`; find out whether a living instance works on it; finish.
    println!("{name} should have {count} orders");
    std::process::exit(1);
}
