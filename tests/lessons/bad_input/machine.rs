//! Machines that have no usable /dev/shm, or that refuse namespaces.

use super::*;
use crate::c_twins::twin;
use std::collections::BTreeSet;
use std::ffi::CStr;

fn ok(returned: i32) -> std::io::Result<()> {
    if returned == -1 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}

/// Enters a new user namespace with the same uid and gid, and the other new namespaces in `more`. Even root
/// needs it, to limit the namespaces of this command alone.
fn enter_user_namespace(more: i32) -> impl Fn() -> std::io::Result<()> + Send + Sync + 'static {
    let uid_map = format!("{0} {0} 1", nix::unistd::geteuid());
    let gid_map = format!("{0} {0} 1", nix::unistd::getegid());
    move || {
        // SAFETY: system calls with constant arguments.
        ok(unsafe { libc::unshare(libc::CLONE_NEWUSER | more) })?;
        write_file(c"/proc/self/setgroups", "deny")?;
        write_file(c"/proc/self/uid_map", &uid_map)?;
        write_file(c"/proc/self/gid_map", &gid_map)
    }
}

fn write_file(path: &CStr, text: &str) -> std::io::Result<()> {
    // SAFETY: the path ends with a NUL, and the text outlives the call.
    unsafe {
        let fd = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        ok(fd)?;
        let written = libc::write(fd, text.as_ptr().cast(), text.len());
        libc::close(fd);
        ok(if written == -1 { -1 } else { 0 })
    }
}

/// Mounts an empty tmpfs over `path`, visible only to this command.
fn cover(command: &mut Command, path: &'static CStr, flags: libc::c_ulong, options: &'static CStr) {
    let enter = enter_user_namespace(libc::CLONE_NEWNS);
    after_fork(command, move || {
        enter()?;
        let tmpfs = c"tmpfs".as_ptr();
        // SAFETY: the strings end with a NUL.
        ok(unsafe { libc::mount(tmpfs, path.as_ptr(), tmpfs, flags, options.as_ptr().cast()) })
    });
}

pub(super) fn no_dev_shm(lesson: &str) {
    let usual = usual(lesson);
    let mut command = workbook(lesson);
    // An empty /dev has no mqueue either; lessons can do without it.
    cover(&mut command, c"/dev", 0, c"");
    if usual.needs_dev_shm() && comes_to_dev_shm(&mut command) {
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
    cover(&mut command, c"/dev/shm", libc::MS_RDONLY, c"");
    if usual.needs_dev_shm() && comes_to_dev_shm(&mut command) {
        refused(&mut command, 3, &["_open", "EROFS", "/dev/shm"]);
    } else {
        run(&mut command, 0);
    }
    nothing_left("a read-only /dev/shm");
}

/// Returns whether the lesson makes a call about /dev/shm here. With only one user, a lesson leaves out
/// the processes that need a second user, and their calls.
fn comes_to_dev_shm(command: &mut Command) -> bool {
    let output = limited(command);
    let text = stdout(&output);
    output.status.code() != Some(0) || text.contains("sem_open(") || text.contains("shm_open(")
}

/// Runs all lessons that use /dev/shm in one that is too small for some of them.
pub(super) fn small_dev_shm() {
    let mut without_a_page = BTreeSet::new();
    for Profile { name, .. } in profiles().iter().filter(|profile| profile.needs_dev_shm) {
        for options in [c"size=4096", c"size=1m"] {
            // Objects left in this /dev/shm become extra lines on standard error.
            let mut command = shell(name, "\"$0\" --format json; code=$?; ls -A /dev/shm >&2; exit $code");
            cover(&mut command, c"/dev/shm", 0, options);
            forbid_namespaces(&mut command); // otherwise, a lesson could mount another /dev/shm
            let output = limited(&mut command);
            let (when, complaints) = (format!("{name}, {options:?}"), complaints(&output));
            no_panic(&output);
            match output.status.code() {
                Some(0) => assert!(complaints.is_empty(), "{when}: {}", describe(&output)),
                Some(3) => {
                    let remedy = ["/dev/shm", "full", "mount -o remount,size="];
                    let good =
                        complaints.len() == 1 && remedy.iter().all(|word| complaints[0].contains(word));
                    assert!(good, "{when}: {}", describe(&output));
                    // The twins run with this size.
                    if complaints[0].contains("SIGBUS") && options == c"size=1m" {
                        without_a_page.insert(name);
                    }
                }
                _ => panic!("{when}: {}", describe(&output)),
            }
            let is_claim = |event: &&serde_json::Value| event["event"] == "claim";
            for claim in events(&output).iter().filter(is_claim) {
                assert_ne!(claim["held"], false, "{when}: {claim}: {}", describe(&output));
            }
            nothing_left(&when);
        }
    }
    // ftruncate promised more memory than there is. The C twins do not have the library's handler for SIGBUS.
    assert!(!without_a_page.is_empty());
    let folder = Folder::new("small-dev-shm");
    for lesson in without_a_page.into_iter().filter(|_| have("cc")) {
        let program = compiled(&twin(lesson), &folder);
        let mut twin = command("sh");
        twin.args(["-c", "\"$0\"; code=$?; ls -A /dev/shm >&2; exit $code"]).arg(&program);
        cover(&mut twin, c"/dev/shm", 0, c"size=1m");
        let output = limited(&mut twin);
        let good = output.status.code() == Some(3) && complaints(&output).len() == 1;
        assert!(good, "{lesson} in C: {}", describe(&output));
    }
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

/// Prevents the command from creating a namespace, as any user.
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
