//! Every lesson in a sandbox like a container's: a claim that cannot be seen there is not seen, with the
//! reason, and nothing else goes wrong.

use ipc_workbook_testing::prelude::*;
use nix::errno::Errno;

pub(crate) fn trials(trials: &mut Trials) {
    trials.in_container("the sandbox refuses the same calls as a container", refuses);
    trials.in_container("no claim of any lesson fails in a container", no_claim_fails);
    trials.in_container("in a container --private is an error that gives the reason", no_private);
}

/// Checks that calls which a lesson could make elsewhere fail here.
fn refuses() {
    let sys = std::fs::OpenOptions::new().write(true).open("/proc/sys/kernel/msgmni").map(drop);
    let errno = sys.expect_err("written").raw_os_error().map(Errno::from_raw);
    // For nobody, the mode of the file already forbids it.
    assert!(errno == Some(Errno::EROFS) || errno == Some(Errno::EACCES), "{errno:?}");
    // SAFETY: plain system calls. If one creates a child after all, it exits at once.
    let refused = unsafe {
        let copy = || {
            let child = libc::syscall(libc::SYS_clone, libc::CLONE_NEWUSER | libc::SIGCHLD, 0, 0, 0, 0);
            if child == 0 {
                libc::_exit(0);
            }
            child
        };
        [
            ("unshare", Errno::result(libc::unshare(libc::CLONE_NEWIPC)).map(drop)),
            ("setns", Errno::result(libc::setns(0, 0)).map(drop)),
            ("kcmp", Errno::result(libc::syscall(libc::SYS_kcmp, 1, 1, 0, 0, 0)).map(drop)),
            ("clone", Errno::result(copy()).map(drop)),
            ("clone3", Errno::result(libc::syscall(libc::SYS_clone3, 0, 0)).map(drop)),
        ]
    };
    for (call, result) in refused {
        assert_eq!(result, Err(if call == "clone3" { Errno::ENOSYS } else { Errno::EPERM }), "{call}");
    }
    // The sandbox runs programs, and has only its own processes.
    run(&mut command("true"), 0);
    let status = std::fs::read_to_string("/proc/1/status").expect("/proc");
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapPrm:\t"));
    let root = nix::unistd::geteuid().is_root();
    assert_eq!(capabilities, Some(if root { "00000000a80425fb" } else { "0000000000000000" }), "{status}");
    assert!(status.contains("\nSeccomp:\t2\n"), "{status}");
    assert!(!mqueue_is_mounted());
}

fn no_claim_fails() {
    let (mut held, mut all) = (0, 0);
    for lesson in lessons() {
        let output = limited(workbook(lesson).args(["--format", "json"]));
        no_panic(&output);
        match output.status.code() {
            Some(0) => assert!(complaints(&output).is_empty(), "{lesson}: {}", describe(&output)),
            // The message names the cause, then the remedy.
            Some(3) => {
                let complaints = complaints(&output);
                assert!(
                    complaints.len() == 1 && complaints[0].contains("; "),
                    "{lesson}: {}",
                    describe(&output)
                );
            }
            _ => panic!("{lesson}: {}", describe(&output)),
        }
        for claim in events(&output).iter().filter(|event| event["event"] == "claim") {
            let why = claim["why"].as_str().unwrap_or_default();
            let not_seen = claim["held"].is_null() && !why.is_empty();
            assert!(claim["held"] == true || not_seen, "{lesson}: {claim}: {}", describe(&output));
            held += u32::from(claim["held"] == true);
            all += 1;
        }
        nothing_left(lesson);
    }
    // A container shows most claims.
    assert!(4 * held > 3 * all, "only {held} of {all} claims held");
}

fn no_private() {
    let lesson = &lessons()[0];
    refused(workbook(lesson).arg("--private"), 3, &["--private", "EPERM", "seccomp"]);
}
