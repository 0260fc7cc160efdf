//! `mq_notify`: notification of the first message.

use super::*;
use ipc_workbook::signal::{SigInfo, sigprocmask, sigwaitinfo};
use ipc_workbook_testing::until::until_so;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

#[test]
fn mq_notify_signals_once_when_a_message_reaches_the_empty_queue() {
    private(|| {
        count_signals(SaFlags::SA_RESTART);
        let mq = queue(0);
        mq_notify(&mq, Some(&signal_event(Signal::SIGUSR1))).unwrap();
        let line = format!("QSIZE:0 NOTIFY:0 SIGNO:{} NOTIFY_PID:{}", libc::SIGUSR1, my_pid());
        assert_eq!(status(&mq), line);
        mq_send(&mq, b"x", 0).unwrap();
        until_handled(0);
        assert_eq!(notified_pid(&mq), "0");
        unlink();
    });
}

#[test]
fn mq_notify_without_an_event_removes_the_registration() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&SigEvent::None)).unwrap();
        assert_eq!(status(&mq), format!("QSIZE:0 NOTIFY:1 SIGNO:0 NOTIFY_PID:{}", my_pid()));
        mq_notify(&mq, None).unwrap();
        assert_eq!(status(&mq), "QSIZE:0 NOTIFY:0 SIGNO:0 NOTIFY_PID:0");
        unlink();
    });
}

#[test]
fn a_second_process_that_wants_notification_gets_ebusy() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&SigEvent::None)).unwrap();
        assert_eq!(in_child(|| mq_notify(&mq, Some(&SigEvent::None))), Err(Errno::EBUSY));
        assert_eq!(notified_pid(&mq), my_pid());
        mq_notify(&mq, None).unwrap();
        assert_eq!(in_child(|| mq_notify(&mq, Some(&SigEvent::None))), Ok(()));
        unlink();
    });
}

#[test]
fn a_process_that_is_registered_already_gets_ebusy_itself() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&SigEvent::None)).unwrap();
        assert_eq!(mq_notify(&mq, Some(&signal_event(Signal::SIGUSR1))).unwrap_err(), Errno::EBUSY);
        unlink();
    });
}

#[test]
fn notification_from_another_kind_of_descriptor_is_ebadf() {
    private(|| assert_eq!(mq_notify(&no_queue(), Some(&SigEvent::None)).unwrap_err(), Errno::EBADF));
}

#[test]
fn notification_in_an_unknown_way_is_einval() {
    private(|| {
        let mq = queue(0);
        for sigev_notify in [-1, 77, libc::SIGEV_THREAD_ID] {
            let refused = mq_notify(&mq, Some(&SigEvent::Other(sigev_notify))).unwrap_err();
            assert_eq!(refused, Errno::EINVAL, "{sigev_notify}");
            assert_eq!(notified_pid(&mq), "0");
        }
        unlink();
    });
}

#[test]
fn notification_by_signal_65_or_a_negative_one_is_einval() {
    private(|| {
        let mq = queue(0);
        let signal = |sigev_signo| SigEvent::Signal { sigev_signo, sigev_value: SigVal::new(0) };
        for number in [65, -1] {
            assert_eq!(mq_notify(&mq, Some(&signal(number))).unwrap_err(), Errno::EINVAL, "{number}");
            assert_eq!(notified_pid(&mq), "0");
        }
        mq_notify(&mq, Some(&signal(64))).unwrap();
        mq_notify(&mq, None).unwrap();
        mq_notify(&mq, Some(&signal(0))).unwrap();
        assert_eq!(notified_pid(&mq), my_pid());
        unlink();
    });
}

#[test]
fn a_notification_by_signal_carries_its_value_and_the_sender() {
    private(|| {
        in_child(|| {
            sigprocmask(Signal::SIGUSR1)?;
            let mq = queue(0);
            let event = SigEvent::Signal { sigev_signo: libc::SIGUSR1, sigev_value: SigVal::new(-7) };
            mq_notify(&mq, Some(&event))?;
            let sender = Forked::start(|| mq_send(&mq, b"x", 0));
            let pid = sender.pid();
            sender.result()?;
            let want = SigInfo {
                si_signo: libc::SIGUSR1,
                si_code: libc::SI_MESGQ,
                si_pid: pid,
                si_uid: nix::unistd::getuid().as_raw(),
                si_value: SigVal::new(-7),
            };
            assert_eq!(sigwaitinfo(&[Signal::SIGUSR1])?, want);
            unlink();
            Ok(())
        })
        .unwrap();
    });
}

/// What the notifying thread has seen: its value and its thread id.
static VALUE: AtomicI32 = AtomicI32::new(0);
static THREAD: AtomicI32 = AtomicI32::new(0);

extern "C" fn remember(value: SigVal) {
    THREAD.store(nix::unistd::gettid().as_raw(), SeqCst);
    VALUE.store(value.sival_int(), SeqCst);
}

fn thread_event(sival_int: c_int) -> SigEvent {
    SigEvent::Thread { sigev_notify_function: remember, sigev_value: SigVal::new(sival_int) }
}

#[test]
fn a_notification_by_thread_calls_the_function_in_a_new_thread() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&thread_event(i32::MIN))).unwrap();
        assert_eq!(status(&mq), format!("QSIZE:0 NOTIFY:2 SIGNO:0 NOTIFY_PID:{}", my_pid()));
        mq_send(&mq, b"x", 0).unwrap();
        until_so("call of the function", || VALUE.load(SeqCst) == i32::MIN);
        let thread = THREAD.load(SeqCst);
        assert!(thread != nix::unistd::gettid().as_raw() && thread != nix::unistd::getpid().as_raw());
        assert_eq!(notified_pid(&mq), "0");
        unlink();
    });
}

#[test]
fn a_registration_for_a_thread_can_be_removed() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&thread_event(1))).unwrap();
        mq_notify(&mq, None).unwrap();
        assert_eq!(notified_pid(&mq), "0");
        // The next notification comes after anything that the removal has sent to the helper thread.
        mq_notify(&mq, Some(&thread_event(2))).unwrap();
        mq_send(&mq, b"x", 0).unwrap();
        until_so("call of the function", || VALUE.load(SeqCst) != 0);
        assert_eq!(VALUE.load(SeqCst), 2);
        unlink();
    });
}

#[test]
fn notification_by_thread_without_a_free_descriptor_is_enosys() {
    private(|| {
        let mq = queue(0);
        let event = thread_event(1);
        let refused = without_descriptors(|| mq_notify(&mq, Some(&event)));
        assert_eq!(refused.unwrap_err(), Errno::ENOSYS);
        assert_eq!(notified_pid(&mq), "0");
        unlink();
    });
}

#[test]
fn a_listener_gets_the_three_kinds_of_notification() {
    private(|| {
        let mq = queue(0);
        let all = heard(|| {
            mq_notify(&mq, Some(&signal_event(Signal::SIGUSR1))).unwrap();
            mq_notify(&mq, Some(&SigEvent::None)).unwrap_err();
            mq_notify(&mq, None).unwrap();
            let (sigev_signo, sigev_value) = (65, SigVal::new(-3));
            mq_notify(&mq, Some(&SigEvent::Signal { sigev_signo, sigev_value })).unwrap_err();
            mq_notify(&mq, Some(&thread_event(-3))).unwrap();
        });
        let fd = mq.as_raw_fd();
        let want = [
            format!(
                "mq_notify({fd}, {{sigev_notify=SIGEV_SIGNAL, sigev_signo=SIGUSR1, sigev_value={{sival_int=0}}}}) = 0"
            ),
            format!("mq_notify({fd}, {{sigev_notify=SIGEV_NONE}}) = -1 EBUSY (Device or resource busy)"),
            format!("mq_notify({fd}, NULL) = 0"),
            format!(
                "mq_notify({fd}, {{sigev_notify=SIGEV_SIGNAL, sigev_signo=65, sigev_value={{sival_int=-3}}}}) = -1 EINVAL (Invalid argument)"
            ),
            format!("mq_notify({fd}, {{sigev_notify=SIGEV_THREAD, sigev_value={{sival_int=-3}}}}) = 0"),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}
