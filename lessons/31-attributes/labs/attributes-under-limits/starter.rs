//! Creates a queue with the attributes that the limits allow: PROGRAM /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]]

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, maxmsg, msgsize, ..] = &args[..] else {
        eprintln!("use: {} /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]]", args[0]);
        std::process::exit(1);
    };
    // TODO: create or open the queue `name`, report what it got, and execute the command.
    println!("{name} should get {maxmsg} {msgsize}");
    std::process::exit(1);
}
