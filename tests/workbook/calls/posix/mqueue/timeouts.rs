//! `mq_timedsend` and `mq_timedreceive`: calls that wait until a date at most.

use super::*;

const SOON: Duration = Duration::from_millis(30);
const LATER: Duration = Duration::from_secs(8);

/// Dates that do not exist.
const WRONG: [TimeSpec; 3] = [TimeSpec::new(1, -1), TimeSpec::new(1, 1_000_000_000), TimeSpec::new(-1, 0)];

// mq_timedsend

#[test]
fn mq_timedsend_queues_the_bytes_even_if_the_date_has_passed() {
    private(|| {
        let mq = queue(0);
        mq_timedsend(&mq, b"hello", 7, &LONG_AGO).unwrap();
        assert_eq!(bytes_queued(&mq), "5");
        assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((5, 7)));
        unlink();
    });
}

#[test]
fn mq_timedsend_waits_for_room() {
    private(|| {
        let mq = full(0);
        let deadline = from_now(LATER);
        let make_room = || assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        while_waiting(SENDING, || mq_timedsend(&mq, b"three", 0, &deadline), make_room).unwrap();
        assert_eq!(bytes_queued(&mq), "6");
        unlink();
    });
}

#[test]
fn mq_timedsend_to_a_full_queue_is_etimedout_after_the_date() {
    private(|| {
        let mq = full(0);
        assert_eq!(mq_timedsend(&mq, b"3", 0, &LONG_AGO).unwrap_err(), Errno::ETIMEDOUT);
        let deadline = from_now(SOON);
        assert_eq!(mq_timedsend(&mq, b"3", 0, &deadline).unwrap_err(), Errno::ETIMEDOUT);
        assert!(from_now(Duration::ZERO) >= deadline);
        assert_eq!(bytes_queued(&mq), "2");
        unlink();
    });
}

#[test]
fn mq_timedsend_with_a_wrong_date_is_einval_even_if_there_is_room() {
    private(|| {
        let mq = queue(0);
        for date in &WRONG {
            assert_eq!(mq_timedsend(&mq, b"x", 0, date).unwrap_err(), Errno::EINVAL, "{date:?}");
        }
        assert_eq!(bytes_queued(&mq), "0");
        mq_timedsend(&mq, b"x", 0, &TimeSpec::new(0, 999_999_999)).unwrap();
        unlink();
    });
}

#[test]
fn mq_timedsend_fails_in_the_same_cases_as_mq_send() {
    private(|| {
        let mq = full(O_NONBLOCK);
        let date = from_now(LATER);
        assert_eq!(mq_timedsend(&mq, b"3", 0, &date).unwrap_err(), Errno::EAGAIN);
        assert_eq!(mq_timedsend(&mq, b"3", 32768, &date).unwrap_err(), Errno::EINVAL);
        assert_eq!(mq_timedsend(&mq, b"123456789", 0, &date).unwrap_err(), Errno::EMSGSIZE);
        assert_eq!(mq_timedsend(&no_queue(), b"3", 0, &date).unwrap_err(), Errno::EBADF);
        let reader = mq_open(Q, O_RDONLY, 0, None).unwrap();
        assert_eq!(mq_timedsend(&reader, b"3", 0, &date).unwrap_err(), Errno::EBADF);
        unlink();
    });
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_mq_timedsend_eintr() {
    private(|| {
        let (mq, date) = (full(0), from_now(LATER));
        let result = interrupted(SENDING, SaFlags::empty(), || mq_timedsend(&mq, b"3", 0, &date));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        unlink();
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_mq_timedsend_waiting_until_the_same_date() {
    private(|| {
        let (mq, date) = (full(0), from_now(LATER));
        let make_room = || assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        restarted(SENDING, || mq_timedsend(&mq, b"3", 0, &date), make_room).unwrap();
        assert_eq!(bytes_queued(&mq), "2");
        unlink();
    });
}

// mq_timedreceive

#[test]
fn mq_timedreceive_takes_a_message_even_if_the_date_has_passed() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"hello", 7).unwrap();
        let mut buffer = [b'.'; 8];
        assert_eq!(mq_timedreceive(&mq, &mut buffer, &LONG_AGO), Ok((5, 7)));
        assert_eq!(&buffer, b"hello...");
        unlink();
    });
}

#[test]
fn mq_timedreceive_waits_for_a_message() {
    private(|| {
        let (mq, date) = (queue(0), from_now(LATER));
        let mut buffer = [0; 8];
        let send = || mq_send(&mq, b"late", 3).unwrap();
        let result = while_waiting(RECEIVING, || mq_timedreceive(&mq, &mut buffer, &date), send);
        assert_eq!((result, &buffer[..4]), (Ok((4, 3)), &b"late"[..]));
        unlink();
    });
}

#[test]
fn mq_timedreceive_from_an_empty_queue_is_etimedout_after_the_date() {
    private(|| {
        let mq = queue(0);
        assert_eq!(mq_timedreceive(&mq, &mut [0; 8], &LONG_AGO).unwrap_err(), Errno::ETIMEDOUT);
        let deadline = from_now(SOON);
        assert_eq!(mq_timedreceive(&mq, &mut [0; 8], &deadline).unwrap_err(), Errno::ETIMEDOUT);
        assert!(from_now(Duration::ZERO) >= deadline);
        unlink();
    });
}

#[test]
fn mq_timedreceive_with_a_wrong_date_is_einval_even_if_there_is_a_message() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        for date in &WRONG {
            assert_eq!(mq_timedreceive(&mq, &mut [0; 8], date).unwrap_err(), Errno::EINVAL, "{date:?}");
        }
        assert_eq!(bytes_queued(&mq), "1");
        assert_eq!(mq_timedreceive(&mq, &mut [0; 8], &TimeSpec::new(0, 999_999_999)), Ok((1, 0)));
        unlink();
    });
}

#[test]
fn mq_timedreceive_fails_in_the_same_cases_as_mq_receive() {
    private(|| {
        let (mq, date) = (queue(O_NONBLOCK), from_now(LATER));
        assert_eq!(mq_timedreceive(&mq, &mut [0; 8], &date).unwrap_err(), Errno::EAGAIN);
        mq_send(&mq, b"x", 0).unwrap();
        assert_eq!(mq_timedreceive(&mq, &mut [0; 7], &date).unwrap_err(), Errno::EMSGSIZE);
        assert_eq!(mq_timedreceive(&no_queue(), &mut [0; 8], &date).unwrap_err(), Errno::EBADF);
        let writer = mq_open(Q, O_WRONLY, 0, None).unwrap();
        assert_eq!(mq_timedreceive(&writer, &mut [0; 8], &date).unwrap_err(), Errno::EBADF);
        assert_eq!(bytes_queued(&mq), "1");
        unlink();
    });
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_mq_timedreceive_eintr() {
    private(|| {
        let (mq, date) = (queue(0), from_now(LATER));
        let mut buffer = [0; 8];
        let receive = || mq_timedreceive(&mq, &mut buffer, &date);
        assert_eq!(interrupted(RECEIVING, SaFlags::empty(), receive).unwrap_err(), Errno::EINTR);
        unlink();
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_mq_timedreceive_waiting_until_the_same_date() {
    private(|| {
        let (mq, date) = (queue(0), from_now(LATER));
        let mut buffer = [0; 8];
        let send = || mq_send(&mq, b"late", 0).unwrap();
        let receive = || mq_timedreceive(&mq, &mut buffer, &date);
        assert_eq!(restarted(RECEIVING, receive, send), Ok((4, 0)));
        unlink();
    });
}

#[test]
fn a_listener_gets_dates() {
    private(|| {
        let mq = queue(0);
        let all = heard(|| {
            mq_timedreceive(&mq, &mut [0; 8], &TimeSpec::new(3, 750_000_000)).unwrap_err();
            mq_timedsend(&mq, b"x", 5, &TimeSpec::new(1, 2)).unwrap();
            mq_timedsend(&mq, b"x", 5, &TimeSpec::new(1, -1)).unwrap_err();
            mq_timedreceive(&mq, &mut [0; 8], &TimeSpec::new(3, 0)).unwrap();
        });
        let fd = mq.as_raw_fd();
        let want = [
            format!(
                "mq_timedreceive({fd}, buffer, 8, NULL, {{tv_sec=3, tv_nsec=750000000}}) = -1 ETIMEDOUT (Connection timed out)"
            ),
            format!(r#"mq_timedsend({fd}, "x", 1, 5, {{tv_sec=1, tv_nsec=2}}) = 0"#),
            format!(
                r#"mq_timedsend({fd}, "x", 1, 5, {{tv_sec=1, tv_nsec=-1}}) = -1 EINVAL (Invalid argument)"#
            ),
            format!(r#"mq_timedreceive({fd}, "x", 8, [5], {{tv_sec=3, tv_nsec=0}}) = 1"#),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}

// Without a date, and with an address in its place

#[test]
fn without_a_date_the_calls_wait_for_room_or_for_a_message() {
    private(|| {
        let mq = full(0);
        let make_room = || assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        while_waiting(SENDING, || mq_timedsend(&mq, b"three", 0, None), make_room).unwrap();
        assert_eq!(mq_timedreceive(&mq, &mut [0; 8], None), Ok((1, 0)));
        assert_eq!(bytes_queued(&mq), "5");
        unlink();
    });
}

#[test]
fn an_address_without_a_date_is_efault_and_changes_nothing() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"hello", 0).unwrap();
        assert_eq!(sys_mq_timedsend(&mq, b"x", 0, 1).unwrap_err(), Errno::EFAULT);
        assert_eq!(sys_mq_timedreceive(&mq, &mut [0; 8], 1).unwrap_err(), Errno::EFAULT);
        assert_eq!(bytes_queued(&mq), "5");
        unlink();
    });
}
