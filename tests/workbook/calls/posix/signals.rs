//! `sigwaitinfo` and `<sys/signalfd.h>`: signals that a process waits for.

use super::*;
use ipc_workbook::signal::{SigInfo, SigVal, kill, sigprocmask, sigwaitinfo};
use ipc_workbook::signalfd::{self, SignalfdSiginfo, signalfd};
use libc::{SFD_CLOEXEC, SFD_NONBLOCK};

const WAITING: &[c_long] = &[libc::SYS_rt_sigtimedwait];
const READING: &[c_long] = &[libc::SYS_read];

/// Blocks SIGUSR2 in this thread, and sends it to this process. A test runs in a thread of its own, so the
/// main thread must not take the signal: it goes to a child, whose only thread waits for it.
fn with_signal(body: impl FnOnce()) {
    in_child(|| {
        sigprocmask(Signal::SIGUSR2)?;
        kill(pid(), Signal::SIGUSR2)?;
        body();
        Ok(())
    })
    .unwrap();
}

fn uid() -> u32 {
    nix::unistd::getuid().as_raw()
}

#[test]
fn sigwaitinfo_accepts_the_signal_and_returns_where_it_came_from() {
    private(|| {
        with_signal(|| {
            let want = SigInfo {
                si_signo: libc::SIGUSR2,
                si_code: libc::SI_USER,
                si_pid: pid(),
                si_uid: uid(),
                si_value: SigVal::new(0),
            };
            assert_eq!(sigwaitinfo(&[Signal::SIGTERM, Signal::SIGUSR2]), Ok(want));
            let mut pending = SigSet::empty();
            // SAFETY: the set lives through the call.
            let set = unsafe { &mut *(&raw mut pending).cast::<libc::sigset_t>() };
            // SAFETY: as above.
            assert_eq!(unsafe { libc::sigpending(set) }, 0);
            assert!(!pending.contains(Signal::SIGUSR2));
        });
    });
}

#[test]
fn a_handler_even_with_sa_restart_makes_sigwaitinfo_eintr() {
    private(|| {
        sigprocmask(Signal::SIGUSR2).unwrap();
        for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
            let result = interrupted(WAITING, flags, || sigwaitinfo(&[Signal::SIGUSR2]));
            assert_eq!(result.unwrap_err(), Errno::EINTR, "{flags:?}");
        }
    });
}

#[test]
fn a_descriptor_of_signalfd_yields_the_signal_once() {
    private(|| {
        with_signal(|| {
            let fd = signalfd(&[Signal::SIGUSR2], SFD_CLOEXEC | SFD_NONBLOCK).unwrap();
            assert!(closes_on_exec(&fd));
            assert_eq!(status_flags(&fd) & libc::O_NONBLOCK, libc::O_NONBLOCK);
            let want = SignalfdSiginfo {
                ssi_signo: libc::SIGUSR2.cast_unsigned(),
                ssi_code: libc::SI_USER,
                ssi_pid: pid().cast_unsigned(),
                ssi_uid: uid(),
                ssi_int: 0,
            };
            assert_eq!(signalfd::read(&fd), Ok(want));
            assert_eq!(signalfd::read(&fd).unwrap_err(), Errno::EAGAIN);
        });
    });
}

#[test]
fn errnos_of_signalfd_and_of_reading_it() {
    private(|| {
        assert_eq!(signalfd(&[], 1).unwrap_err(), Errno::EINVAL);
        assert_eq!(without_descriptors(|| signalfd(&[], 0)).unwrap_err(), Errno::EMFILE);
        // An epoll list cannot be read at all.
        let list = ipc_workbook::epoll::epoll_create1(0).unwrap();
        assert_eq!(signalfd::read(&list).unwrap_err(), Errno::EINVAL);
    });
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_read_of_signalfd_eintr() {
    private(|| {
        sigprocmask(Signal::SIGUSR2).unwrap();
        let fd = signalfd(&[Signal::SIGUSR2], 0).unwrap();
        let result = interrupted(READING, SaFlags::empty(), || signalfd::read(&fd));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
    });
}

#[test]
fn a_listener_gets_signals_and_where_they_came_from() {
    private(|| {
        with_signal(|| {
            let fd = signalfd(&[Signal::SIGUSR2], SFD_NONBLOCK).unwrap();
            let mut second = 0;
            let all = heard(|| {
                signalfd::read(&fd).unwrap();
                signalfd::read(&fd).unwrap_err();
                kill(pid(), Signal::SIGUSR2).unwrap();
                sigwaitinfo(&[Signal::SIGUSR2, Signal::SIGTERM]).unwrap();
                second = signalfd(&[Signal::SIGUSR2], SFD_CLOEXEC).unwrap().as_raw_fd();
            });
            let (n, pid, uid) = (fd.as_raw_fd(), pid(), uid());
            let want = [
                format!(
                    "read({n}, {{ssi_signo=SIGUSR2, ssi_code=SI_USER, ssi_pid={pid}, ssi_uid={uid}, ssi_int=0}}, 128) = 128"
                ),
                format!("read({n}, buf, 128) = -1 EAGAIN (Resource temporarily unavailable)"),
                format!("kill({pid}, SIGUSR2) = 0"),
                format!(
                    "sigwaitinfo([SIGUSR2 SIGTERM], {{si_signo=SIGUSR2, si_code=SI_USER, si_pid={pid}, si_uid={uid}, si_value={{sival_int=0}}}}) = 12"
                ),
                format!("signalfd(-1, [SIGUSR2], SFD_CLOEXEC) = {second}"),
            ];
            assert_eq!(all, want);
        });
    });
}
