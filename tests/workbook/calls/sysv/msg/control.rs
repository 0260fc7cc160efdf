//! `msgctl`: reads, changes and removes queues.

use super::*;

#[test]
fn msgctl_ipc_stat_gives_what_the_kernel_shows() {
    private(|| {
        let msqid = queue(0o640);
        let times =
            || msgctl(msqid, IPC_STAT).map(|ds| (ds.msg_stime > 0, ds.msg_rtime > 0, ds.msg_ctime > 0));
        assert_eq!(times(), Ok((false, false, true)));
        msgsnd(msqid, 1, b"hello", 0).unwrap();
        assert_eq!(times(), Ok((true, false, true)));
        msgsnd(msqid, 2, b"you", 0).unwrap();
        assert_eq!(in_child(|| msgrcv(msqid, &mut [0; 3], 2, 0).map(drop)), Ok(()));
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
    if !two_users() {
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
    private_as_ordinary_user(|| {
        let msqid = queue(0o200);
        assert_eq!(msgctl(msqid, IPC_STAT), Err(EACCES));
        remove(msqid);
    });
}

#[test]
fn msgctl_of_an_invalid_identifier_is_einval() {
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
fn msgctl_ipc_set_of_an_invalid_owner_is_einval() {
    private_as_ordinary_user(|| {
        let msqid = queue(0o600);
        let ds = msgctl(msqid, IPC_STAT).unwrap();
        // The user namespace of an ordinary user maps only that user.
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
fn msgctl_ipc_set_and_ipc_rmid_by_another_user_are_eperm() {
    if !two_users() {
        return;
    }
    private(|| {
        let msqid = queue(0o666);
        as_nobody(|| {
            let ds = msgctl(msqid, IPC_STAT).unwrap();
            assert_eq!(msgctl(msqid, IPC_SET(&ds)), Err(EPERM));
            assert_eq!(msgctl(msqid, IPC_RMID), Err(EPERM));
            Ok(())
        })
        .unwrap();
        remove(msqid);
    });
}

#[test]
fn msgctl_ipc_set_beyond_msgmnb_is_eperm_without_cap_sys_resource() {
    private_as_ordinary_user(|| {
        let msqid = queue(0o600);
        let mut ds = msgctl(msqid, IPC_STAT).unwrap();
        assert_eq!(msgctl(msqid, IPC_SET(&ds)), Ok(()));
        ds.msg_qbytes += 1;
        assert_eq!(msgctl(msqid, IPC_SET(&ds)), Err(EPERM));
        remove(msqid);
    });
}

#[test]
fn msgctl_ipc_set_beyond_msgmnb_works_with_cap_sys_resource() {
    let got = with_real_capability("CAP_SYS_RESOURCE", 24, || {
        let msqid = queue(0o600);
        let mut ds = msgctl(msqid, IPC_STAT).unwrap();
        ds.msg_qbytes += 1;
        let got = msgctl(msqid, IPC_SET(&ds));
        remove(msqid);
        got
    });
    assert!(matches!(got, None | Some(Ok(()))), "{got:?}");
}
