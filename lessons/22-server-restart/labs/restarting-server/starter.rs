//! A server that comes back: PROGRAM KEY

use ipc_workbook::sysv::msg::*;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, key] = &args[..] else {
        eprintln!("use: {} KEY", args[0]);
        std::process::exit(2);
    };
    let key = key_t::from_str_radix(key.trim_start_matches("0x"), 16).expect("a key in hexadecimal");
    // TODO: create the queue, whatever a predecessor has left; answer requests; remove it after SIGTERM.
    println!("the queue should have the key {key:#x}");
    std::process::exit(1);
}
