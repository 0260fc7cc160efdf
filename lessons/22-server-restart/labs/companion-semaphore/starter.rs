//! Two numbers in shared memory, and their companion semaphore: PROGRAM SHMKEY SEMKEY N

struct Numbers {
    count: u64,
    sum: u64,
}

fn update(numbers: &mut Numbers) {
    numbers.count += 1;
    std::thread::yield_now();
    numbers.sum += numbers.count;
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, _, _, n] = &args[..] else {
        eprintln!("use: {} SHMKEY SEMKEY N", args[0]);
        std::process::exit(2);
    };
    let mut numbers = Numbers { count: 0, sum: 0 };
    // TODO: keep the numbers in a segment, and guard them with a semaphore; with N = 0 remove both.
    for _ in 0..n.parse().expect("a number") {
        update(&mut numbers);
    }
    println!("count {}, sum {}", numbers.count, numbers.sum);
    std::process::exit(1);
}
