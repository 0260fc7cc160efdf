//! A critical section whose holder may be killed: PROGRAM KEY N

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, key, n] = &args[..] else {
        eprintln!("use: {} KEY N", args[0]);
        std::process::exit(2);
    };
    for n in 0..n.parse().expect("a number") {
        // TODO: take semaphore 0 of the set before the work, sched_yield; afterwards give it back, and count.
        println!("section {n}, guarded by the set with the key {key}");
    }
    std::process::exit(1);
}
