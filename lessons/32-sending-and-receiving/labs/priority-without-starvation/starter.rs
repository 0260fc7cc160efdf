//! Moves messages from two queues to a third one: PROGRAM /URGENT /BULK /OUT

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, urgent, bulk, out] = &args[..] else {
        eprintln!("use: {} /URGENT /BULK /OUT", args[0]);
        std::process::exit(1);
    };
    // TODO: move the messages of `urgent` and `bulk` to `out`.
    println!("should move {urgent} and {bulk} to {out}");
    std::process::exit(1);
}
