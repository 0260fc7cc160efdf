//! Lessons that are called wrongly, or on a machine that does not let them:
//! the exit code, one line that says why and what helps, and nothing created.

use ipc_workbook::observe::Kind;
use ipc_workbook_testing::prelude::*;
use nix::sys::resource::{Resource, setrlimit};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

pub(crate) fn trials(trials: &mut Trials) {
    let (all, corners, users) = (Place::all(), Place::corners(), Place::each_user(Mqueue::Mounted));
    trials.shared_layer(
        "wrong names are refused with exit 2, before anything is done",
        &corners,
        Profile::makes_something,
        wrong_names,
    );
    trials.shared_layer(
        "a name one byte too long is refused, the longest is used",
        &corners,
        Profile::makes_something,
        long_names,
    );
    trials.shared_layer("wrong flags are refused with exit 2", &corners, any, wrong_flags);
    trials.shared_layer("a flag that needs a terminal or an input says so", &corners, any, no_input);
    trials.shared_layer("standard output that is closed, full or gone ends it", &all, any, no_output);
    trials.shared_layer(
        "standard error that is closed, full or gone changes nothing",
        &all,
        any,
        no_error_output,
    );
    trials.shared_layer(
        "without /dev/shm it says how to mount it, if it needs it",
        &users,
        |lesson| lesson.makes_named,
        no_dev_shm,
    );
    trials.shared_layer(
        "a read-only /dev/shm is named, if it needs it",
        &all,
        |lesson| lesson.makes_named,
        read_only_dev_shm,
    );
    trials.shared_layer("a private namespace that is refused is named", &users, any, no_namespaces);
    trials.each_lesson("where there are no namespaces, what takes one is not seen", &users, not_apart);
    trials.shared_layer(
        "a limit on the bytes of queues is named",
        &all,
        |lesson| lesson.makes_named,
        no_queue_bytes,
    );
    trials.each_lesson("a limit on descriptors never makes it tell a lie", &all, few_descriptors);
    trials.shared_layer(
        "a limit on the number of queues is named",
        &all,
        |lesson| lesson.makes_named,
        queues_max,
    );
    // Only root may lower the limits of a namespace.
    trials.shared_layer(
        "a limit on System V objects is named",
        &[Place::EASIEST],
        |lesson| lesson.makes_keyed,
        system_v_limits,
    );
    trials.each_lesson("a leftover of one's own is explained and removed", &all, own_leftover);
    trials.shared_layer(
        "what a living process holds is left alone",
        &all,
        |lesson| lesson.makes_named,
        held_by_a_process,
    );
    let anothers = "what another user made is left alone";
    if User::of_trials().len() > 1 || nix::unistd::geteuid().is_root() {
        let places = [Mqueue::Mounted, Mqueue::Absent].map(|mqueue| Place { user: User::Me, mqueue });
        trials.shared_layer(anothers, &places, |lesson| lesson.makes_named, made_by_another);
    } else {
        trials.skip(anothers, "it needs root, to be two users");
    }
}

fn any(_: &Profile) -> bool {
    true
}

/// Demands that the lesson did not even begin.
fn did_nothing(output: &std::process::Output, when: &str) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    for sign in ["\n1. ", "_open(", " = "] {
        assert!(!stdout.contains(sign), "{when}: it began: {}", tell(output));
    }
    nothing_left(when);
}

fn wrong_names(lesson: &str) {
    let usual = usual(lesson);
    if !usual.makes_something() {
        return; // it makes nothing that has a name
    }
    // A wrong name must not cost a leftover its life either.
    let name_of_leftover = format!("/{lesson}.leftover");
    if let Some(kind) = usual.objects.first() {
        drop(make(*kind, &name_of_leftover, 0o600));
    }
    for name in ["taken", "", "/", "/.", "/..", "//two", "/two/slashes", "/end/", "two/", "/new\nline/"] {
        let output = refused(workbook(lesson).args(["--name", name]), 2, &["name", "/my_object"]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(!stdout.contains(" = "), "{name:?}: it began: {}", tell(&output));
    }
    if let Some(kind) = usual.objects.first() {
        unmake(*kind, &name_of_leftover);
    }
    let not_utf8 = OsStr::from_bytes(b"/\xff");
    let output = refused(workbook(lesson).arg("--name").arg(not_utf8), 2, &["UTF-8", "--help"]);
    did_nothing(&output, "not UTF-8");
}

fn long_names(lesson: &str) {
    let usual = usual(lesson);
    if !usual.makes_something() {
        return;
    }
    // sem_open needs four bytes for "sem.".
    let longest = if usual.makes(Kind::Semaphore) { 251 } else { 255 };
    let name = format!("/{}", "n".repeat(longest));
    let output = run(workbook(lesson).args(["--name", &name]), 0);
    assert!(complaints(&output).is_empty(), "{}", tell(&output));
    nothing_left("the longest name");
    let words = [&*(longest + 1).to_string(), &*longest.to_string(), "name"];
    let output = refused(workbook(lesson).args(["--name", &(name + "n")]), 2, &words);
    did_nothing(&output, "a name too long");
    // Bytes count, not characters.
    let wide = format!("/{}", "ä".repeat(longest / 2 + 1));
    refused(workbook(lesson).args(["--name", &wide]), 2, &["bytes"]);
}

fn wrong_flags(lesson: &str) {
    let cases: [(&[&str], &str); 9] = [
        (&["--nonsense"], "--nonsense"),
        (&["-x"], "-x"),
        (&["operand"], "operand"),
        (&["--format", "xml"], "json"),
        (&["--format"], "--format"),
        (&["--color", "pink"], "never"),
        (&["--name"], "--name"),
        (&["--predict", "--pause"], "--pause"),
        (&["--private", "--private"], "--private"),
    ];
    for (args, word) in cases {
        let output = refused(workbook(lesson).args(args), 2, &[word, "--help"]);
        assert!(output.stdout.is_empty(), "{args:?}: {}", tell(&output));
        nothing_left(word);
    }
}

fn no_input(lesson: &str) {
    let output = refused(workbook(lesson).arg("--predict"), 3, &["--predict", "terminal"]);
    did_nothing(&output, "--predict");
    let output =
        refused(workbook(lesson).args(["--predict", "--format", "json"]), 2, &["--predict", "--format"]);
    did_nothing(&output, "--predict for a program");
    // At its end (/dev/null), closed by the shell, and closed after one Enter.
    refused(workbook(lesson).arg("--pause"), 3, &["--pause", "standard input"]);
    nothing_left("input at its end");
    refused(&mut shell(lesson, "\"$0\" --pause <&-"), 3, &["--pause", "standard input"]);
    nothing_left("input closed");
    let mut paused = Paused::start(lesson, &[]);
    paused.enter(1);
    paused.prompts(2);
    let output = paused.close_input();
    assert_eq!(output.status.code(), Some(3), "{}", tell(&output));
    assert_eq!(complaints(&output).len(), 1, "{}", tell(&output));
    nothing_left("input closed after one Enter");
    // A directory cannot be read at all.
    refused(&mut shell(lesson, "\"$0\" --pause </"), 3, &["--pause", "standard input"]);
    nothing_left("input a directory");
}

fn no_output(lesson: &str) {
    for format in ["text", "json"] {
        refused(&mut shell(lesson, &format!("\"$0\" --format {format} >&-")), 3, &["standard output"]);
        nothing_left("output closed");
        let full = format!("\"$0\" --format {format} >/dev/full");
        refused(&mut shell(lesson, &full), 3, &["standard output"]);
        nothing_left("output full");
    }
    for n in sample(vec![0, 1, 2, 5, 8, 13, 21], &format!("{lesson}: lines read"), 3) {
        // Reads n lines, and goes.
        let (reader, writer) = nix::unistd::pipe().expect("a pipe");
        let mark = mark();
        let mut command = workbook(lesson);
        command.stdout(Stdio::from(writer)).stderr(Stdio::piped()).env(MARK, &mark);
        if n == 0 {
            drop(reader);
        } else {
            std::thread::spawn(move || {
                let lines = std::io::BufRead::lines(std::io::BufReader::new(File::from(reader)));
                lines.take(n).count()
            });
        }
        let child = command.spawn().expect("a lesson");
        drop(command); // and with it this process's copy of the writing end
        let output = end_of(child, lesson);
        let when = format!("the reader goes after {n} lines");
        // It may have said everything before the reader went.
        let code = output.status.code();
        assert!(code == Some(141) || (n > 0 && code == Some(0)), "{when}: {}", tell(&output));
        assert!(output.stderr.is_empty(), "{when}: {}", tell(&output));
        nothing_left(&when);
        no_process_left(&mark, &when);
    }
}

fn no_error_output(lesson: &str) {
    for (args, code) in [("", 0), ("--name wrong", 2), ("--pause </dev/null", 3), ("--nonsense", 2)] {
        for stderr in ["2>&-", "2>/dev/full"] {
            let output = limited(&mut shell(lesson, &format!("\"$0\" {args} {stderr}")));
            assert_eq!(output.status.code(), Some(code), "{args} {stderr}: {}", tell(&output));
            nothing_left(stderr);
        }
        let (reader, writer) = nix::unistd::pipe().expect("a pipe");
        drop(reader);
        let mut command = shell(lesson, &format!("\"$0\" {args}"));
        let output = limited_as_it_is(command.stdout(Stdio::piped()).stderr(Stdio::from(writer)));
        assert_eq!(output.status.code(), Some(code), "{args}, standard error gone: {}", tell(&output));
        nothing_left("standard error gone");
    }
}

/// What a command does between fork and exec, in a mount namespace of its own.
fn after_fork(command: &mut Command, act: impl FnMut() -> std::io::Result<()> + Send + Sync + 'static) {
    // SAFETY: every `act` of this file makes system calls only.
    unsafe { command.pre_exec(act) };
}

fn ok(returned: i32) -> std::io::Result<()> {
    if returned == -1 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}

/// Enters a new user namespace in which it is the same user, and a new mount namespace.
/// (Also where it is root: the namespace's root has no other way to limit namespaces.)
fn enter_user_namespace(more: i32) -> impl Fn() -> std::io::Result<()> + Send + Sync + 'static {
    let uid_map = format!("{0} {0} 1", nix::unistd::geteuid());
    let gid_map = format!("{0} {0} 1", nix::unistd::getegid());
    move || {
        // SAFETY: system calls on constants.
        ok(unsafe { libc::unshare(libc::CLONE_NEWUSER | more) })?;
        write_file(c"/proc/self/setgroups", "deny")?;
        write_file(c"/proc/self/uid_map", &uid_map)?;
        write_file(c"/proc/self/gid_map", &gid_map)
    }
}

fn write_file(path: &std::ffi::CStr, text: &str) -> std::io::Result<()> {
    // SAFETY: the path ends in a NUL, and the text outlives the call.
    unsafe {
        let fd = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        ok(fd)?;
        let written = libc::write(fd, text.as_ptr().cast(), text.len());
        libc::close(fd);
        ok(if written == -1 { -1 } else { 0 })
    }
}

/// Mounts an empty tmpfs over `path` for this command alone.
fn cover(command: &mut Command, path: &'static std::ffi::CStr, flags: libc::c_ulong) {
    let enter = enter_user_namespace(libc::CLONE_NEWNS);
    after_fork(command, move || {
        enter()?;
        let tmpfs = c"tmpfs".as_ptr();
        // SAFETY: strings that end in NULs.
        ok(unsafe { libc::mount(tmpfs, path.as_ptr(), tmpfs, flags, std::ptr::null()) })
    });
}

fn no_dev_shm(lesson: &str) {
    let usual = usual(lesson);
    let mut command = workbook(lesson);
    // An empty /dev has no mqueue either, which lessons can do without.
    cover(&mut command, c"/dev", 0);
    if usual.needs_dev_shm() {
        refused(&mut command, 3, &["_open", "ENOENT", "/dev/shm", "mount"]);
    } else {
        let output = limited(&mut command);
        assert_eq!(output.status.code(), Some(0), "{}", tell(&output));
        assert!(complaints(&output).is_empty(), "{}", tell(&output));
    }
    nothing_left("without /dev/shm");
}

fn read_only_dev_shm(lesson: &str) {
    let usual = usual(lesson);
    let mut command = workbook(lesson);
    cover(&mut command, c"/dev/shm", libc::MS_RDONLY);
    if usual.needs_dev_shm() {
        refused(&mut command, 3, &["_open", "EROFS", "/dev/shm"]);
    } else {
        run(&mut command, 0);
    }
    nothing_left("a read-only /dev/shm");
}

fn no_namespaces(lesson: &str) {
    let mut command = workbook(lesson);
    forbid_namespaces(command.arg("--private"));
    let output = refused(&mut command, 3, &["unshare", "ENOSPC", "--private", "max_user_namespaces"]);
    did_nothing(&output, "no namespaces");
}

fn not_apart(lesson: &str) {
    let usual = usual(lesson);
    let mut command = workbook(lesson);
    forbid_namespaces(command.args(["--format", "json"]));
    let output = run(&mut command, 0);
    let claims: Vec<_> = events(&output).into_iter().filter(|event| event["event"] == "claim").collect();
    assert_eq!(claims.len(), usual.claims.len(), "{}", tell(&output));
    nothing_left("no namespaces");
}

/// The command can make no namespace, whoever it is.
fn forbid_namespaces(command: &mut Command) {
    let enter = enter_user_namespace(0);
    after_fork(command, move || {
        enter()?;
        for limit in [c"user_namespaces", c"ipc_namespaces", c"mnt_namespaces"] {
            let path = match limit.to_bytes()[0] {
                b'u' => c"/proc/sys/user/max_user_namespaces",
                b'i' => c"/proc/sys/user/max_ipc_namespaces",
                _ => c"/proc/sys/user/max_mnt_namespaces",
            };
            write_file(path, "0")?;
        }
        Ok(())
    });
}

fn no_queue_bytes(lesson: &str) {
    let usual = usual(lesson);
    for bytes in sample(vec![0, 97, 159], &format!("{lesson}: bytes of queues"), 1) {
        let mut command = workbook(lesson);
        after_fork(&mut command, move || Ok(setrlimit(Resource::RLIMIT_MSGQUEUE, bytes, bytes)?));
        if usual.makes(Kind::Queue) {
            refused(&mut command, 3, &["mq_open", "EMFILE", "ulimit -q"]);
        } else {
            run(&mut command, 0);
        }
        nothing_left("a limit on the bytes of queues");
    }
}

fn few_descriptors(lesson: &str) {
    let usual = usual(lesson);
    // Below 4 the loader cannot open the C library.
    for limit in sample((4..14).collect(), &format!("{lesson}: descriptors"), 2) {
        let mut command = workbook(lesson);
        after_fork(command.args(["--format", "json"]), move || {
            Ok(setrlimit(Resource::RLIMIT_NOFILE, limit, limit)?)
        });
        let output = limited(&mut command);
        let when = format!("with {limit} descriptors");
        no_panic(&output);
        match output.status.code() {
            Some(0) => assert!(complaints(&output).is_empty(), "{when}: {}", tell(&output)),
            Some(3) => {
                let complaints = complaints(&output);
                let good = complaints.len() == 1
                    && complaints[0].contains("EMFILE")
                    && complaints[0].contains("ulimit -n");
                assert!(good, "{when}: {}", tell(&output));
            }
            _ => panic!("{when}: {}", tell(&output)),
        }
        let events = events(&output);
        for claim in events.iter().filter(|event| event["event"] == "claim") {
            assert_ne!(claim["held"], false, "{when}: {claim}: {}", tell(&output));
        }
        nothing_left(&when);
    }
    let mut command = workbook(lesson);
    after_fork(command.args(["--format", "json"]), || Ok(setrlimit(Resource::RLIMIT_NOFILE, 32, 32)?));
    let output = run(&mut command, 0);
    let claims = events(&output).iter().filter(|event| event["event"] == "claim").count();
    assert_eq!(claims, usual.claims.len(), "{}", tell(&output));
}

fn queues_max(lesson: &str) {
    let usual = usual(lesson);
    let limit = std::fs::read_to_string("/proc/sys/fs/mqueue/queues_max").expect("a limit");
    let limit: usize = limit.trim().parse().expect("a number");
    let mut queues: Vec<(String, Held)> = Vec::new();
    while queues.len() < limit {
        let name = format!("/fill.{}", queues.len());
        queues.push((name.clone(), make(Kind::Queue, &name, 0o600)));
    }
    let mut command = workbook(lesson);
    if usual.makes(Kind::Queue) {
        refused(&mut command, 3, &["mq_open", "ENOSPC", "queues_max"]);
    } else {
        run(&mut command, 0);
    }
    for (name, _held) in queues {
        unmake(Kind::Queue, &name);
    }
}

fn system_v_limits(lesson: &str) {
    let usual = usual(lesson);
    for (call, file) in [("msgget", "msgmni"), ("semget", "sem"), ("shmget", "shmmni")] {
        let file = format!("/proc/sys/kernel/{file}");
        let before = std::fs::read_to_string(&file).expect("a limit");
        // The last number of four is that of sets.
        let words: Vec<&str> = before.split_whitespace().collect();
        let lowered = [&words[..words.len() - 1], &["0"]].concat().join(" ");
        if let Err(error) = std::fs::write(&file, &lowered) {
            skip(&format!("{lesson}: {file} cannot be lowered here: {error}"));
            return;
        }
        let mut command = workbook(lesson);
        if usual.keyed.contains(&call) {
            refused(&mut command, 3, &[call, "ENOSPC", "ipcs"]);
        } else {
            run(&mut command, 0);
        }
        std::fs::write(&file, before.trim_end()).expect("the limit");
        nothing_left(&file);
    }
}

fn own_leftover(lesson: &str) {
    let usual = usual(lesson);
    for kind in &usual.objects {
        drop(make(*kind, "/taken", 0o600));
        let output = run(workbook(lesson).args(["--name", "/taken", "--format", "json"]), 0);
        let notes: Vec<String> = events(&output)
            .iter()
            .filter(|event| event["event"] == "note")
            .map(|note| note["text"].as_str().unwrap_or_default().to_string())
            .filter(|text| text.contains("left over"))
            .collect();
        assert!(notes.len() == 1 && notes[0].contains("/taken"), "{kind:?}: {}", tell(&output));
        assert!(complaints(&output).is_empty(), "{kind:?}: {}", tell(&output));
        nothing_left("its own leftover");
    }
}

/// The inode, so that a new object of the name is not taken for the old one.
fn identity(kind: Kind, held: &Held, name: &str) -> u64 {
    match held {
        Held::Descriptor(fd) => std::fs::metadata(format!("/proc/self/fd/{fd}")).expect("an fd").ino(),
        Held::Semaphore(_) => {
            let c_name = std::ffi::CString::new(name).expect("no NUL");
            std::fs::metadata(kind.path(&c_name)).expect("a semaphore").ino()
        }
    }
}

fn held_by_a_process(lesson: &str) {
    let usual = usual(lesson);
    for kind in &usual.objects {
        let held = make(*kind, "/taken", 0o600);
        let before = identity(*kind, &held, "/taken");
        let me = std::process::id().to_string();
        let output =
            refused(workbook(lesson).args(["--name", "/taken"]), 3, &["/taken", "pid", &me, "--name"]);
        assert_eq!(identity(*kind, &held, "/taken"), before, "{kind:?}: {}", tell(&output));
        drop(held);
        unmake(*kind, "/taken"); // and nothing else was made
        nothing_left("held by a process");
    }
}

fn made_by_another(lesson: &str) {
    let usual = usual(lesson);
    for kind in &usual.objects {
        // Root's object and nobody's lesson, and the other way round.
        for (runner, mode) in [(User::Nobody, 0o600), (User::Nobody, 0o666), (User::Me, 0o600)] {
            let held = make(*kind, "/taken", 0o600);
            let owner = if runner == User::Me { 65534 } else { 0 };
            set_owner(*kind, &held, "/taken", owner, mode);
            let before = identity(*kind, &held, "/taken");
            drop(held);
            let mut command = workbook(lesson);
            become_user(&mut command, runner);
            let output = refused(command.args(["--name", "/taken"]), 3, &["/taken", "--name"]);
            let again = reopen(*kind, "/taken");
            let when = format!("{kind:?}, {runner:?}, {mode:o}");
            assert_eq!(identity(*kind, &again, "/taken"), before, "{when}: {}", tell(&output));
            drop(again);
            unmake(*kind, "/taken");
            nothing_left(&when);
        }
    }
}

fn set_owner(kind: Kind, held: &Held, name: &str, uid: u32, mode: libc::mode_t) {
    let path = match held {
        Held::Descriptor(fd) => format!("/proc/self/fd/{fd}"),
        Held::Semaphore(_) => kind.path(&std::ffi::CString::new(name).expect("no NUL")).display().to_string(),
    };
    std::os::unix::fs::chown(&path, Some(uid), Some(uid)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(&path, mode).unwrap_or_else(|error| panic!("{path}: {error}"));
}

fn reopen(kind: Kind, name: &str) -> Held {
    let c_name = std::ffi::CString::new(name).expect("no NUL");
    // SAFETY: the name ends in a NUL.
    unsafe {
        match kind {
            Kind::Queue => Held::Descriptor(libc::mq_open(c_name.as_ptr(), libc::O_RDONLY)),
            Kind::SharedMemory => Held::Descriptor(libc::shm_open(c_name.as_ptr(), libc::O_RDONLY, 0)),
            Kind::Semaphore => Held::Semaphore(libc::sem_open(c_name.as_ptr(), 0)),
        }
    }
}
