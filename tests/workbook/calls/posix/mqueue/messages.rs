//! `mq_send` and `mq_receive`: send and receive messages.

use super::*;

// mq_send

#[test]
fn mq_send_queues_the_bytes() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"hello", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "5");
        mq_send(&mq, b"", 0).unwrap();
        assert_eq!((bytes_queued(&mq).as_str(), mq_getattr(&mq).unwrap().mq_curmsgs), ("5", 2));
        unlink();
    });
}

#[test]
fn mq_send_waits_while_the_queue_is_full() {
    private(|| {
        let mq = full(0);
        let make_room = || assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        while_waiting(SENDING, || mq_send(&mq, b"three", 0), make_room).unwrap();
        assert_eq!(bytes_queued(&mq), "6");
        unlink();
    });
}

#[test]
fn sending_to_a_full_nonblocking_queue_is_eagain() {
    private(|| {
        let mq = full(O_NONBLOCK);
        assert_eq!(mq_send(&mq, b"3", 0).unwrap_err(), Errno::EAGAIN);
        assert_eq!(bytes_queued(&mq), "2");
        unlink();
    });
}

#[test]
fn sending_through_a_read_only_descriptor_is_ebadf() {
    private(|| {
        let mq = queue(0);
        let reader = mq_open(Q, O_RDONLY, 0, None).unwrap();
        assert_eq!(mq_send(&reader, b"x", 0).unwrap_err(), Errno::EBADF);
        let writer = mq_open(Q, O_WRONLY, 0, None).unwrap();
        mq_send(&writer, b"x", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "1");
        unlink();
    });
}

#[test]
fn sending_to_another_kind_of_descriptor_is_ebadf() {
    private(|| assert_eq!(mq_send(&no_queue(), b"x", 0).unwrap_err(), Errno::EBADF));
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_mq_send_eintr() {
    private(|| {
        let mq = full(0);
        let result = interrupted(SENDING, SaFlags::empty(), || mq_send(&mq, b"3", 0));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        assert_eq!(bytes_queued(&mq), "2");
        unlink();
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_mq_send_waiting() {
    private(|| {
        let mq = full(0);
        let make_room = || assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        restarted(SENDING, || mq_send(&mq, b"3", 0), make_room).unwrap();
        assert_eq!(mq_getattr(&mq).unwrap().mq_curmsgs, 2);
        unlink();
    });
}

#[test]
fn a_priority_of_32768_is_einval_and_one_less_is_not() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 32767).unwrap();
        for priority in [32768, u32::MAX] {
            assert_eq!(mq_send(&mq, b"x", priority).unwrap_err(), Errno::EINVAL);
        }
        assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 32767)));
        unlink();
    });
}

#[test]
fn a_message_longer_than_mq_msgsize_is_emsgsize() {
    private(|| {
        let mq = queue(0);
        assert_eq!(mq_send(&mq, b"123456789", 0).unwrap_err(), Errno::EMSGSIZE);
        mq_send(&mq, b"12345678", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "8");
        unlink();
    });
}

// mq_receive

#[test]
fn mq_receive_takes_the_oldest_message_of_the_highest_priority() {
    private(|| {
        let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 8))).unwrap();
        for (message, priority) in [("low", 1), ("first", 7), ("second", 7), ("lowest", 0)] {
            mq_send(&mq, message.as_bytes(), priority).unwrap();
        }
        let mut buffer = [b'.'; 10];
        assert_eq!(mq_receive(&mq, &mut buffer), Ok((5, 7)));
        assert_eq!(&buffer, b"first.....");
        assert_eq!(bytes_queued(&mq), "15");
        for (message, priority) in [("second", 7), ("low", 1), ("lowest", 0)] {
            assert_eq!(mq_receive(&mq, &mut buffer), Ok((message.len(), priority)));
            assert_eq!(&buffer[..message.len()], message.as_bytes());
        }
        assert_eq!(bytes_queued(&mq), "0");
        unlink();
    });
}

#[test]
fn mq_receive_waits_while_the_queue_is_empty() {
    private(|| {
        let mq = queue(0);
        let mut buffer = [0; 8];
        let send = || mq_send(&mq, b"late", 3).unwrap();
        let result = while_waiting(RECEIVING, || mq_receive(&mq, &mut buffer), send);
        assert_eq!(result, Ok((4, 3)));
        assert_eq!(&buffer[..4], b"late");
        unlink();
    });
}

#[test]
fn receiving_from_an_empty_nonblocking_queue_is_eagain() {
    private(|| {
        let mq = queue(O_NONBLOCK);
        assert_eq!(mq_receive(&mq, &mut [0; 8]).unwrap_err(), Errno::EAGAIN);
        unlink();
    });
}

#[test]
fn receiving_through_a_write_only_descriptor_is_ebadf() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        let writer = mq_open(Q, O_WRONLY, 0, None).unwrap();
        assert_eq!(mq_receive(&writer, &mut [0; 8]).unwrap_err(), Errno::EBADF);
        let reader = mq_open(Q, O_RDONLY, 0, None).unwrap();
        assert_eq!(mq_receive(&reader, &mut [0; 8]), Ok((1, 0)));
        unlink();
    });
}

#[test]
fn receiving_from_another_kind_of_descriptor_is_ebadf() {
    private(|| assert_eq!(mq_receive(&no_queue(), &mut [0; 8]).unwrap_err(), Errno::EBADF));
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_mq_receive_eintr() {
    private(|| {
        let mq = queue(0);
        let mut buffer = [0; 8];
        let result = interrupted(RECEIVING, SaFlags::empty(), || mq_receive(&mq, &mut buffer));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        unlink();
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_mq_receive_waiting() {
    private(|| {
        let mq = queue(0);
        let mut buffer = [0; 8];
        let send = || mq_send(&mq, b"late", 0).unwrap();
        let result = restarted(RECEIVING, || mq_receive(&mq, &mut buffer), send);
        assert_eq!(result, Ok((4, 0)));
        unlink();
    });
}

#[test]
fn a_buffer_smaller_than_mq_msgsize_is_emsgsize_however_short_the_message() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        assert_eq!(mq_receive(&mq, &mut [0; 7]).unwrap_err(), Errno::EMSGSIZE);
        assert_eq!(bytes_queued(&mq), "1");
        assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        unlink();
    });
}

#[test]
fn mq_receive_without_priority_takes_the_same_message() {
    private(|| {
        let mq = queue(O_NONBLOCK);
        mq_send(&mq, b"low", 1).unwrap();
        mq_send(&mq, b"high", 2).unwrap();
        let mut buffer = [0; 8];
        assert_eq!(mq_receive_without_priority(&mq, &mut buffer), Ok(4));
        assert_eq!(&buffer[..4], b"high");
        assert_eq!(mq_receive_without_priority(&mq, &mut buffer[..1]), Err(Errno::EMSGSIZE));
        assert_eq!(mq_receive_without_priority(&mq, &mut buffer), Ok(3));
        assert_eq!(mq_receive_without_priority(&mq, &mut buffer), Err(Errno::EAGAIN));
        unlink();
    });
}
