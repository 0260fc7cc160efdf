//! atexit functions run on return and exit, guards drop on return and panic, and a signal runs neither.
//!
//!     cargo run --bin atexit_demo
//!
//! Chapter: lessons/14-persistence. Manual pages: atexit(3), exit(3), _exit(2),
//! abort(3), signal(7). Previous: sigwait_demo. Next: producer.

use ipc_workbook::lesson::executed_as;
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::{call::Result, cli::complain, lesson, observe::Kind, signal, stdlib, unistd};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal::{SIGKILL, SIGTERM};
use std::ffi::{CStr, CString};
use std::process::ExitCode;
use std::sync::OnceLock;

/// A way to end; what the parent sees; how many names are left of the queue, which an atexit
/// function unlinks, and of the shared memory, which a guard unlinks.
const WAYS: [(&CStr, &str, i64, i64); 7] = [
    (c"return", "exited-0", 0, 0),
    (c"exit", "exited-0", 0, 1),
    (c"panic", "exited-101", 0, 0),
    (c"_exit", "exited-0", 1, 1),
    (c"abort", "SIGABRT", 1, 1),
    (c"SIGTERM", "SIGTERM", 1, 1),
    (c"SIGKILL", "SIGKILL", 1, 1),
];

fn main() -> ExitCode {
    // B executes this program again, so that it has a main to return from.
    if let Some([way, name]) = executed_as(c"end-by") {
        return end(&way, &name);
    }
    lesson!(|lesson| {
        let [mq_name, shm_name] = lesson.names([Kind::Queue, Kind::SharedMemory], "/atexit_queue")?;
        let queue = || mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 64)));
        let memory = || shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600);

        lesson.step("A creates a queue and shared memory. Process B should unlink them when it ends");
        let (mut mq, mut shm) = (queue()?, memory()?);
        lesson.look(&mq)?;

        for (way, end, mq_names, shm_names) in WAYS {
            let ending = way.to_string_lossy();
            lesson.step(&format!("B ends by {ending}"));
            let question = "An atexit function should unlink the queue. How many names are left of it?";
            lesson.predict(question, if mq_names == shm_names { &["0", "1", "2"] } else { &["1", "2", "0"] });
            let args = [c"atexit_demo", c"end-by", way, &mq_name];
            let b = lesson.process("B", |_| Ok(unistd::execv(c"/proc/self/exe", &args)?))?;
            let seen = b.end(lesson)?;
            let not = |names| if names == 0 { "" } else { "do-not-" };
            let queues = lesson.look(&mq)?.st_nlink();
            let id = format!("atexit-functions-{}run-on-{ending}", not(mq_names));
            lesson.claim(&id, queues.clone(), mq_names);
            let memories = lesson.look(&shm)?.st_nlink();
            lesson.claim(&format!("guards-{}drop-on-{ending}", not(shm_names)), memories.clone(), shm_names);
            lesson.claim(&format!("the-parent-of-{ending}-sees-{end}"), seen, end.replace('-', " "));
            mq = if queues == Ok(0) { queue()? } else { mq };
            shm = if memories == Ok(0) { memory()? } else { shm };
        }
        mq_close(mq)?;
        mq_unlink(&mq_name)?;
        unistd::close(shm)?;
        Ok(shm_unlink(&shm_name)?)
    })
}

// ANCHOR: b
static NAME: OnceLock<CString> = OnceLock::new();

extern "C" fn clean_up() {
    check("mq_unlink", NAME.get().map_or(Ok(()), |name| mq_unlink(name)));
}

struct Guard<'a>(&'a CStr);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        check("shm_unlink", shm_unlink(self.0));
    }
}

/// What B does: it registers the atexit function, holds the guard, and ends.
fn end(way: &CStr, name: &CStr) -> ExitCode {
    let _ = NAME.set(name.into());
    check("atexit", stdlib::atexit(clean_up));
    let _guard = Guard(name);
    check("setrlimit", setrlimit(Resource::RLIMIT_CORE, 0, 0)); // abort would leave a core file
    std::panic::set_hook(Box::new(|_| {})); // this panic is intended, and prints no message
    check("signal", signal::signal(SIGTERM)); // an ignored signal stays ignored in a new process
    let me = nix::unistd::getpid().as_raw();
    match way.to_bytes() {
        b"exit" => stdlib::exit(0),
        b"panic" => panic!("on purpose"),
        b"_exit" => unistd::_exit(0),
        b"abort" => stdlib::abort(),
        b"SIGTERM" => check("kill", signal::kill(me, SIGTERM)),
        b"SIGKILL" => check("kill", signal::kill(me, SIGKILL)),
        _ => {}
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: b

fn check(call: &str, result: Result<()>) {
    if let Err(errno) = result {
        complain(&format!("atexit_demo, process B: {call}: {errno:?}"));
    }
}
