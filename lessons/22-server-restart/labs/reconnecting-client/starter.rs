//! A client that reconnects: PROGRAM KEY N

use ipc_workbook::sysv::msg::*;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, key, n] = &args[..] else {
        eprintln!("use: {} KEY N", args[0]);
        std::process::exit(2);
    };
    let key = key_t::from_str_radix(key.trim_start_matches("0x"), 16).expect("a key in hexadecimal");
    // TODO: make the requests 1 to n, and wait for each answer, whatever the server does meanwhile.
    println!("{n} requests are to go to the queue with the key {key:#x}");
    std::process::exit(1);
}
