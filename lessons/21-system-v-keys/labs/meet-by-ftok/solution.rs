//! Two roles that meet at a queue whose key is made from a file: PROGRAM server|client FILE ID [TEXT]

use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use std::ffi::CString;
use std::process::exit;

const QUESTION: i64 = 1;
const ANSWER: i64 = 2;
const LONGEST: usize = 1000;

fn serve(queue: i32) -> nix::Result<()> {
    let mut text = [0; LONGEST];
    let (length, _) = msgrcv(queue, &mut text, QUESTION, 0)?;
    text.make_ascii_uppercase();
    msgsnd(queue, ANSWER, &text[..length], 0)
}

fn ask(queue: i32, text: &str) -> nix::Result<()> {
    msgsnd(queue, QUESTION, text.as_bytes(), 0)?;
    msgrcv(queue, &mut [0; LONGEST], ANSWER, 0)?;
    // The server was done when it had sent this, so nobody needs the queue any more.
    msgctl(queue, IPC_RMID)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (file, id, text) = match args[..] {
        [_, "server", file, id] => (file, id, None),
        [_, "client", file, id, text] => (file, id, Some(text)),
        _ => {
            eprintln!("use: {0} server FILE ID\n     {0} client FILE ID TEXT", args[0]);
            exit(2)
        }
    };
    let path = CString::new(file).expect("no NUL");
    let key = ftok(&path, id.parse().expect("a number")).unwrap_or_else(|errno| {
        eprintln!("{file}: {}", errno.desc());
        exit(3)
    });
    // Whoever comes first creates it. Without IPC_EXCL nobody needs to know who that was.
    let queue = msgget(key, IPC_CREAT | 0o600).unwrap_or_else(|errno| {
        eprintln!("msgget: {}", errno.desc());
        exit(if errno == Errno::EACCES { 4 } else { 1 })
    });
    let met = match text {
        None => serve(queue),
        Some(text) => ask(queue, text),
    };
    if let Err(errno) = met {
        eprintln!("{}", errno.desc());
        exit(1);
    }
}
