//! Creates a queue with the attributes that the limits allow: PROGRAM /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]]

use ipc_workbook::call::Errno;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_getattr, mq_open};
use libc::{O_CREAT, O_EXCL, O_RDWR, c_long};
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

fn create(name: &CStr, maxmsg: c_long, msgsize: c_long) -> Result<Mqd, Errno> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(maxmsg, msgsize)))
}

fn setting(name: &str) -> c_long {
    let text = std::fs::read_to_string(format!("/proc/sys/fs/mqueue/{name}")).expect("a setting");
    text.trim().parse().expect("a number")
}

/// Creates the largest queue that the settings and `RLIMIT_MSGQUEUE` allow.
fn create_largest(name: &CStr, maxmsg: c_long, msgsize: c_long) -> Result<Mqd, Errno> {
    let msgsize = msgsize.min(setting("msgsize_max"));
    let mut result = Err(Errno::EMFILE);
    for maxmsg in (1..=maxmsg.min(setting("msg_max"))).rev() {
        result = create(name, maxmsg, msgsize);
        if !matches!(result, Err(Errno::EMFILE)) {
            break;
        }
    }
    result
}

/// Creates the queue or opens it. Returns whether it existed.
fn get(name: &CStr, maxmsg: c_long, msgsize: c_long) -> Result<(Mqd, bool), Errno> {
    loop {
        let mut created = create(name, maxmsg, msgsize);
        if let Err(Errno::EINVAL | Errno::EMFILE) = created {
            created = create_largest(name, maxmsg, msgsize);
        }
        match created {
            Err(Errno::EEXIST) => {}
            created => return created.map(|mq| (mq, false)),
        }
        match mq_open(name, O_RDWR, 0, None) {
            // The queue was removed in between.
            Err(Errno::ENOENT) => {}
            opened => return opened.map(|mq| (mq, true)),
        }
    }
}

fn number(text: &str) -> Option<c_long> {
    text.parse().ok().filter(|n| *n > 0)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let wish = args.get(2..4).and_then(|wish| Some((number(&wish[0])?, number(&wish[1])?)));
    let Some((maxmsg, msgsize)) = wish else {
        eprintln!("use: PROGRAM /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]]");
        exit(2);
    };
    let name = CString::new(args[1].as_str()).expect("no NUL");
    let (mq, existing) = get(&name, maxmsg, msgsize).unwrap_or_else(|errno| {
        eprintln!("{}: {errno}", args[1]);
        exit(if errno == Errno::EMFILE { 3 } else { 1 });
    });
    let got = mq_getattr(&mq).expect("mq_getattr");
    let how = if existing {
        "existing"
    } else if (got.mq_maxmsg, got.mq_msgsize) == (maxmsg, msgsize) {
        "created"
    } else {
        "reduced"
    };
    println!("{how} {} {}", got.mq_maxmsg, got.mq_msgsize);
    let [command, arguments @ ..] = &args[4..] else { return };
    let fd = mq.as_fd().as_raw_fd();
    // dup2(3, 3) would leave FD_CLOEXEC set.
    // SAFETY: the queue has descriptor 3, or nothing in this program uses descriptor 3.
    let ready = unsafe { if fd == 3 { libc::fcntl(fd, libc::F_SETFD, 0) } else { libc::dup2(fd, 3) } };
    assert_ne!(ready, -1, "descriptor 3");
    let error = Command::new(command).args(arguments).exec();
    eprintln!("{command}: {error}");
    exit(1);
}
