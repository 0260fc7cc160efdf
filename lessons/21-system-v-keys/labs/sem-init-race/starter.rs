//! Sells one of SEATS seats, which a semaphore counts: PROGRAM KEY SEATS

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, key, seats] = &args[..] else {
        eprintln!("use: {} KEY SEATS", args[0]);
        std::process::exit(2);
    };
    let key: i32 = key.parse().expect("a key");
    let seats: i16 = seats.parse().expect("a number of seats");
    // TODO: find or create the set, be sure that it has its value, and sell a seat.
    println!("the set with key {key} is to begin with {seats} seats");
    std::process::exit(3);
}
