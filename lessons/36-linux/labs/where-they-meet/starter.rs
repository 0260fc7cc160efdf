//! Sends a message to a queue of the IPC namespace of a process, without entering it: PROGRAM PID /NAME TEXT

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, pid, name, text] = &args[..] else {
        eprintln!("use: {} PID /NAME TEXT", args[0]);
        std::process::exit(1);
    };
    // TODO: find out whose namespace it is, open the queue `name` there, and send `text`.
    println!("{text} should go to {name} of process {pid}");
    std::process::exit(1);
}
