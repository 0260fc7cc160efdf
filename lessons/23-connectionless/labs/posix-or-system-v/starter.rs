//! POSIX or System V? Asks the kernel: PROGRAM COUNT SIZE BYTES

fn say(question: &str, verdict: bool) -> bool {
    println!("{question} {}", if verdict { "yes" } else { "no" });
    verdict
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let numbers: Vec<usize> = args[1..].iter().filter_map(|number| number.parse().ok()).collect();
    let [_count, _size, _bytes] = numbers[..] else {
        eprintln!("use: {} COUNT SIZE BYTES", args[0]);
        std::process::exit(2);
    };
    // TODO: try it, each in turn, and say what the kernel has said.
    let mut posix = say("queue posix", false);
    let mut system_v = say("queue system-v", false);
    posix &= say("memory posix", false);
    system_v &= say("memory system-v", false);
    say("told posix", false);
    say("told system-v", false);
    println!(
        "take {}",
        if system_v {
            "system-v"
        } else if posix {
            "posix"
        } else {
            "neither"
        }
    );
}
