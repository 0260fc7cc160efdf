//! `msgsnd` and `msgrcv`: send and receive messages.

use super::*;

// msgsnd

#[test]
fn msgsnd_appends_a_message() {
    private(|| {
        let msqid = queue(0o600);
        msgsnd(msqid, 1, b"hello", 0).unwrap();
        msgsnd(msqid, 2, b"", IPC_NOWAIT).unwrap();
        let field = |name| shown("msg", msqid, name);
        assert_eq!((field("qnum"), field("cbytes")), (2, 5));
        assert_eq!((field("lspid"), field("lrpid")), (pid().into(), 0));
        assert!((0..=2).contains(&(now() - field("stime"))));
        remove(msqid);
    });
}

#[test]
fn msgsnd_without_write_permission_is_eacces() {
    private_as_ordinary_user(|| {
        let msqid = queue(0o400);
        assert_eq!(msgsnd(msqid, 1, b"", 0), Err(EACCES));
        remove(msqid);
    });
}

#[test]
fn msgsnd_of_too_many_bytes_is_eagain() {
    private(|| {
        let msqid = queue(0o600);
        full(msqid);
        assert_eq!(msgsnd(msqid, 1, b"x", IPC_NOWAIT), Err(EAGAIN));
        assert_eq!(msgsnd(msqid, 1, b"", IPC_NOWAIT), Ok(()));
        remove(msqid);
    });
}

#[test]
fn msgsnd_of_too_many_empty_messages_is_eagain() {
    private(|| {
        let msqid = queue(0o600);
        full(msqid);
        for _ in 1..10 {
            msgsnd(msqid, 1, b"", IPC_NOWAIT).unwrap();
        }
        assert_eq!(msgsnd(msqid, 1, b"", IPC_NOWAIT), Err(EAGAIN));
        assert_eq!(shown("msg", msqid, "qnum"), 10);
        remove(msqid);
    });
}

#[test]
fn msgsnd_waits_for_room() {
    private(|| {
        let msqid = queue(0o600);
        full(msqid);
        let sent = while_waiting(
            SENDING,
            || msgsnd(msqid, 2, b"later", 0),
            || {
                msgrcv(msqid, &mut [0; 10], 1, 0).unwrap();
            },
        );
        assert_eq!(sent, Ok(()));
        assert_eq!(received(msqid, 0, 0), Ok(("later".into(), 2)));
        remove(msqid);
    });
}

#[test]
fn msgsnd_to_a_queue_removed_while_it_waits_is_eidrm() {
    private(|| {
        let msqid = queue(0o600);
        full(msqid);
        assert_eq!(while_waiting(SENDING, || msgsnd(msqid, 1, b"x", 0), || remove(msqid)), Err(EIDRM));
    });
}

#[test]
fn msgsnd_interrupted_by_a_handler_is_eintr_even_with_sa_restart() {
    private(|| {
        let msqid = queue(0o600);
        full(msqid);
        for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
            assert_eq!(interrupted(SENDING, flags, || msgsnd(msqid, 1, b"x", 0)), Err(EINTR), "{flags:?}");
        }
        remove(msqid);
    });
}

#[test]
fn msgsnd_with_an_invalid_identifier_type_or_length_is_einval() {
    private(|| {
        let msqid = queue(0o600);
        assert_eq!(msgsnd(msqid, 0, b"x", 0), Err(EINVAL));
        assert_eq!(msgsnd(msqid, -1, b"x", 0), Err(EINVAL));
        assert_eq!(msgsnd(msqid, 1, &[0; 8193], 0), Err(EINVAL));
        assert_eq!(shown("msg", msqid, "qnum"), 0);
        assert_eq!(msgsnd(msqid, 1, &[0; 8192], 0), Ok(()));
        assert_eq!((msgsnd(-1, 1, b"x", 0), msgsnd(msqid + 1, 1, b"x", 0)), (Err(EINVAL), Err(EINVAL)));
        remove(msqid);
        assert_eq!(msgsnd(msqid, 1, b"x", 0), Err(EINVAL));
    });
}

// msgrcv

#[test]
fn msgrcv_receives_whole_messages_of_any_length() {
    private(|| {
        let msqid = queue(0o600);
        for length in 0..=20 {
            let sent = (1..=length).collect::<Vec<u8>>();
            msgsnd(msqid, 9, &sent, 0).unwrap();
            let mut mtext = [0xff; 21];
            assert_eq!(msgrcv(msqid, &mut mtext, 0, 0), Ok((sent.len(), 9)));
            assert_eq!((&mtext[..sent.len()], mtext[sent.len()]), (&sent[..], 0xff));
        }
        let field = |name| shown("msg", msqid, name);
        assert_eq!((field("qnum"), field("cbytes"), field("lrpid")), (0, 0, pid().into()));
        assert!((0..=2).contains(&(now() - field("rtime"))));
        remove(msqid);
    });
}

#[test]
fn msgrcv_chooses_by_type() {
    private(|| {
        let first = |msgtyp, msgflg| {
            let msqid = four_messages();
            let message = received(msqid, msgtyp, msgflg).unwrap();
            assert_eq!(shown("msg", msqid, "qnum"), 3);
            remove(msqid);
            message
        };
        assert_eq!(first(0, 0), ("a".into(), 300));
        assert_eq!(first(200, 0), ("c".into(), 200));
        assert_eq!(first(300, MSG_EXCEPT), ("b".into(), 100));
        assert_eq!(first(-250, 0), ("b".into(), 100));
        assert_eq!(first(-100, 0), ("b".into(), 100));
    });
}

#[test]
fn msgrcv_with_msg_copy_leaves_the_message() {
    if !copies() {
        return;
    }
    private(|| {
        let msqid = four_messages();
        assert_eq!(received(msqid, 0, MSG_COPY), Ok(("a".into(), 300)));
        assert_eq!(received(msqid, 2, MSG_COPY), Ok(("c".into(), 200)));
        assert_eq!((shown("msg", msqid, "qnum"), shown("msg", msqid, "lrpid")), (4, 0));
        assert_eq!(received(msqid, 4, MSG_COPY), Err(ENOMSG));
        assert_eq!(received(msqid, -1, MSG_COPY), Err(ENOMSG));
        assert_eq!(msgrcv(msqid, &mut [], 0, MSG_COPY | IPC_NOWAIT), Err(E2BIG));
        remove(msqid);
    });
}

#[test]
fn msgrcv_of_a_long_message_is_e2big_or_cuts_with_msg_noerror() {
    private(|| {
        let msqid = queue(0o600);
        msgsnd(msqid, 1, b"hello", 0).unwrap();
        let mut mtext = [0; 4];
        assert_eq!(msgrcv(msqid, &mut mtext, 0, 0), Err(E2BIG));
        assert_eq!((mtext, shown("msg", msqid, "qnum")), ([0; 4], 1));
        assert_eq!(msgrcv(msqid, &mut mtext, 0, MSG_NOERROR), Ok((4, 1)));
        assert_eq!((&mtext, shown("msg", msqid, "cbytes")), (b"hell", 0));
        remove(msqid);
    });
}

#[test]
fn msgrcv_without_read_permission_is_eacces() {
    private_as_ordinary_user(|| {
        let msqid = queue(0o200);
        msgsnd(msqid, 1, b"x", 0).unwrap();
        assert_eq!(msgrcv(msqid, &mut [0], 0, IPC_NOWAIT), Err(EACCES));
        assert_eq!(shown("msg", msqid, "qnum"), 1);
        remove(msqid);
    });
}

#[test]
fn msgrcv_waits_for_a_message_of_the_type() {
    private(|| {
        let msqid = four_messages();
        let mut mtext = [0; 5];
        let got = while_waiting(
            RECEIVING,
            || msgrcv(msqid, &mut mtext, 7, 0),
            || {
                msgsnd(msqid, 7, b"later", 0).unwrap();
            },
        );
        assert_eq!((got, &mtext), (Ok((5, 7)), b"later"));
        remove(msqid);
    });
}

#[test]
fn msgrcv_from_a_queue_removed_while_it_waits_is_eidrm() {
    private(|| {
        let msqid = queue(0o600);
        let got = while_waiting(RECEIVING, || msgrcv(msqid, &mut [0], 0, 0), || remove(msqid));
        assert_eq!(got, Err(EIDRM));
    });
}

#[test]
fn msgrcv_interrupted_by_a_handler_is_eintr_even_with_sa_restart() {
    private(|| {
        let msqid = queue(0o600);
        for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
            let got = interrupted(RECEIVING, flags, || msgrcv(msqid, &mut [0], 0, 0));
            assert_eq!(got, Err(EINTR), "{flags:?}");
        }
        remove(msqid);
    });
}

#[test]
fn msgrcv_from_an_invalid_identifier_is_einval() {
    private(|| {
        let msqid = queue(0o600);
        remove(msqid);
        for none in [-1, msqid, msqid + 1] {
            assert_eq!(msgrcv(none, &mut [0], 0, IPC_NOWAIT), Err(EINVAL));
        }
    });
}

#[test]
fn msgrcv_with_msg_copy_and_wrong_flags_or_a_short_buffer_is_einval() {
    if !copies() {
        return;
    }
    private(|| {
        let msqid = four_messages();
        let copy = |mtext: &mut [u8], msgflg| msgrcv(msqid, mtext, 0, MSG_COPY | msgflg);
        assert_eq!(copy(&mut [0], 0), Err(EINVAL));
        assert_eq!(copy(&mut [0], IPC_NOWAIT | MSG_EXCEPT), Err(EINVAL));
        assert_eq!(copy(&mut [], IPC_NOWAIT | MSG_NOERROR), Err(EINVAL));
        assert_eq!(copy(&mut [0], IPC_NOWAIT | MSG_NOERROR), Ok((1, 300)));
        remove(msqid);
    });
}

#[test]
fn msgrcv_without_a_message_of_the_type_is_enomsg() {
    private(|| {
        let msqid = four_messages();
        for (msgtyp, msgflg) in [(7, 0), (-99, 0)] {
            assert_eq!(received(msqid, msgtyp, msgflg), Err(ENOMSG));
        }
        remove(msqid);
        let msqid = queue(0o600);
        msgsnd(msqid, 7, b"", 0).unwrap();
        assert_eq!(received(msqid, 7, MSG_EXCEPT), Err(ENOMSG));
        assert_eq!(received(msqid, 0, 0), Ok((String::new(), 7)));
        assert_eq!(received(msqid, 0, 0), Err(ENOMSG));
        remove(msqid);
    });
}

// waiting processes

#[test]
fn a_waiting_process_is_seen_in_its_call_and_in_no_other() {
    private(|| {
        let msqid = msgget(IPC_PRIVATE, 0o600).expect("a queue");
        let waiting = Forked::start(|| msgrcv(msqid, &mut [0; 8], 0, 0));
        let child = waiting.pid();
        assert_eq!(wait_until_blocked_in(child, "msgrcv"), Ok(libc::SYS_msgrcv));
        assert!(
            wait_until_blocked_in(child, "semop").is_err_and(|unseen| unseen.0.contains("did not wait in"))
        );
        assert!(wait_until_blocked_in(child, "shmat").is_err(), "shmat never waits");
        msgctl(msqid, IPC_RMID).expect("removed");
        assert!(
            wait_until_blocked_in(child, "msgrcv").is_err_and(|unseen| unseen.0.contains("ended before"))
        );
        assert_eq!(waiting.result(), Err(EIDRM));
        assert!(wait_until_blocked_in(child, "msgrcv").is_err_and(|unseen| unseen.0.contains("ENOENT")));
    });
}
