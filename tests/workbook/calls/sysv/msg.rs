//! `<sys/msg.h>`: message queues.

use super::*;
use ipc_workbook::call::Errno::*;
use ipc_workbook::observe::wait_until_blocked_in;
use ipc_workbook::sysv::msg::*;

const SENDING: &[c_long] = &[libc::SYS_msgsnd];
const RECEIVING: &[c_long] = &[libc::SYS_msgrcv];

/// A new queue with the key [`KEY`].
fn queue(mode: c_int) -> c_int {
    not_for_ever();
    msgget(KEY, IPC_CREAT | IPC_EXCL | mode).expect("msgget")
}

fn remove(msqid: c_int) {
    msgctl(msqid, IPC_RMID).expect("IPC_RMID");
}

/// A queue on which the messages 300 a, 100 b, 200 c and 100 d wait.
fn four_messages() -> c_int {
    let msqid = queue(0o600);
    for (mtype, mtext) in [(300, b"a"), (100, b"b"), (200, b"c"), (100, b"d")] {
        msgsnd(msqid, mtype, mtext, 0).expect("msgsnd");
    }
    msqid
}

/// The message that is received: its text and type.
fn received(msqid: c_int, msgtyp: c_long, msgflg: c_int) -> Result<(String, c_long)> {
    let mut mtext = [0; 64];
    let (length, mtype) = msgrcv(msqid, &mut mtext, msgtyp, msgflg | IPC_NOWAIT)?;
    Ok((String::from_utf8_lossy(&mtext[..length]).into_owned(), mtype))
}

/// The queue with no room for one byte more.
fn full(msqid: c_int) {
    let mut ds = msgctl(msqid, IPC_STAT).expect("IPC_STAT");
    ds.msg_qbytes = 10;
    msgctl(msqid, IPC_SET(&ds)).expect("IPC_SET");
    msgsnd(msqid, 1, &[b'x'; 10], IPC_NOWAIT).expect("msgsnd");
}

/// The kernel copies messages where it can be checkpointed.
fn copies() -> bool {
    let can = std::fs::exists("/proc/sys/kernel/msg_next_id").unwrap_or(false);
    if !can {
        skip("this kernel has no MSG_COPY");
    }
    can
}

// msgget

#[test]
fn msgget_creates_an_empty_queue_with_the_mode_asked_for() {
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_retain(0o077));
        let msqid = queue(0o755);
        let field = |name| shown("msg", msqid, name);
        assert_eq!((field("key"), field("perms")), (i64::from(KEY), 0o755));
        assert_eq!((field("qnum"), field("cbytes"), field("lspid"), field("lrpid")), (0, 0, 0, 0));
        assert_eq!((field("stime"), field("rtime")), (0, 0));
        assert_eq!(field("cuid"), i64::from(nix::unistd::geteuid().as_raw()));
        assert!((0..=2).contains(&(now() - field("ctime"))));
        remove(msqid);
    });
}

#[test]
fn msgget_with_ipc_private_always_creates() {
    private(|| {
        let queues = [0o600, IPC_CREAT | 0o600, IPC_CREAT | IPC_EXCL | 0o600, 0]
            .map(|msgflg| msgget(IPC_PRIVATE, msgflg).unwrap());
        let mut listed = listed("msg");
        listed.sort_unstable();
        assert_eq!(listed, queues);
        assert_eq!(shown("msg", queues[0], "key"), 0);
        for msqid in queues {
            remove(msqid);
        }
    });
}

#[test]
fn msgget_finds_the_queue_with_the_key() {
    private(|| {
        let msqid = queue(0o600);
        for msgflg in [0, 0o600, IPC_CREAT | 0o600, IPC_EXCL] {
            assert_eq!(msgget(KEY, msgflg), Ok(msqid), "{msgflg:#o}");
        }
        assert_eq!(listed("msg"), [msqid]);
        remove(msqid);
    });
}

#[test]
fn msgget_of_a_queue_that_does_not_grant_the_mode_asked_for_is_eacces() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let msqid = queue(0o400);
        assert_eq!(msgget(KEY, 0o600), Err(EACCES));
        assert_eq!(msgget(KEY, 0o200), Err(EACCES));
        assert_eq!((msgget(KEY, 0o400), msgget(KEY, 0)), (Ok(msqid), Ok(msqid)));
        remove(msqid);
    });
}

#[test]
fn msgget_creating_an_existing_queue_exclusively_is_eexist() {
    private(|| {
        let msqid = queue(0o600);
        assert_eq!(msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600), Err(EEXIST));
        remove(msqid);
    });
}

#[test]
fn msgget_of_no_queue_without_ipc_creat_is_enoent() {
    private(|| {
        assert_eq!(msgget(KEY, 0o600), Err(ENOENT));
        assert_eq!(msgget(KEY, IPC_EXCL), Err(ENOENT));
    });
}

#[test]
fn msgget_beyond_msgmni_queues_is_enospc() {
    if !changeable_limits() {
        return;
    }
    private(|| {
        set_limit("msgmni", "2");
        let queues = [0, 0].map(|msgflg| msgget(IPC_PRIVATE, msgflg).unwrap());
        assert_eq!(msgget(IPC_PRIVATE, 0), Err(ENOSPC));
        for msqid in queues {
            remove(msqid);
        }
    });
}

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
    private_as(ordinary(), Mqueue::Mounted, || {
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
            |_| {
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
        assert_eq!(while_waiting(SENDING, || msgsnd(msqid, 1, b"x", 0), |_| remove(msqid)), Err(EIDRM));
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
fn msgsnd_to_no_queue_of_no_type_or_too_long_is_einval() {
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
fn msgrcv_takes_a_message_of_any_length_whole() {
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
fn msgrcv_of_what_is_too_long_is_e2big_and_cuts_with_msg_noerror() {
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
    private_as(ordinary(), Mqueue::Mounted, || {
        let msqid = queue(0o200);
        msgsnd(msqid, 1, b"x", 0).unwrap();
        assert_eq!(msgrcv(msqid, &mut [0], 0, IPC_NOWAIT), Err(EACCES));
        assert_eq!(shown("msg", msqid, "qnum"), 1);
        remove(msqid);
    });
}

#[test]
fn msgrcv_waits_for_a_message_that_suits() {
    private(|| {
        let msqid = four_messages();
        let mut mtext = [0; 5];
        let got = while_waiting(
            RECEIVING,
            || msgrcv(msqid, &mut mtext, 7, 0),
            |_| {
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
        let got = while_waiting(RECEIVING, || msgrcv(msqid, &mut [0], 0, 0), |_| remove(msqid));
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
fn msgrcv_from_no_queue_is_einval() {
    private(|| {
        let msqid = queue(0o600);
        remove(msqid);
        for none in [-1, msqid, msqid + 1] {
            assert_eq!(msgrcv(none, &mut [0], 0, IPC_NOWAIT), Err(EINVAL));
        }
    });
}

#[test]
fn msgrcv_with_msg_copy_that_waits_excepts_or_cuts_is_einval() {
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
fn msgrcv_of_nothing_that_suits_is_enomsg() {
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

// msgctl

#[test]
fn msgctl_ipc_stat_tells_what_the_kernel_shows() {
    private(|| {
        let msqid = queue(0o640);
        let times =
            || msgctl(msqid, IPC_STAT).map(|ds| (ds.msg_stime > 0, ds.msg_rtime > 0, ds.msg_ctime > 0));
        assert_eq!(times(), Ok((false, false, true)));
        msgsnd(msqid, 1, b"hello", 0).unwrap();
        assert_eq!(times(), Ok((true, false, true)));
        msgsnd(msqid, 2, b"you", 0).unwrap();
        assert_eq!(in_child(|| msgrcv(msqid, &mut [0; 3], 2, 0).map(drop)), 0);
        let ds = msgctl(msqid, IPC_STAT).unwrap();
        let field = |name| shown("msg", msqid, name);
        let perm = ds.msg_perm;
        assert_eq!((i64::from(perm.key), i64::from(perm.mode)), (field("key"), field("perms")));
        assert_eq!((i64::from(perm.uid), i64::from(perm.gid)), (field("uid"), field("gid")));
        assert_eq!((i64::from(perm.cuid), i64::from(perm.cgid)), (field("cuid"), field("cgid")));
        let times = (ds.msg_stime, ds.msg_rtime, ds.msg_ctime);
        assert_eq!(times, (field("stime"), field("rtime"), field("ctime")));
        assert_eq!((ds.msg_cbytes, ds.msg_qnum, ds.msg_qbytes), (5, 1, 16384));
        assert_eq!((i64::from(ds.msg_lspid), i64::from(ds.msg_lrpid)), (field("lspid"), field("lrpid")));
        assert_eq!((field("cbytes"), field("qnum"), field("lspid")), (5, 1, pid().into()));
        assert_ne!(ds.msg_lrpid, pid());
        remove(msqid);
    });
}

#[test]
fn msgctl_ipc_set_sets_mode_and_size() {
    private(|| {
        let msqid = queue(0o600);
        let mut ds = msgctl(msqid, IPC_STAT).unwrap();
        ds.msg_qbytes = 10;
        ds.msg_perm.mode = 0o7640;
        ds.msg_perm.key = 7;
        msgctl(msqid, IPC_SET(&ds)).unwrap();
        assert_eq!((shown("msg", msqid, "perms"), shown("msg", msqid, "key")), (0o640, i64::from(KEY)));
        assert_eq!(msgctl(msqid, IPC_STAT).unwrap().msg_qbytes, 10);
        remove(msqid);
    });
}

#[test]
fn msgctl_ipc_set_gives_the_queue_to_another_user() {
    if !second_user() {
        return;
    }
    private(|| {
        let msqid = queue(0o600);
        let mut ds = msgctl(msqid, IPC_STAT).unwrap();
        assert_eq!(as_nobody(|| msgsnd(msqid, 1, b"", 0)), Err(EACCES));
        (ds.msg_perm.uid, ds.msg_perm.gid) = (NOBODY, NOBODY);
        msgctl(msqid, IPC_SET(&ds)).unwrap();
        let field = |name| shown("msg", msqid, name);
        assert_eq!((field("uid"), field("gid"), field("cuid")), (NOBODY.into(), NOBODY.into(), 0));
        let perm = msgctl(msqid, IPC_STAT).unwrap().msg_perm;
        assert_eq!((perm.uid, perm.gid, perm.cuid, perm.cgid), (NOBODY, NOBODY, 0, ds.msg_perm.cgid));
        assert_eq!(as_nobody(|| msgsnd(msqid, 1, b"", 0)), Ok(()));
        assert_eq!(as_nobody(|| msgctl(msqid, IPC_RMID)), Ok(()));
    });
}

#[test]
fn msgctl_ipc_rmid_removes_the_queue_with_its_messages() {
    private(|| {
        let msqid = four_messages();
        assert_eq!(listed("msg"), [msqid]);
        msgctl(msqid, IPC_RMID).unwrap();
        assert!(listed("msg").is_empty());
        assert_eq!(msgget(KEY, 0), Err(ENOENT));
    });
}

#[test]
fn msgctl_ipc_stat_without_read_permission_is_eacces() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let msqid = queue(0o200);
        assert_eq!(msgctl(msqid, IPC_STAT), Err(EACCES));
        remove(msqid);
    });
}

#[test]
fn msgctl_of_no_queue_is_einval() {
    private(|| {
        let msqid = queue(0o600);
        let ds = msgctl(msqid, IPC_STAT).unwrap();
        remove(msqid);
        for none in [-1, msqid, msqid + 1] {
            assert_eq!(msgctl(none, IPC_STAT), Err(EINVAL));
            assert_eq!(msgctl(none, IPC_SET(&ds)), Err(EINVAL));
            assert_eq!(msgctl(none, IPC_RMID), Err(EINVAL));
        }
    });
}

#[test]
fn msgctl_ipc_set_of_an_owner_who_cannot_be_is_einval() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let msqid = queue(0o600);
        let ds = msgctl(msqid, IPC_STAT).unwrap();
        // Of all users, the namespace of one who is not root knows that one alone.
        for nobody in [u32::MAX, nix::unistd::geteuid().as_raw() + 1] {
            for (uid, gid) in [(nobody, ds.msg_perm.gid), (ds.msg_perm.uid, nobody)] {
                let mut to = ds;
                (to.msg_perm.uid, to.msg_perm.gid) = (uid, gid);
                assert_eq!(msgctl(msqid, IPC_SET(&to)), Err(EINVAL), "{uid} {gid}");
            }
        }
        remove(msqid);
    });
}

#[test]
fn msgctl_ipc_set_and_ipc_rmid_by_a_stranger_are_eperm() {
    if !second_user() {
        return;
    }
    private(|| {
        let msqid = queue(0o666);
        as_nobody(|| {
            let ds = msgctl(msqid, IPC_STAT).unwrap();
            assert_eq!(msgctl(msqid, IPC_SET(&ds)), Err(EPERM));
            assert_eq!(msgctl(msqid, IPC_RMID), Err(EPERM));
        });
        remove(msqid);
    });
}

#[test]
fn msgctl_ipc_set_beyond_msgmnb_is_eperm_without_cap_sys_resource() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let msqid = queue(0o600);
        let mut ds = msgctl(msqid, IPC_STAT).unwrap();
        assert_eq!(msgctl(msqid, IPC_SET(&ds)), Ok(()));
        ds.msg_qbytes += 1;
        assert_eq!(msgctl(msqid, IPC_SET(&ds)), Err(EPERM));
        remove(msqid);
    });
}

#[test]
fn msgctl_ipc_set_beyond_msgmnb_goes_with_cap_sys_resource() {
    let got = with_real_capability("CAP_SYS_RESOURCE", 24, || {
        // Not by queue(): an alarm here would be the whole harness's.
        let msqid = msgget(IPC_PRIVATE, 0o600).unwrap();
        let mut ds = msgctl(msqid, IPC_STAT).unwrap();
        ds.msg_qbytes += 1;
        let got = msgctl(msqid, IPC_SET(&ds));
        remove(msqid);
        got
    });
    assert!(matches!(got, None | Some(Ok(()))), "{got:?}");
}

// What a listener hears

#[test]
fn a_listener_hears_of_queues() {
    private(|| {
        let all = heard(|| {
            let msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600).unwrap();
            assert_eq!(msqid, 0, "the first identifier of a new namespace");
            msgget(KEY, IPC_CREAT | 0o600).unwrap();
            msgget(KEY + 1, 0).unwrap_err();
            msgsnd(msqid, 1, b"a\0b\n\"", IPC_NOWAIT).unwrap();
            msgsnd(msqid, 2, &[b'x'; 33], 0).unwrap();
            msgrcv(msqid, &mut [0; 8], 0, 0).unwrap();
            msgrcv(msqid, &mut [0; 8], 2, MSG_NOERROR | IPC_NOWAIT).unwrap();
            msgrcv(msqid, &mut [0; 8], -1, IPC_NOWAIT).unwrap_err();
            let mut ds = msgctl(msqid, IPC_STAT).unwrap();
            ds.msg_perm.mode = 0o40;
            msgctl(msqid, IPC_SET(&ds)).unwrap();
            msgctl(msqid, IPC_RMID).unwrap();
            msgctl(msqid, IPC_RMID).unwrap_err();
        });
        let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
        let pid = pid();
        let x32 = "x".repeat(32);
        let want = format!(
            r#"creating
created Msg(0)
msgget(0x5ca1ab1e, IPC_CREAT|IPC_EXCL|0600) = 0
settled
creating
msgget(0x5ca1ab1e, IPC_CREAT|0600) = 0
settled
creating
msgget(0x5ca1ab1f, 0) = -1 ENOENT (No such file or directory)
settled
msgsnd(0, {{mtype=1, mtext="a\0b\n\""}}, 5, IPC_NOWAIT) = 0
msgsnd(0, {{mtype=2, mtext="{x32}"...}}, 33, 0) = 0
msgrcv(0, {{mtype=1, mtext="a\0b\n\""}}, 8, 0, 0) = 5
msgrcv(0, {{mtype=2, mtext="xxxxxxxx"}}, 8, 2, MSG_NOERROR|IPC_NOWAIT) = 8
msgrcv(0, msgp, 8, -1, IPC_NOWAIT) = -1 ENOMSG (No message of desired type)
msgctl(0, IPC_STAT, {{msg_perm={{uid={uid}, gid={gid}, mode=0600, key=0x5ca1ab1e, ...}}, msg_cbytes=0, msg_qnum=0, msg_qbytes=16384, msg_lspid={pid}, msg_lrpid={pid}, ...}}) = 0
msgctl(0, IPC_SET, {{msg_perm={{uid={uid}, gid={gid}, mode=0040}}, msg_qbytes=16384}}) = 0
msgctl(0, IPC_RMID, NULL) = 0
removed Msg(0)
msgctl(0, IPC_RMID, NULL) = -1 EINVAL (Invalid argument)"#
        );
        assert_eq!(all.join("\n"), want);
    });
}

#[test]
fn a_process_that_waits_is_seen_to_wait_in_its_call_and_in_no_other() {
    private(|| {
        let msqid = msgget(IPC_PRIVATE, 0o600).expect("a queue");
        // SAFETY: the test runs alone in its process, and the child leaves by _exit.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let _ = msgrcv(msqid, &mut [0; 8], 0, 0);
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(0) };
        }
        assert_eq!(wait_until_blocked_in(child, "msgrcv"), Ok(libc::SYS_msgrcv));
        assert!(
            wait_until_blocked_in(child, "semop")
                .is_err_and(|unseen| unseen.0.contains("does not come to wait"))
        );
        assert!(wait_until_blocked_in(child, "shmat").is_err(), "it never waits");
        msgctl(msqid, IPC_RMID).expect("removed");
        assert!(wait_until_blocked_in(child, "msgrcv").is_err_and(|unseen| unseen.0.contains("has ended")));
        // SAFETY: waits for the child just made.
        assert_eq!(unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) }, child);
        assert!(wait_until_blocked_in(child, "msgrcv").is_err_and(|unseen| unseen.0.contains("ENOENT")));
    });
}
