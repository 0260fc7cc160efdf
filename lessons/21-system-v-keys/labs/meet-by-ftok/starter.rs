//! Two roles that meet at a queue whose key is made from a file: PROGRAM server|client FILE ID [TEXT]

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (file, id, text) = match args[..] {
        [_, "server", file, id] => (file, id, None),
        [_, "client", file, id, text] => (file, id, Some(text)),
        _ => {
            eprintln!("use: {0} server FILE ID\n     {0} client FILE ID TEXT", args[0]);
            std::process::exit(2)
        }
    };
    // TODO: make the key, find or create the queue, and ask or answer.
    println!("with the key of {file} and {id}, {text:?} should be asked or answered");
    std::process::exit(1);
}
