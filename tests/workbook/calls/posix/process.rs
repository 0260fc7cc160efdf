//! `<fcntl.h>`, `<signal.h>`, `<stdlib.h>`, `<sys/resource.h>`, and the rest of `<unistd.h>`.

use super::*;
use ipc_workbook::fcntl::open;
use ipc_workbook::observe::stat_field;
use ipc_workbook::resource::{setpriority, setrlimit as limit};
use ipc_workbook::signal::{kill, sigaction as install, signal, sigprocmask, sigwait};
use ipc_workbook::unistd::{pipe, read, sysconf, unlink, write};
use libc::{O_NONBLOCK, O_RDONLY};
use nix::fcntl::OFlag;

const FILE: &CStr = c"/dev/shm/file"; // each namespace has its own /dev/shm

fn file() -> std::os::fd::OwnedFd {
    open(FILE, O_CREAT | O_EXCL | O_RDWR, 0o600).expect("open")
}

fn text(bytes: usize) -> CString {
    CString::new(format!("/dev/shm/{}", "n".repeat(bytes))).expect("no NUL")
}

#[test]
fn open_creates_a_file_that_exec_closes_and_unlink_removes() {
    private(|| {
        let fd = file();
        assert!(closes_on_exec(&fd) && std::path::Path::new("/dev/shm/file").exists());
        unlink(FILE).unwrap();
        assert!(!std::path::Path::new("/dev/shm/file").exists());
    });
}

#[test]
fn errnos_of_open() {
    private(|| {
        assert_eq!(open(FILE, O_RDONLY, 0).unwrap_err(), Errno::ENOENT);
        let _fd = file();
        assert_eq!(open(FILE, O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap_err(), Errno::EEXIST);
        assert_eq!(open(c"/dev/shm", O_RDWR, 0).unwrap_err(), Errno::EISDIR);
        assert_eq!(open(c"/dev/shm/file/x", O_RDONLY, 0).unwrap_err(), Errno::ENOTDIR);
        assert_eq!(open(&text(256), O_RDONLY, 0).unwrap_err(), Errno::ENAMETOOLONG);
        assert_eq!(without_descriptors(|| open(FILE, O_RDONLY, 0)).unwrap_err(), Errno::EMFILE);
        unlink(FILE).unwrap();
    });
}

#[test]
fn open_and_unlink_are_refused_by_modes_and_by_the_sticky_bit() {
    private(|| {
        if !two_users() {
            return;
        }
        let _fd = file();
        assert_eq!(as_nobody(|| open(FILE, O_RDONLY, 0)).unwrap_err(), Errno::EACCES);
        assert_eq!(as_nobody(|| unlink(FILE)).unwrap_err(), Errno::EPERM);
        std::fs::create_dir("/dev/shm/mine").unwrap();
        std::fs::write("/dev/shm/mine/file", "").unwrap();
        assert_eq!(as_nobody(|| unlink(c"/dev/shm/mine/file")).unwrap_err(), Errno::EACCES);
        std::fs::remove_dir_all("/dev/shm/mine").unwrap();
        unlink(FILE).unwrap();
    });
}

#[test]
fn errnos_of_unlink() {
    private(|| {
        assert_eq!(unlink(FILE).unwrap_err(), Errno::ENOENT);
        std::fs::create_dir("/dev/shm/directory").unwrap();
        assert_eq!(unlink(c"/dev/shm/directory").unwrap_err(), Errno::EISDIR);
        std::fs::remove_dir("/dev/shm/directory").unwrap();
        let _fd = file();
        assert_eq!(unlink(c"/dev/shm/file/x").unwrap_err(), Errno::ENOTDIR);
        unlink(FILE).unwrap();
    });
}

#[test]
fn a_pipe_carries_bytes_to_its_other_end() {
    private(|| {
        let (reading, writing) = pipe().unwrap();
        assert!(closes_on_exec(&reading) && closes_on_exec(&writing));
        assert_eq!(write(&writing, b"bytes").unwrap(), 5);
        let mut buffer = [0; 3];
        assert_eq!(read(&reading, &mut buffer).unwrap(), 3);
        assert_eq!(&buffer, b"byt");
        assert_eq!(without_descriptors(pipe).unwrap_err(), Errno::EMFILE);
    });
}

#[test]
fn errnos_of_read_and_write() {
    private(|| {
        let (reading, writing) = pipe().unwrap();
        assert_eq!(read(&writing, &mut [0]).unwrap_err(), Errno::EBADF);
        assert_eq!(write(&reading, b"x").unwrap_err(), Errno::EBADF);
        for end in [&reading, &writing] {
            fcntl(end, FcntlArg::F_SETFL(OFlag::from_bits_retain(O_NONBLOCK))).unwrap();
        }
        assert_eq!(read(&reading, &mut [0]).unwrap_err(), Errno::EAGAIN);
        while write(&writing, &[0; 4096]).is_ok() {}
        assert_eq!(write(&writing, &[0; 4096]).unwrap_err(), Errno::EAGAIN);
        drop(reading);
        assert_eq!(write(&writing, b"x").unwrap_err(), Errno::EPIPE);
        let directory = open(c"/dev/shm", O_RDONLY, 0).unwrap();
        assert_eq!(read(&directory, &mut [0]).unwrap_err(), Errno::EISDIR);
        let full = open(c"/dev/full", O_RDWR, 0).unwrap();
        assert_eq!(write(&full, b"x").unwrap_err(), Errno::ENOSPC);
    });
}

#[test]
fn a_blocked_signal_stays_pending_until_sigwait() {
    private(|| {
        in_child(|| {
            sigprocmask(Signal::SIGTERM)?;
            kill(nix::unistd::getpid().as_raw(), Signal::SIGTERM)?;
            assert_eq!(sigwait(Signal::SIGTERM)?, Signal::SIGTERM);
            Ok(())
        })
        .unwrap();
    });
}

#[test]
fn errnos_of_kill_and_signal() {
    private(|| {
        assert_eq!(kill(i32::MAX, Signal::SIGTERM), Err(Errno::ESRCH));
        signal(Signal::SIGTERM).unwrap();
        assert_eq!(signal(Signal::SIGKILL), Err(Errno::EINVAL));
        assert_eq!(install(Signal::SIGKILL, SaFlags::empty()), Err(Errno::EINVAL));
        if two_users() {
            let me = nix::unistd::getpid().as_raw();
            assert_eq!(as_nobody(|| kill(me, Signal::SIGTERM)), Err(Errno::EPERM));
        }
    });
}

#[test]
fn setrlimit_keeps_the_hard_limit_and_stays_below_it() {
    private(|| {
        in_child(|| {
            let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
            limit(Resource::RLIMIT_NOFILE, 9)?;
            assert_eq!(getrlimit(Resource::RLIMIT_NOFILE)?, (9, hard));
            setrlimit(Resource::RLIMIT_NOFILE, 9, 9)?;
            assert_eq!(limit(Resource::RLIMIT_NOFILE, 10), Err(Errno::EINVAL));
            Ok(())
        })
        .unwrap();
    });
}

#[test]
fn sigaction_replaces_the_default_action_by_a_handler() {
    private(|| {
        in_child(|| {
            install(Signal::SIGUSR1, SaFlags::SA_RESTART)?;
            kill(pid(), Signal::SIGUSR1) // its default action would end the process
        })
        .unwrap();
    });
}

#[test]
fn setpriority_sets_the_nice_value() {
    private(|| {
        in_child(|| {
            setpriority(pid(), 100)?;
            assert_eq!(stat_field(pid(), 19).as_deref(), Some("19"));
            Ok(())
        })
        .unwrap();
        assert_eq!(setpriority(i32::MAX, 19), Err(Errno::ESRCH));
        if two_users() {
            let me = pid();
            assert_eq!(as_nobody(|| setpriority(me, 19)), Err(Errno::EPERM));
            assert_eq!(as_nobody(|| setpriority(pid(), -20)), Err(Errno::EACCES));
        }
    });
}

#[test]
fn sysconf_returns_a_limit_and_refuses_a_name_that_does_not_exist() {
    assert_eq!(sysconf(libc::_SC_MQ_PRIO_MAX), Ok(32768));
    assert_eq!(sysconf(-1), Err(Errno::EINVAL));
}
