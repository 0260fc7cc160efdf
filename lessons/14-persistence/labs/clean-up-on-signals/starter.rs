//! A server that leaves nothing behind, no matter how it ends: PROGRAM [--anew] /NAME

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let (anew, name) = match &args[1..] {
        [flag, name] if flag == "--anew" => (true, name),
        [name] => (false, name),
        _ => {
            eprintln!("use: {} [--anew] /NAME", args[0]);
            return ExitCode::from(2);
        }
    };
    // TODO: create both objects, receive until an empty message or a signal comes, remove what is yours.
    println!("{name} should be made{}, and be gone at the end", if anew { " again" } else { "" });
    ExitCode::from(1)
}
