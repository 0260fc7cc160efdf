//! The shell scripts: real objects, real holders, real second users, in rooms of
//! their own, under each shell that Linux systems have for /bin/sh.

use ipc_workbook_testing::prelude::*;
use serde_json::Value;
use std::ffi::{CString, OsStr};
use std::fs;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

// --- the shells, and the scripts in them ---

/// A shell, and the tools it finds first.
struct Shell {
    program: &'static str,
    arguments: &'static [&'static str],
    tools: Option<Folder>,
}

/// One of the shells that are here, another one each day and for each test; all of them in the
/// exhaustive run. In CI all have to be here.
fn shells() -> Vec<Shell> {
    sample(shells_that_are_here(), &is_inside().unwrap_or_default(), 1)
}

fn shells_that_are_here() -> Vec<Shell> {
    let mut shells = Vec::new();
    for program in ["dash", "bash", "busybox"] {
        if !have(program) {
            skip(&format!("{program} is not installed"));
        } else if program == "busybox" {
            // Alpine: not the shell alone, all tools are busybox's.
            shells.push(Shell { program, arguments: &["sh"], tools: Some(busybox_tools()) });
        } else {
            shells.push(Shell { program, arguments: &[], tools: None });
        }
    }
    assert!(!shells.is_empty(), "there is no shell");
    shells
}

/// The first of them, where the shell is not what matters.
fn shell() -> Shell {
    shells().remove(0)
}

/// A folder with a link for each tool that busybox has.
fn busybox_tools() -> Folder {
    let folder = Folder::new("busybox");
    let list = run(Command::new("busybox").arg("--list"), 0);
    let path = std::env::split_paths(&std::env::var_os("PATH").expect("PATH"))
        .map(|folder| folder.join("busybox"))
        .find(|file| file.is_file())
        .expect("busybox");
    for tool in String::from_utf8_lossy(&list.stdout).lines() {
        symlink(&path, folder.join(tool)).expect("a link");
    }
    folder
}

impl Shell {
    /// A script, about to run.
    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.program);
        command.args(self.arguments).arg(format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR")));
        if let Some(folder) = &self.tools {
            let path = std::env::var_os("PATH").expect("PATH");
            let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(folders).expect("PATH"));
        }
        command.stdin(Stdio::null());
        command
    }

    /// What `list_ipc.sh --json` says.
    fn list(&self) -> Value {
        let output = run(self.script("list_ipc.sh").arg("--json"), 0);
        assert!(output.stderr.is_empty(), "{}", tell(&output));
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.program, tell(&output)))
    }

    /// `cleanup_ipc.sh` with these words; what it printed.
    fn clean(&self, words: &[&str]) -> String {
        let output = run(self.script("cleanup_ipc.sh").args(words), 0);
        assert!(output.stderr.is_empty(), "{}", tell(&output));
        text(&output.stdout)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The one object of this kind and name (or, System V, identifier).
fn object<'a>(list: &'a Value, kind: &str, name: &str) -> &'a Value {
    let mut found = list["objects"].as_array().expect("objects").iter().filter(|object| {
        let id = object["id"].as_i64().map(|id| id.to_string());
        object["kind"] == kind && (object["name"] == name || id.as_deref() == Some(name))
    });
    let first = found.next().unwrap_or_else(|| panic!("no {kind} {name} in {list:#}"));
    assert!(found.next().is_none(), "two {kind} {name} in {list:#}");
    first
}

fn count(list: &Value) -> usize {
    list["objects"].as_array().expect("objects").len()
}

// --- real objects ---

fn c(bytes: impl AsRef<[u8]>) -> CString {
    CString::new(bytes.as_ref()).expect("no NUL")
}

/// Turns -1 into a panic with errno.
fn ok(result: i32, call: &str) -> i32 {
    assert!(result != -1, "{call}: {}", std::io::Error::last_os_error());
    result
}

const NEW: i32 = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR;

/// Makes shared memory of 4096 bytes; it is held as long as the result lives.
fn shm(name: impl AsRef<[u8]>) -> OwnedFd {
    let name = c(name);
    // SAFETY: the name ends in a NUL, and the descriptor is new.
    unsafe {
        let fd = ok(libc::shm_open(name.as_ptr(), NEW, 0o600), "shm_open");
        ok(libc::ftruncate(fd, 4096), "ftruncate");
        OwnedFd::from_raw_fd(fd)
    }
}

/// Makes a queue, and gives its descriptor.
fn queue(name: impl AsRef<[u8]>) -> OwnedFd {
    let name = c(name);
    // SAFETY: mq_attr is plain numbers, the name ends in a NUL, the descriptor is new.
    unsafe {
        let mut attr: libc::mq_attr = std::mem::zeroed();
        attr.mq_maxmsg = 2;
        attr.mq_msgsize = 16;
        OwnedFd::from_raw_fd(ok(libc::mq_open(name.as_ptr(), NEW, 0o600, &raw const attr), "mq_open"))
    }
}

/// Makes a semaphore of this value, and holds it as long as the result lives.
fn semaphore(name: impl AsRef<[u8]>, value: u32) -> HeldSemaphore {
    let name = c(name);
    // SAFETY: the name ends in a NUL.
    let semaphore = unsafe { libc::sem_open(name.as_ptr(), NEW, 0o600, value) };
    assert!(semaphore != libc::SEM_FAILED, "sem_open: {}", std::io::Error::last_os_error());
    HeldSemaphore(semaphore)
}

struct HeldSemaphore(*mut libc::sem_t);

impl Drop for HeldSemaphore {
    fn drop(&mut self) {
        // SAFETY: it is open.
        unsafe { libc::sem_close(self.0) };
    }
}

/// Maps shared memory, and closes the descriptor. For the rest of the process.
fn map(fd: &OwnedFd) {
    use std::os::fd::AsRawFd;
    // SAFETY: a new mapping of 4096 bytes, which nothing else knows.
    let at = unsafe {
        libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, libc::MAP_SHARED, fd.as_raw_fd(), 0)
    };
    assert!(at != libc::MAP_FAILED, "mmap: {}", std::io::Error::last_os_error());
}

/// Calls `body`, which makes system calls only, in a process that has ended then.
fn elsewhere(body: impl FnOnce()) {
    // SAFETY: the child makes system calls only.
    unsafe {
        let child = ok(libc::fork(), "fork");
        if child == 0 {
            body();
            libc::_exit(0);
        }
        let mut status = 0;
        ok(libc::waitpid(child, &raw mut status, 0), "waitpid");
        assert_eq!(status, 0, "the other process failed");
    }
}

/// A system call that must succeed, in a process that cannot panic well.
fn must(result: i32) {
    if result == -1 {
        // SAFETY: it ends the process.
        unsafe { libc::_exit(1) };
    }
}

fn send(id: i32) {
    let message: [u8; 12] = [1, 0, 0, 0, 0, 0, 0, 0, b'h', b'i', b'!', 0];
    // SAFETY: a message of type 1 with four bytes.
    must(unsafe { libc::msgsnd(id, message.as_ptr().cast(), 4, 0) });
}

fn increment(id: i32) {
    let mut operation = libc::sembuf { sem_num: 0, sem_op: 3, sem_flg: 0 };
    // SAFETY: one operation.
    must(unsafe { libc::semop(id, &raw mut operation, 1) });
}

fn sv_queue() -> i32 {
    // SAFETY: a call with numbers only; so are the next two.
    ok(unsafe { libc::msgget(libc::IPC_PRIVATE, 0o600) }, "msgget")
}

fn sv_set(n: i32) -> i32 {
    // SAFETY: as above.
    ok(unsafe { libc::semget(libc::IPC_PRIVATE, n, 0o600) }, "semget")
}

fn sv_memory() -> i32 {
    // SAFETY: as above.
    let id = || ok(unsafe { libc::shmget(0x0011_2233, 4096, libc::IPC_CREAT | 0o600) }, "shmget");
    // Whoever makes it is on record.
    elsewhere(|| _ = id());
    id()
}

fn exists(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// One of each kind that nobody holds, and the three System V identifiers.
fn six_orphans() -> [i32; 3] {
    drop((shm("/memory"), semaphore("/semaphore", 259), queue("/queue")));
    let ids = [sv_queue(), sv_set(1), sv_memory()];
    elsewhere(|| {
        send(ids[0]);
        increment(ids[1]);
    });
    ids
}

fn remove_all() {
    for shell in shells().iter().take(1) {
        shell.clean(&["-y", "--in-use"]);
    }
}

// --- listing ---

#[test]
fn all_six_kinds_are_listed_with_what_is_in_them() {
    private(|| {
        let [queue, set, memory] = six_orphans();
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 6, "{list:#}");
            for (kind, name) in [("mq", "/queue"), ("sem", "/semaphore"), ("shm", "/memory")] {
                let object = object(&list, kind, name);
                assert_eq!(object["orphan"], true, "{} {object:#}", shell.program);
                assert_eq!(object["mode"], "0600");
                assert_eq!(object["holders"].as_array().map(Vec::len), Some(0));
            }
            for (kind, id) in [("svmsg", queue), ("svsem", set), ("svshm", memory)] {
                let object = object(&list, kind, &id.to_string());
                assert_eq!(object["orphan"], true, "{} {object:#}", shell.program);
                assert_eq!(object["mode"], "0600");
                assert_eq!(object["uid"], nix::unistd::geteuid().as_raw());
            }
            assert_eq!(object(&list, "sem", "/semaphore")["value"], 259);
            assert_eq!(object(&list, "shm", "/memory")["size"], 4096);
            assert_eq!(object(&list, "svmsg", &queue.to_string())["messages"], 1);
            assert_eq!(object(&list, "svmsg", &queue.to_string())["size"], 4);
            assert_eq!(object(&list, "svsem", &set.to_string())["values"], serde_json::json!([3]));
            assert_eq!(object(&list, "svshm", &memory.to_string())["key"], "0x00112233");
            assert_eq!(object(&list, "svshm", &memory.to_string())["attached"], 0);
        }
        remove_all();
    });
}

#[test]
fn a_queue_is_as_large_as_its_messages() {
    private(|| {
        let fd = queue("/queue");
        // SAFETY: two bytes are sent.
        ok(unsafe { libc::mq_send(std::os::fd::AsRawFd::as_raw_fd(&fd), c"ab".as_ptr(), 2, 0) }, "mq_send");
        for shell in shells() {
            assert_eq!(object(&shell.list(), "mq", "/queue")["size"], 2, "{}", shell.program);
        }
        drop(fd);
        remove_all();
    });
}

#[test]
fn an_unprivileged_user_sees_the_same_of_a_place_of_its_own() {
    let user = User::all().pop().expect("one user at least");
    private_as(user, Mqueue::Mounted, || {
        six_orphans();
        for shell in shells() {
            let list = shell.list();
            let objects = list["objects"].as_array().expect("objects");
            assert!(objects.iter().all(|object| object["orphan"] == true), "{} {list:#}", shell.program);
        }
        assert!(shell().clean(&["-y"]).contains("6 removed, 0 vanished, 0 kept, 0 failed"));
    });
}

#[test]
fn queues_that_cannot_be_seen_are_told() {
    private_as(User::Me, Mqueue::Absent, || {
        drop(shm("/memory"));
        drop(queue("/queue"));
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 1);
            let unseen = list["unseen"].to_string();
            assert!(unseen.contains("no mqueue file system is mounted"), "{unseen}");
            let table = text(&run(&mut shell.script("list_ipc.sh"), 0).stdout);
            assert!(table.contains("not seen: POSIX message queues"), "{table}");
            assert!(shell.clean(&["-n"]).contains("not seen: POSIX message queues"));
        }
        remove_all();
        // SAFETY: the name ends in a NUL.
        ok(unsafe { libc::mq_unlink(c"/queue".as_ptr()) }, "mq_unlink");
    });
}

// --- names ---

/// Names without the slash, as rude as they get.
const NAMES: &[&[u8]] = &[
    b"plain",
    b"two words",
    b" ends with a blank ",
    b"new\nline",
    b"\n",
    b"ends with a newline\n",
    b"-rf",
    b"--help",
    b"*",
    b"?[a-z]*",
    b"'single",
    b"\"double\"",
    b"$(touch executed)",
    b"`touch executed`",
    b"; touch executed",
    b"back\\slash\\0101\\n",
    b"tab\there",
    b"\x1b[31mred\x07",
    b"del\x7fete",
    b"\"quoted\"\n\\",
    b"%s%n",
    b"gr\xc3\xb6\xc3\x9fe",
    b"\xff\xfe\xc3",
    b"\xed\xa0\x80",
    b".hidden",
    b"...",
    b"a <==\nfour\n==> b",
    b"&amp;|<>",
];

/// What `printf %b` makes of it.
fn unescaped(text: &str) -> Vec<u8> {
    let output = Command::new("printf").args(["%b", text]).output().expect("printf");
    output.stdout
}

#[test]
fn every_name_is_told_exactly_and_removed() {
    private(|| {
        for shell in shells() {
            for name in NAMES {
                let whole = [b"/", *name].concat();
                drop((shm(&whole), semaphore(&whole, 7), queue(&whole)));
            }
            let list = shell.list();
            assert_eq!(count(&list), 3 * NAMES.len(), "{list:#}");
            for kind in ["mq", "sem", "shm"] {
                let objects = list["objects"].as_array().expect("objects");
                let told = objects.iter().filter(|object| object["kind"] == kind);
                let mut told: Vec<Vec<u8>> = told
                    .map(|object| {
                        let escaped = object["escaped"].as_str().expect("a string");
                        let bytes = unescaped(escaped);
                        assert_eq!(object["name"], String::from_utf8_lossy(&bytes).as_ref(), "{escaped}");
                        assert_eq!(object["orphan"], true, "{object:#}");
                        bytes
                    })
                    .collect();
                let mut wanted: Vec<Vec<u8>> = NAMES.iter().map(|name| [b"/", *name].concat()).collect();
                told.sort();
                wanted.sort();
                assert_eq!(told, wanted, "{} {kind}", shell.program);
            }
            // The one name that head's output could be mistaken in.
            for object in list["objects"].as_array().expect("objects") {
                if object["kind"] == "sem" {
                    let clear = !object["name"].as_str().is_some_and(|name| name.contains(" <=="));
                    assert_eq!(object["value"] == 7, clear, "{object:#}");
                }
            }
            let table = run(&mut shell.script("list_ipc.sh"), 0).stdout;
            let cleaned = shell.clean(&["-y"]);
            for byte in table.iter().chain(cleaned.as_bytes()) {
                assert!(matches!(byte, b'\n' | b' '..=b'~'), "{byte:#x} got through: {}", text(&table));
            }
            let removed = 3 * NAMES.len();
            let end = format!("{removed} removed, 0 vanished, 0 kept, 0 failed\n");
            assert!(cleaned.ends_with(&end), "{}: {cleaned}", shell.program);
            assert_eq!(leftovers(), Vec::<String>::new(), "{}", shell.program);
        }
    });
}

#[test]
fn a_glob_narrows_it_to_names_that_match() {
    private(|| {
        for shell in shells() {
            let set = sv_set(1);
            for name in ["/keep", "/lab-1", "/lab-2", "/x lab", "/lab*"] {
                drop((shm(name), semaphore(name, 0), queue(name)));
            }
            let table = text(&run(shell.script("list_ipc.sh").args(["--name", "lab-?"]), 0).stdout);
            assert!(table.contains("objects 6,"), "{}: {table}", shell.program);
            assert!(shell.clean(&["-y", "--name", "/lab\\*"]).contains("3 removed"), "{}", shell.program);
            assert!(shell.clean(&["-y", "--name", "lab-[0-9]"]).contains("6 removed"));
            assert!(shell.clean(&["-y", "--name", "sem.x*"]).contains("1 removed"));
            assert_eq!(count(&shell.list()), 6);
            assert!(shell.clean(&["-y", "--unseen"]).contains("6 removed"));
            assert!(!fs::read_to_string("/proc/sysvipc/sem").expect("the table").contains(&set.to_string()));
        }
    });
}

// --- what is no object ---

#[test]
fn links_directories_and_fifos_are_left_alone() {
    private(|| {
        let outside = Folder::new("outside");
        let victim = outside.join("victim");
        fs::write(&victim, "precious").expect("a file");
        drop(shm("/real"));
        symlink("nowhere", "/dev/shm/dangling").expect("a link");
        symlink(&victim, "/dev/shm/planted").expect("a link");
        symlink(&*outside, "/dev/shm/sem.planted").expect("a link");
        symlink("real", "/dev/shm/-l\nink").expect("a link");
        fs::create_dir("/dev/shm/directory").expect("a directory");
        fs::write("/dev/shm/directory/file", "").expect("a file");
        for name in ["/dev/shm/fifo", "/dev/shm/sem.fifo"] {
            nix::unistd::mkfifo(name, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
        }
        let _socket = std::os::unix::net::UnixListener::bind("/dev/shm/socket").expect("a socket");
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 1, "{list:#}");
            let other = list["other"].to_string();
            for what in ["dangling", "planted", "-l\\\\0012ink", "directory", "sem.fifo", "socket"] {
                assert!(other.contains(&format!("/dev/shm/{what}")), "{what}: {other}");
            }
            let cleaned = shell.clean(&["-n"]);
            assert!(cleaned.contains("kept: /dev/shm/planted: a symbolic link, not followed"), "{cleaned}");
            assert!(cleaned.contains("kept: /dev/shm/directory: a directory"), "{cleaned}");
        }
        let cleaned = shell().clean(&["-y", "--in-use"]);
        assert!(cleaned.contains("1 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
        assert_eq!(fs::read_to_string(&victim).expect("it is there"), "precious");
        assert_eq!(leftovers().len(), 8, "{:?}", leftovers());
        fs::remove_dir_all("/dev/shm/directory").expect("removed");
        for left in leftovers() {
            fs::remove_file(left).expect("removed");
        }
    });
}

// --- holders ---

#[test]
fn what_a_living_process_uses_is_kept_and_named() {
    private(|| {
        let me = std::process::id();
        for shell in shells() {
            let open = (shm("/open"), queue("/open"));
            map(&shm("/mapped"));
            let mapped = semaphore("/mapped", 1);
            let (sent, operated, attached) = (sv_queue(), sv_set(2), sv_memory());
            send(sent);
            increment(operated);
            // SAFETY: a new mapping, which nothing else knows.
            let at = unsafe { libc::shmat(attached, std::ptr::null(), 0) };
            drop(shm("/orphan"));

            let list = shell.list();
            for (kind, name) in [("shm", "/open"), ("mq", "/open"), ("shm", "/mapped"), ("sem", "/mapped")] {
                let object = object(&list, kind, name);
                assert_eq!(object["orphan"], false, "{} {object:#}", shell.program);
                assert_eq!(object["holders"], serde_json::json!([me]), "{} {object:#}", shell.program);
            }
            for (kind, id) in [("svmsg", sent), ("svsem", operated), ("svshm", attached)] {
                let object = object(&list, kind, &id.to_string());
                assert_eq!(object["orphan"], false, "{} {object:#}", shell.program);
                assert_eq!(object["holders"], serde_json::json!([me]), "{} {object:#}", shell.program);
            }
            let cleaned = shell.clean(&["-y"]);
            assert!(cleaned.contains("1 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
            for kept in ["shm /open", "mq /open", "shm /mapped", "sem /mapped"] {
                assert!(cleaned.contains(&format!("kept: {kept}: held by {me}\n")), "{cleaned}");
            }
            assert!(cleaned.contains(&format!("its last users live: {me}")), "{cleaned}");
            assert!(cleaned.contains("attachments: 1"), "{cleaned}");

            let cleaned = shell.clean(&["-y", "--in-use"]);
            assert!(cleaned.contains("7 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
            // SAFETY: it is attached there.
            unsafe { libc::shmdt(at) };
            drop((open, mapped));
        }
    });
}

#[test]
fn the_scripts_do_not_name_themselves() {
    private(|| {
        let held = shm("/name");
        let fd = std::os::fd::AsRawFd::as_raw_fd(&held);
        for shell in shells() {
            let mut command = shell.script("list_ipc.sh");
            // As after exec 5</dev/shm/name in the shell that runs it.
            // SAFETY: one system call.
            unsafe {
                command.pre_exec(move || {
                    if libc::dup2(fd, 5) == 5 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
                })
            };
            let output = run(command.arg("--json"), 0);
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let holders = &object(&list, "shm", "/name")["holders"];
            assert_eq!(*holders, serde_json::json!([std::process::id()]), "{}", shell.program);
        }
        drop(held);
        remove_all();
    });
}

#[test]
fn an_older_object_of_that_name_that_is_held_does_not_keep_the_new_one() {
    private(|| {
        let old = shm("/name");
        fs::remove_file("/dev/shm/name").expect("unlinked");
        drop(shm("/name"));
        for shell in shells() {
            let list = shell.list();
            assert_eq!(object(&list, "shm", "/name")["orphan"], true, "{} {list:#}", shell.program);
        }
        assert!(shell().clean(&["-y"]).contains("removed shm /name\n"));
        drop(old);
    });
}

#[test]
fn another_name_of_what_is_held_is_kept_too() {
    private(|| {
        let held = shm("/name");
        fs::hard_link("/dev/shm/name", "/dev/shm/other").expect("a link");
        for shell in shells() {
            assert_eq!(object(&shell.list(), "shm", "/other")["orphan"], false, "{}", shell.program);
        }
        drop(held);
        assert!(shell().clean(&["-y"]).contains("2 removed"));
    });
}

#[test]
fn a_queue_or_set_that_nobody_has_used_yet_is_kept() {
    private(|| {
        let (_queue, _set) = (sv_queue(), sv_set(1));
        for shell in shells() {
            let list = shell.list();
            for object in list["objects"].as_array().expect("objects") {
                assert_eq!(object["orphan"], Value::Null, "{object:#}");
            }
            assert!(shell.clean(&["-y"]).contains("nobody has used it yet"), "{}", shell.program);
            assert_eq!(count(&shell.list()), 2);
        }
        assert!(shell().clean(&["-y", "--unseen"]).contains("2 removed"));
    });
}

#[test]
fn who_waits_for_a_semaphore_uses_it() {
    private(|| {
        let set = sv_set(1);
        elsewhere(|| increment(set));
        // SAFETY: the child makes system calls only.
        let child = unsafe { ok(libc::fork(), "fork") };
        if child == 0 {
            let mut operation = libc::sembuf { sem_num: 0, sem_op: -9, sem_flg: 0 };
            // SAFETY: one operation; it waits until the set is removed.
            unsafe {
                libc::semop(set, &raw mut operation, 1);
                libc::_exit(0);
            }
        }
        for shell in shells() {
            let list = until(|| {
                let list = shell.list();
                (object(&list, "svsem", &set.to_string())["orphan"] == false).then_some(list)
            });
            assert_eq!(object(&list, "svsem", &set.to_string())["why"], "processes waiting for it: 1");
        }
        remove_all();
        // SAFETY: it is our child, which removing the set has woken.
        unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    });
}

#[test]
fn a_semaphore_without_a_user_means_nobody_in_the_initial_namespace_only() {
    private(|| {
        let set = sv_set(2);
        elsewhere(|| increment(set)); // the first of the two
        let initial = fs::read_link("/proc/self/ns/pid").expect("a link") == Path::new("pid:[4026531836]");
        for shell in shells() {
            let list = shell.list();
            let expected = if initial { Value::Bool(true) } else { Value::Null };
            assert_eq!(object(&list, "svsem", &set.to_string())["orphan"], expected, "{list:#}");
        }
        remove_all();
    });
}

/// Asks again until there is an answer.
fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..100 {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it never came to that");
}

#[test]
fn a_process_id_that_is_used_again_is_not_the_last_user() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            return skip("only root can choose the id of the next process");
        }
        let queue = sv_queue();
        let mut sender = 0;
        // SAFETY: the child makes system calls only.
        unsafe {
            let child = ok(libc::fork(), "fork");
            if child == 0 {
                send(queue);
                libc::_exit(0);
            }
            ok(libc::waitpid(child, &raw mut sender, 0), "waitpid");
            sender = child;
        }
        // The clocks of start and message are rounded to seconds.
        std::thread::sleep(std::time::Duration::from_secs(4));
        let heir = until(|| {
            if fs::write("/proc/sys/kernel/ns_last_pid", (sender - 1).to_string()).is_err() {
                return Some(None);
            }
            let heir = Command::new("sleep").arg("60").spawn().expect("sleep");
            if heir.id() == sender.cast_unsigned() {
                return Some(Some(heir));
            }
            end(heir);
            None
        });
        let Some(heir) = heir else {
            skip("the id of the next process cannot be chosen here");
            return remove_all();
        };
        for shell in shells() {
            let list = shell.list();
            let object = object(&list, "svmsg", &queue.to_string());
            assert_eq!(object["orphan"], true, "{} {object:#}", shell.program);
        }
        assert!(shell().clean(&["-y"]).contains("1 removed"));
        end(heir);
    });
}

fn end(mut child: Child) {
    child.kill().expect("killed");
    child.wait().expect("waited");
}

#[test]
fn a_last_user_in_a_process_namespace_that_one_does_not_see_may_live() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            return skip("it takes root's capabilities to make a namespace in this one");
        }
        let ids = [sv_queue(), sv_set(1)];
        elsewhere(|| {
            send(ids[0]);
            increment(ids[1]);
        });
        for shell in shells() {
            let mut inside = Command::new("unshare");
            let script = shell.script("list_ipc.sh");
            inside.args(["--pid", "--fork", "--mount-proc"]).arg(script.get_program());
            inside
                .args(script.get_args())
                .arg("--json")
                .envs(script.get_envs().filter_map(|(k, v)| Some((k, v?))));
            let output = inside.output().expect("unshare");
            if !output.status.success() && text(&output.stderr).starts_with("unshare") {
                skip("no namespace can be made in this one");
                break;
            }
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            for object in list["objects"].as_array().expect("objects") {
                assert_eq!(object["orphan"], Value::Null, "{} {object:#}", shell.program);
                assert_eq!(object["why"], "its last users cannot be seen");
            }
        }
        remove_all();
    });
}

#[test]
fn the_dead_hold_nothing() {
    // A zombie's files are root's, so an unprivileged user may not look into it.
    private_as(User::all().pop().expect("one user at least"), Mqueue::Mounted, || {
        drop(shm("/name"));
        // SAFETY: the child ends at once, and is not waited for.
        let child = unsafe { ok(libc::fork(), "fork") };
        if child == 0 {
            // SAFETY: it ends the process.
            unsafe { libc::_exit(0) };
        }
        let dead = || fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default().contains(") Z ");
        until(|| dead().then_some(()));
        for shell in shells() {
            assert_eq!(object(&shell.list(), "shm", "/name")["orphan"], true, "{}", shell.program);
        }
        // SAFETY: it is our child.
        unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
        remove_all();
    });
}

#[test]
fn memory_of_that_identifier_in_another_namespace_is_other_memory() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            return skip("it takes root's capabilities to make a namespace in this one");
        }
        let id = sv_memory();
        // SAFETY: a new mapping, which nothing else knows.
        let at = unsafe { libc::shmat(id, std::ptr::null(), 0) };
        // SAFETY: the child makes system calls only.
        let child = unsafe { ok(libc::fork(), "fork") };
        if child == 0 {
            // SAFETY: as said; it keeps its own memory, and gives up the namespace's.
            unsafe {
                libc::shmdt(at);
                must(libc::unshare(libc::CLONE_NEWIPC));
                let other = libc::shmget(0x0011_2233, 4096, libc::IPC_CREAT | 0o600);
                must(if other == id { 0 } else { -1 });
                libc::shmat(other, std::ptr::null(), 0);
                libc::pause();
            }
        }
        let mapped =
            || fs::read_to_string(format!("/proc/{child}/maps")).unwrap_or_default().contains("SYSV00112233");
        let own = fs::read_link("/proc/self/ns/ipc").expect("a link");
        until(|| {
            let elsewhere = fs::read_link(format!("/proc/{child}/ns/ipc")).is_ok_and(|other| other != own);
            (elsewhere && mapped()).then_some(())
        });
        for shell in shells() {
            let list = shell.list();
            let object = object(&list, "svshm", &id.to_string());
            assert_eq!(object["holders"], serde_json::json!([std::process::id()]), "{object:#}");
        }
        // SAFETY: it is our child, and our mapping.
        unsafe {
            libc::kill(child, libc::SIGKILL);
            libc::waitpid(child, std::ptr::null_mut(), 0);
            libc::shmdt(at);
        }
        remove_all();
    });
}

#[test]
fn a_process_whose_first_thread_has_ended_may_hold_anything() {
    private(|| {
        drop(shm("/name"));
        // SAFETY: the child is a copy of one thread, which makes another and ends.
        let child = unsafe {
            extern "C" fn wait(_: *mut libc::c_void) -> *mut libc::c_void {
                // SAFETY: it waits for a signal.
                unsafe { libc::pause() };
                std::ptr::null_mut()
            }
            let child = ok(libc::fork(), "fork");
            if child == 0 {
                let mut thread = 0;
                libc::pthread_create(&raw mut thread, std::ptr::null(), wait, std::ptr::null_mut());
                libc::syscall(libc::SYS_exit, 0); // this thread alone
            }
            child
        };
        for shell in shells() {
            let list = until(|| {
                let list = shell.list();
                (object(&list, "shm", "/name")["orphan"] != true).then_some(list)
            });
            assert_eq!(object(&list, "shm", "/name")["orphan"], Value::Null, "{list:#}");
        }
        // SAFETY: it is our child.
        unsafe {
            libc::kill(child, libc::SIGKILL);
            libc::waitpid(child, std::ptr::null_mut(), 0);
        }
        assert!(shell().clean(&["-y"]).contains("1 removed"));
    });
}

// --- users ---

/// A script as another user, in the same namespace.
fn as_user(uid: u32, mut command: Command) -> Command {
    // SAFETY: three system calls.
    unsafe {
        command.pre_exec(move || {
            let done = libc::setgroups(0, std::ptr::null()) == 0
                && libc::setresgid(uid, uid, uid) == 0
                && libc::setresuid(uid, uid, uid) == 0;
            if done { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        });
    }
    command
}

/// Objects of all six kinds that belong to this user.
fn orphans_of(uid: u32) {
    let name = c(format!("/of-{uid}"));
    elsewhere(|| {
        // SAFETY: system calls.
        unsafe {
            must(libc::setresgid(uid, uid, uid));
            must(libc::setresuid(uid, uid, uid));
            must(libc::shm_open(name.as_ptr(), NEW, 0o666));
            let mut attr: libc::mq_attr = std::mem::zeroed();
            attr.mq_maxmsg = 1;
            attr.mq_msgsize = 8;
            must(libc::mq_open(name.as_ptr(), NEW, 0o666, &raw const attr));
            let queue = libc::msgget(libc::IPC_PRIVATE, 0o666);
            must(queue);
            send(queue);
            let set = libc::semget(libc::IPC_PRIVATE, 1, 0o666);
            must(set);
            increment(set);
            must(libc::shmget(libc::IPC_PRIVATE, 10, 0o666));
        }
    });
    fs::write(format!("/dev/shm/sem.of-{uid}"), [0; 32]).expect("a semaphore");
    chown(format!("/dev/shm/sem.of-{uid}"), Some(uid), Some(uid)).expect("chown");
}

fn uids(list: &Value) -> Vec<u64> {
    let mut all: Vec<u64> = list["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .filter_map(|object| object["uid"].as_u64())
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn objects_of_others_are_never_touched() {
    private(|| {
        if User::all().len() < 2 {
            return skip("it takes root and other users");
        }
        for shell in shells() {
            for uid in [0, 1, 65534] {
                orphans_of(uid);
            }
            // Root: its own.
            let cleaned = shell.clean(&["-y", "--in-use"]);
            assert!(cleaned.contains("6 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
            assert_eq!(uids(&shell.list()), [[1; 6], [65534; 6]].concat(), "{}", shell.program);

            // A user: its own, and not by asking for another's.
            let nobody = |words: &[&str], code| {
                let mut command = shell.script("cleanup_ipc.sh");
                command.args(words);
                text(&run(&mut as_user(65534, command), code).stdout)
            };
            nobody(&["-y", "--user", "1"], 2);
            assert!(nobody(&["-y", "--in-use"], 0).contains("6 removed, 0 vanished, 0 kept, 0 failed"));
            assert_eq!(uids(&shell.list()), [1; 6], "{}", shell.program);
            assert!(nobody(&["-y", "--in-use"], 0).contains("objects 0,"));

            // Root, when told whose.
            assert!(shell.clean(&["-y", "--user", "65534"]).contains("objects 0,"));
            assert!(shell.clean(&["-n", "--user", "1"]).contains("objects 6,"));
            assert!(shell.clean(&["-y", "--user", "1"]).contains("6 removed, 0 vanished, 0 kept, 0 failed"));
            assert_eq!(leftovers(), Vec::<String>::new());
        }
    });
}

#[test]
fn a_user_goes_by_name_too() {
    private(|| {
        let me = nix::unistd::User::from_uid(nix::unistd::geteuid()).expect("users");
        let Some(me) = me else { return skip("this user has no name") };
        for shell in shells() {
            drop(shm("/mine"));
            assert!(shell.clean(&["-y", "--user", &me.name]).contains("1 removed"), "{}", shell.program);
        }
    });
}

#[test]
fn where_holders_cannot_be_seen_nothing_is_removed() {
    private(|| {
        if User::all().len() < 2 {
            return skip("it takes root and another user");
        }
        for shell in shells() {
            drop(shm("/name"));
            chown("/dev/shm/name", Some(65534), Some(65534)).expect("chown");
            // This process, root's, is one that nobody cannot look into; and it holds it.
            let held = fs::File::open("/dev/shm/name").expect("open");
            let nobody = |words: &[&str]| {
                let mut command = shell.script("cleanup_ipc.sh");
                text(
                    &run(
                        &mut as_user(65534, {
                            command.args(words);
                            command
                        }),
                        0,
                    )
                    .stdout,
                )
            };
            let cleaned = nobody(&["-y"]);
            assert!(cleaned.contains("objects 0,"), "{cleaned}");
            assert!(cleaned.contains("kept: shm /name: some processes may not be looked into"), "{cleaned}");
            assert!(cleaned.contains("not seen: who uses an object"), "{cleaned}");
            assert!(exists("/dev/shm/name"));
            // Root sees it.
            assert_eq!(
                object(&shell.list(), "shm", "/name")["holders"],
                serde_json::json!([std::process::id()])
            );
            drop(held);
            let cleaned = nobody(&["-y", "--unseen"]);
            assert!(cleaned.contains("1 removed"), "{cleaned}");
        }
    });
}

/// A PATH on which `tool` does something else.
fn path_with(tool: &str, does: &str) -> (Folder, String) {
    let folder = Folder::new("another");
    let file = folder.join(tool);
    let path = std::env::var("PATH").expect("PATH");
    fs::write(&file, format!("#!/bin/sh\nPATH='{path}'\n{does}\n")).expect("a script");
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("chmod");
    let path = format!("{}:{path}", folder.display());
    (folder, path)
}

#[test]
fn a_look_that_is_cut_short_finds_no_orphans() {
    private(|| {
        drop(shm("/name"));
        let ids = [sv_queue()];
        elsewhere(|| send(ids[0]));
        for (tool, does, told) in [
            // Holders are missing then, and nobody may be taken for one without.
            ("grep", "kill -9 $$", "grep was stopped before its end"),
            ("grep", "exit 127", "grep was stopped before its end"),
            ("grep", "echo 'grep: out of memory' >&2; exit 2", "grep: out of memory"),
        ] {
            let (_folder, path) = path_with(tool, does);
            let output = run(shell().script("list_ipc.sh").env("PATH", path).arg("--json"), 0);
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            for object in list["objects"].as_array().expect("objects") {
                assert_eq!(object["orphan"], Value::Null, "{does}: {object:#}");
            }
            assert!(list["unseen"].to_string().contains(told), "{list:#}");
        }
        // Nothing is known of any process, or the answer itself is not whole.
        for (tool, does) in [
            ("cat", "exit 1"),
            ("sed", "case $* in *process*) kill -9 $$;; *) exec sed \"$@\";; esac"),
            ("awk", "case $* in *judge*) exec awk \"$@\" | head -n 1;; *) exec awk \"$@\";; esac"),
        ] {
            let (_folder, path) = path_with(tool, does);
            for (script, words) in [
                ("list_ipc.sh", &[][..]),
                ("list_ipc.sh", &["--json"]),
                ("cleanup_ipc.sh", &["-y", "--in-use"]),
            ] {
                let output = shell().script(script).env("PATH", &path).args(words).output().expect("it");
                assert_eq!(output.status.code(), Some(3), "{tool} {script}: {}", tell(&output));
                assert!(text(&output.stderr).contains("cut short"), "{}", tell(&output));
            }
        }
        assert!(exists("/dev/shm/name"));
        remove_all();
    });
}

/// A file system that lets nobody stat its files: here, stat(1) that says so.
#[test]
fn a_descriptor_that_leads_elsewhere_is_no_reason_for_doubt() {
    private(|| {
        drop(shm("/name"));
        let me = std::process::id();
        let elsewhere = fs::File::open("/proc/version").expect("a file");
        let fd = std::os::fd::AsRawFd::as_raw_fd(&elsewhere);
        let complain = format!(
            "case $* in *'fd %d'*) echo \"stat: cannot statx '{me}/fd/{fd}': Permission denied\" >&2;; esac; stat \"$@\""
        );
        let (_folder, path) = path_with("stat", &complain);
        let list = || {
            let output = run(shell().script("list_ipc.sh").env("PATH", &path).arg("--json"), 0);
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            object(&list, "shm", "/name")["orphan"].clone()
        };
        assert_eq!(list(), true);
        // The same of a descriptor that leads nowhere one knows.
        drop(elsewhere);
        assert_eq!(list(), Value::Null);
        remove_all();
    });
}

#[test]
fn where_processes_are_hidden_nothing_is_removed() {
    private(|| {
        if User::all().len() < 2 {
            return skip("it takes root and another user");
        }
        drop(shm("/name"));
        chown("/dev/shm/name", Some(65534), Some(65534)).expect("chown");
        let none: Option<&str> = None;
        let hide = Some("hidepid=2");
        if nix::mount::mount(none, "/proc", none, nix::mount::MsFlags::MS_REMOUNT, hide).is_err() {
            skip("/proc cannot be mounted anew in this namespace");
            return remove_all();
        }
        for shell in shells() {
            let mut command = shell.script("cleanup_ipc.sh");
            command.arg("-y");
            let cleaned = text(&run(&mut as_user(65534, command), 0).stdout);
            assert!(cleaned.contains("/proc does not show all processes"), "{}: {cleaned}", shell.program);
            assert!(exists("/dev/shm/name"));
        }
        // Root sees them all the same.
        assert!(shell().clean(&["-y", "--user", "65534"]).contains("1 removed"));
    });
}

// --- asking ---

/// cleanup_ipc.sh, until it asks; what it has printed by then.
fn asked(shell: &Shell, words: &[&str]) -> (Child, String) {
    let mut command = shell.script("cleanup_ipc.sh");
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the script");
    let mut printed = Vec::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    let mut byte = [0];
    while !printed.ends_with(b"[y/N] ") && stdout.read(&mut byte).expect("read") == 1 {
        printed.push(byte[0]);
    }
    assert!(printed.ends_with(b"[y/N] "), "{}: it does not ask: {}", shell.program, text(&printed));
    (child, text(&printed))
}

fn answer(mut child: Child, answer: &str) -> Output {
    child.stdin.take().expect("a pipe").write_all(answer.as_bytes()).expect("written");
    child.wait_with_output().expect("its end")
}

#[test]
fn what_vanishes_or_is_taken_up_while_it_asks_is_not_removed() {
    private(|| {
        for shell in shells() {
            let ids = six_orphans();
            for name in ["/goes", "/replaced", "/taken", "/stays"] {
                drop(shm(name));
            }
            let (child, printed) = asked(&shell, &[]);
            assert!(printed.contains("Remove these 10 objects?"), "{printed}");
            fs::remove_file("/dev/shm/goes").expect("removed");
            fs::remove_file("/dev/mqueue/queue").expect("removed");
            fs::remove_file("/dev/shm/replaced").expect("removed");
            drop(shm("/replaced"));
            let replaced = fs::metadata("/dev/shm/replaced").expect("it is there").ino();
            let taken = fs::File::open("/dev/shm/taken").expect("open");
            // SAFETY: a number and a null pointer.
            ok(unsafe { libc::semctl(ids[1], 0, libc::IPC_RMID) }, "semctl");
            send(ids[0]);
            let output = answer(child, "y\n");
            let told = text(&output.stdout);
            assert_eq!(output.status.code(), Some(0), "{}", tell(&output));
            for line in ["vanished shm /goes\n", "vanished mq /queue\n", "vanished shm /replaced\n"] {
                assert!(told.contains(line), "{}: no {line} in {told}", shell.program);
            }
            let me = std::process::id();
            assert!(told.contains(&format!("kept shm /taken: held by {me}\n")), "{told}");
            assert!(told.contains(&format!("its last users live: {me}")), "{told}");
            assert!(told.contains("4 removed, 4 vanished, 2 kept, 0 failed"), "{}: {told}", shell.program);
            assert_eq!(fs::metadata("/dev/shm/replaced").expect("it is there").ino(), replaced);
            drop(taken);
            remove_all();
        }
    });
}

/// The last moment there is: between the second look and the removal.
#[test]
fn what_is_replaced_after_the_second_look_is_not_removed() {
    private(|| {
        for name in ["/a", "/b", "/c", "/d"] {
            drop(shm(name));
        }
        let (_folder, path) = path_with(
            "awk",
            "case $* in *plan*)
                awk \"$@\" >/dev/shm/plan
                mkfifo /dev/shm/new; mv /dev/shm/new /dev/shm/b
                rm /dev/shm/a /dev/shm/c; : >/dev/shm/a; mkdir /dev/shm/c
                cat /dev/shm/plan; rm /dev/shm/plan ;;
            *) exec awk \"$@\" ;; esac",
        );
        let output = run(shell().script("cleanup_ipc.sh").env("PATH", path).arg("-y"), 0);
        let told = text(&output.stdout);
        assert!(told.ends_with("1 removed, 3 vanished, 0 kept, 0 failed\n"), "{}", tell(&output));
        let mut left = leftovers();
        left.sort();
        assert_eq!(left, ["/dev/shm/a", "/dev/shm/b", "/dev/shm/c"]);
        fs::remove_dir("/dev/shm/c").expect("removed");
        fs::remove_file("/dev/shm/b").expect("removed");
        remove_all();
    });
}

#[test]
fn without_a_yes_nothing_is_removed() {
    private(|| {
        drop(shm("/name"));
        for shell in shells() {
            for no in ["n\n", "\n", "", "yesterday\n", "N", " \\y\n"] {
                let (child, _) = asked(&shell, &[]);
                let output = answer(child, no);
                assert_eq!(output.status.code(), Some(0), "{}", tell(&output));
                assert!(text(&output.stdout).ends_with("Nothing is removed.\n"), "{}", tell(&output));
            }
            let mut command = shell.script("cleanup_ipc.sh");
            let mut child =
                command.arg("-n").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it");
            // It does not ask, and so may have ended already.
            let _ = child.stdin.take().expect("a pipe").write_all(b"y\n");
            let output = child.wait_with_output().expect("its end");
            assert!(!text(&output.stdout).contains("[y/N]"), "{}", tell(&output));
            assert!(exists("/dev/shm/name"), "{}", shell.program);
        }
        for yes in ["y\n", "Y\n", "yes\n", "YES"] {
            let (child, _) = asked(&shell(), &[]);
            assert!(text(&answer(child, yes).stdout).contains("1 removed"), "{yes}");
            drop(shm("/name"));
        }
        remove_all();
    });
}

#[test]
fn what_cannot_be_removed_is_told_at_the_end_and_stops_nothing() {
    private(|| {
        for name in ["/a", "/b: busy\n", "/c"] {
            drop(shm(name));
        }
        // A file that something is mounted on cannot be removed.
        let file = Path::new(OsStr::from_bytes(b"/dev/shm/b: busy\n"));
        let none: Option<&str> = None;
        if nix::mount::mount(Some(file), file, none, nix::mount::MsFlags::MS_BIND, none).is_err() {
            skip("it takes root's capabilities to mount something on a file");
            return remove_all();
        }
        for shell in shells() {
            for name in ["/a", "/c"] {
                if !exists(&format!("/dev/shm{name}")) {
                    drop(shm(name));
                }
            }
            let output = run(shell.script("cleanup_ipc.sh").arg("-y"), 1);
            let told = text(&output.stdout);
            assert!(told.ends_with("2 removed, 0 vanished, 0 kept, 1 failed\n"), "{told}");
            let failed = text(&output.stderr);
            assert_eq!(
                failed, "failed shm /b:\\0040busy\\0012: Device or resource busy\n",
                "{}",
                shell.program
            );
            assert!(told.contains(&failed), "{told}");
        }
        nix::mount::umount(file).expect("unmounted");
        remove_all();
    });
}

// --- many ---

#[test]
fn ten_thousand_objects_are_listed_and_removed() {
    private(|| {
        for n in 0..10_000 {
            fs::write(format!("/dev/shm/object-{n}"), "").expect("a file");
        }
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 10_000, "{}", shell.program);
        }
        let cleaned = shell().clean(&["-y", "--name", "object-1*"]);
        assert!(cleaned.contains("1111 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned:.200}");
        assert_eq!(leftovers().len(), 8889);
        for left in leftovers() {
            fs::remove_file(left).expect("removed");
        }
    });
}

// --- mount_mqueue.sh ---

#[test]
fn it_is_told_where_mqueue_is_mounted() {
    private(|| {
        for shell in shells() {
            let told = text(&run(&mut shell.script("mount_mqueue.sh"), 0).stdout);
            assert_eq!(told, "mqueue is mounted on /dev/mqueue\n", "{}", shell.program);
        }
    });
}

#[test]
fn what_is_mounted_over_mqueue_is_not_taken_for_it() {
    private(|| {
        let over = Some("tmpfs");
        let none: Option<&str> = None;
        if nix::mount::mount(over, "/dev/mqueue", over, nix::mount::MsFlags::empty(), none).is_err() {
            return skip("it takes root's capabilities to mount something over it");
        }
        fs::write("/dev/mqueue/file", "").expect("a file");
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 0, "{list:#}");
            assert!(list["unseen"].to_string().contains("no mqueue file system is mounted"), "{list:#}");
            run(&mut shell.script("mount_mqueue.sh"), 1);
        }
        nix::mount::umount("/dev/mqueue").expect("unmounted");
    });
}

#[test]
fn mqueue_is_mounted_where_root_asks() {
    private_as(User::Me, Mqueue::Absent, || {
        let folder = Folder::new("a mount");
        for shell in shells() {
            let told = text(&run(&mut shell.script("mount_mqueue.sh"), 1).stdout);
            assert!(told.contains("\nmqueue /dev/mqueue mqueue nosuid,nodev,noexec 0 0\n"), "{told}");
            let mut mount = shell.script("mount_mqueue.sh");
            let output = mount.arg("--mount").arg(&*folder).output().expect("the script");
            if !nix::unistd::geteuid().is_root() {
                assert_eq!(output.status.code(), Some(3), "{}", tell(&output));
                assert!(text(&output.stderr).contains("--private"), "{}", tell(&output));
                continue;
            }
            assert_eq!(output.status.code(), Some(0), "{}", tell(&output));
            let line = format!("mqueue {} mqueue", folder.display().to_string().replace(' ', "\\040"));
            assert!(text(&output.stdout).contains(&line), "{line}: {}", tell(&output));
            // Where it is mounted, it is found.
            drop(queue("/queue"));
            assert_eq!(object(&shell.list(), "mq", "/queue")["orphan"], true, "{}", shell.program);
            assert!(shell.clean(&["-y"]).contains("removed mq /queue\n"), "{}", shell.program);
            run(shell.script("mount_mqueue.sh").arg("--mount").arg(&*folder), 0);
            nix::mount::umount(&*folder).expect("unmounted once");
        }
    });
}

#[test]
fn anybody_may_look_at_queues_in_private() {
    // Outside any private namespace: it makes its own.
    for user in User::all() {
        for shell in shells() {
            let mut command = shell.script("mount_mqueue.sh");
            command.args(["--private", "sh", "-c", PRIVATELY, "sh"]).arg(shell.program).args(shell.arguments);
            command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/list_ipc.sh"));
            become_user(&mut command, user);
            let output = command.output().expect("the script");
            if output.status.code() == Some(3) && text(&output.stderr).contains("no private namespace") {
                skip(&format!("no private namespace: {}", text(&output.stderr).trim()));
                continue;
            }
            assert_eq!(output.status.code(), Some(7), "{} {user:?}: {}", shell.program, tell(&output));
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(count(&list), 2, "{list:#}");
            assert_eq!(object(&list, "mq", "/q")["orphan"], true, "{} {list:#}", shell.program);
        }
    }
}

/// A queue made by opening a file of /dev/mqueue; whatever the exit code, it is passed on.
const PRIVATELY: &str = r#": >/dev/mqueue/q; : >/dev/shm/m; "$@" --json; exit 7"#;

// --- watch_ipc.sh ---

#[test]
fn the_watch_shows_what_changes() {
    private(|| {
        for shell in shells() {
            let mut command = shell.script("watch_ipc.sh");
            command.args(["-c", "3", "-s", "1"]).stdout(Stdio::piped());
            let mut child = command.spawn().expect("the script");
            let mut printed = Vec::new();
            let stdout = child.stdout.as_mut().expect("a pipe");
            let mut byte = [0];
            while !printed.ends_with(b"\n\n") && stdout.read(&mut byte).expect("read") == 1 {
                printed.push(byte[0]);
            }
            assert!(text(&printed).contains("objects 0,"), "{}: {}", shell.program, text(&printed));
            drop(shm("/new"));
            stdout.read_to_end(&mut printed).expect("read");
            assert!(child.wait().expect("its end").success());
            assert_eq!(text(&printed).matches("objects ").count(), 3, "{}", text(&printed));
            assert!(text(&printed).contains("/new\n"), "{}", text(&printed));
            remove_all();
        }
    });
}

#[test]
fn on_a_terminal_the_watch_repaints_and_cuts() {
    private(|| {
        if !have("script") {
            return skip("script(1) is not installed");
        }
        for n in 0..60 {
            drop(shm(format!("/{n:0100}")));
        }
        for shell in shells() {
            let words = shell.arguments.join(" ");
            let watch = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/watch_ipc.sh");
            let line = format!("stty rows 10 columns 40; exec {} {words} '{watch}' -c 2", shell.program);
            let output =
                Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output();
            let output = output.expect("script");
            if text(&output.stderr).contains("failed to create pseudo-terminal") {
                skip("this user may not make a pseudo-terminal");
                break;
            }
            assert!(output.status.success(), "{}", tell(&output));
            let printed = text(&output.stdout);
            assert_eq!(printed.matches("\x1b[H").count(), 2, "{printed:?}");
            let last = printed.rsplit("\x1b[H").next().expect("a frame");
            assert!(last.matches('\n').count() < 10, "{last:?}");
            for row in last.split("\x1b[K").map(|row| row.trim_matches(['\r', '\n'])) {
                assert!(row.trim_end_matches("\x1b[J").len() <= 40, "{row:?}");
            }
        }
        remove_all();
    });
}

#[test]
fn the_watch_ends_when_its_reader_has_left() {
    private(|| {
        for shell in shells() {
            let mut child = shell
                .script("watch_ipc.sh")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it");
            drop(child.stdout.take());
            let mut complaint = String::new();
            child.stderr.take().expect("a pipe").read_to_string(&mut complaint).expect("read");
            let status = child.wait().expect("its end");
            assert!(!status.success(), "{}: {status}", shell.program);
        }
    });
}

// --- usage ---

#[test]
fn wrong_usage_is_told_in_a_line() {
    private(|| {
        let wrong: &[(&str, &[&str])] = &[
            ("list_ipc.sh", &["--nonsense"]),
            ("list_ipc.sh", &["--name"]),
            ("list_ipc.sh", &["word"]),
            ("cleanup_ipc.sh", &["-x"]),
            ("cleanup_ipc.sh", &["-y", "-n"]),
            ("cleanup_ipc.sh", &["--name"]),
            ("cleanup_ipc.sh", &["--name", ""]),
            ("cleanup_ipc.sh", &["--user"]),
            ("cleanup_ipc.sh", &["--user", "no such user"]),
            ("cleanup_ipc.sh", &["--user", "-1"]),
            ("cleanup_ipc.sh", &["everything"]),
            ("mount_mqueue.sh", &["--nonsense"]),
            ("mount_mqueue.sh", &["--mount", "a", "b"]),
            ("watch_ipc.sh", &["-s"]),
            ("watch_ipc.sh", &["-s", "soon"]),
            ("watch_ipc.sh", &["-c", "-1"]),
            ("watch_ipc.sh", &["--nonsense"]),
        ];
        for shell in shells() {
            for (script, words) in wrong {
                let output = run(shell.script(script).args(*words), 2);
                let complaint = text(&output.stderr);
                assert_eq!(complaint.lines().count(), 1, "{script} {words:?}: {}", tell(&output));
                assert!(complaint.starts_with(&format!("{script}: ")), "{complaint}");
                assert!(output.stdout.is_empty(), "{}", tell(&output));
            }
        }
    });
}

#[test]
fn help_is_the_head_of_the_script() {
    for shell in shells() {
        for script in ["list_ipc.sh", "cleanup_ipc.sh", "mount_mqueue.sh", "watch_ipc.sh"] {
            let help = text(&run(shell.script(script).arg("--help"), 0).stdout);
            assert!(help.contains(script) && help.contains("Exit code: "), "{script}: {help}");
            assert!(!help.contains('#'), "{help}");
            assert_eq!(text(&run(shell.script(script).arg("-h"), 0).stdout), help);
        }
    }
}

#[test]
fn a_script_is_found_through_a_link() {
    private(|| {
        let folder = Folder::new("links");
        let link = folder.join("list");
        symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/list_ipc.sh"), &link).expect("a link");
        for shell in shells() {
            let mut command = Command::new(shell.program);
            run(command.args(shell.arguments).arg(&link).current_dir("/"), 0);
        }
    });
}

#[test]
fn a_missing_tool_is_named() {
    private(|| {
        let tools = Folder::new("tools");
        for tool in ["sh", "dirname", "readlink", "sed", "awk", "date", "id", "printf"] {
            let found = std::env::split_paths(&std::env::var_os("PATH").expect("PATH"))
                .map(|folder: PathBuf| folder.join(tool))
                .find(|file| file.is_file())
                .expect("a tool");
            symlink(found, tools.join(tool)).expect("a link");
        }
        for script in ["list_ipc.sh", "cleanup_ipc.sh"] {
            let mut command = Command::new("/bin/sh");
            command.arg(format!("{}/scripts/{script}", env!("CARGO_MANIFEST_DIR")));
            let output = run(command.env("PATH", tools.as_os_str()).stdin(Stdio::null()), 3);
            assert!(text(&output.stderr).contains("find is not installed"), "{}", tell(&output));
        }
    });
}
