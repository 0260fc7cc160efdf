//! `mq_getattr`, `mq_setattr` and `mq_notify`: attributes, and notification of new messages.

use super::*;

// mq_getattr, mq_setattr

#[test]
fn mq_getattr_counts_messages_and_shows_o_nonblock() {
    private(|| {
        let mq = queue(O_NONBLOCK);
        mq_send(&mq, b"x", 0).unwrap();
        let attr = MqAttr { mq_flags: O_NONBLOCK.into(), mq_maxmsg: 2, mq_msgsize: 8, mq_curmsgs: 1 };
        assert_eq!(mq_getattr(&mq), Ok(attr));
        assert_eq!(mq_getattr(&mq_open(Q, O_RDONLY, 0, None).unwrap()).unwrap().mq_flags, 0);
        unlink();
    });
}

#[test]
fn the_attributes_of_another_kind_of_descriptor_are_ebadf() {
    private(|| {
        assert_eq!(mq_getattr(&no_queue()).unwrap_err(), Errno::EBADF);
        assert_eq!(mq_setattr(&no_queue(), &MqAttr::default()).unwrap_err(), Errno::EBADF);
    });
}

#[test]
fn mq_setattr_changes_only_o_nonblock_and_returns_the_old_attributes() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        let old = MqAttr { mq_flags: 0, mq_maxmsg: 2, mq_msgsize: 8, mq_curmsgs: 1 };
        let wish = MqAttr { mq_flags: O_NONBLOCK.into(), mq_maxmsg: 9, mq_msgsize: 9, mq_curmsgs: 9 };
        assert_eq!(mq_setattr(&mq, &wish), Ok(old));
        assert_eq!(status_flags(&mq) & O_NONBLOCK, O_NONBLOCK);
        let new = MqAttr { mq_flags: O_NONBLOCK.into(), ..old };
        assert_eq!(mq_setattr(&mq, &MqAttr::default()), Ok(new));
        assert_eq!(status_flags(&mq) & O_NONBLOCK, 0);
        unlink();
    });
}

#[test]
fn a_queue_flag_other_than_o_nonblock_is_einval() {
    private(|| {
        let mq = queue(0);
        let wish = MqAttr { mq_flags: (O_NONBLOCK | libc::O_APPEND).into(), ..MqAttr::default() };
        assert_eq!(mq_setattr(&mq, &wish).unwrap_err(), Errno::EINVAL);
        assert_eq!(status_flags(&mq) & O_NONBLOCK, 0);
        unlink();
    });
}

// mq_notify

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
        mq_notify(&mq, Some(&silent_event())).unwrap();
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
        mq_notify(&mq, Some(&silent_event())).unwrap();
        assert_eq!(in_child(|| mq_notify(&mq, Some(&silent_event()))), Err(Errno::EBUSY));
        assert_eq!(notified_pid(&mq), my_pid());
        mq_notify(&mq, None).unwrap();
        assert_eq!(in_child(|| mq_notify(&mq, Some(&silent_event()))), Ok(()));
        unlink();
    });
}

#[test]
fn a_process_that_is_registered_already_gets_ebusy_itself() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&silent_event())).unwrap();
        assert_eq!(mq_notify(&mq, Some(&signal_event(Signal::SIGUSR1))).unwrap_err(), Errno::EBUSY);
        unlink();
    });
}

#[test]
fn notification_from_another_kind_of_descriptor_is_ebadf() {
    private(|| assert_eq!(mq_notify(&no_queue(), Some(&silent_event())).unwrap_err(), Errno::EBADF));
}

#[test]
fn an_unknown_kind_of_notification_is_einval() {
    private(|| {
        let mq = queue(0);
        // Timers have this kind of notification, but queues do not.
        let thread = SigevNotify::SigevThreadId { signal: Signal::SIGUSR1, thread_id: 1, si_value: 0 };
        assert_eq!(mq_notify(&mq, Some(&SigEvent::new(thread))).unwrap_err(), Errno::EINVAL);
        assert_eq!(notified_pid(&mq), "0");
        unlink();
    });
}

#[test]
fn notification_by_signal_65_is_einval() {
    private(|| {
        let mq = queue(0);
        let mut event = signal_event(Signal::SIGUSR1).sigevent();
        event.sigev_signo = 65;
        assert_eq!(mq_notify(&mq, Some(&SigEvent::from(&event))).unwrap_err(), Errno::EINVAL);
        event.sigev_signo = 64;
        mq_notify(&mq, Some(&SigEvent::from(&event))).unwrap();
        unlink();
    });
}
