//! Creates a queue with exactly the requested mode: PROGRAM /NAME MODE

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, mode] = &args[..] else {
        eprintln!("use: {} /NAME MODE", args[0]);
        std::process::exit(2);
    };
    let mode = u32::from_str_radix(mode, 8).expect("an octal mode");
    // TODO: create the queue `name` with this mode, whatever the umask is.
    println!("{name} should have mode {mode:04o}");
    std::process::exit(1);
}
