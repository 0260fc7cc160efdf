//! Machines that lack /dev/shm, or refuse namespaces.

use super::*;

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

pub(super) fn no_dev_shm(lesson: &str) {
    let usual = usual(lesson);
    let mut command = workbook(lesson);
    // An empty /dev has no mqueue either, which lessons can do without.
    cover(&mut command, c"/dev", 0);
    if usual.needs_dev_shm() {
        refused(&mut command, 3, &["_open", "ENOENT", "/dev/shm", "mount"]);
    } else {
        let output = limited(&mut command);
        assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
        assert!(complaints(&output).is_empty(), "{}", describe(&output));
    }
    nothing_left("without /dev/shm");
}

pub(super) fn read_only_dev_shm(lesson: &str) {
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

pub(super) fn no_namespaces(lesson: &str) {
    let mut command = workbook(lesson);
    forbid_namespaces(command.arg("--private"));
    let output = refused(&mut command, 3, &["unshare", "ENOSPC", "--private", "max_user_namespaces"]);
    did_nothing(&output, "no namespaces");
}

pub(super) fn not_apart(lesson: &str) {
    let usual = usual(lesson);
    let mut command = workbook(lesson);
    forbid_namespaces(command.args(["--format", "json"]));
    let output = run(&mut command, 0);
    let claims: Vec<_> = events(&output).into_iter().filter(|event| event["event"] == "claim").collect();
    assert_eq!(claims.len(), usual.claims.len(), "{}", describe(&output));
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
