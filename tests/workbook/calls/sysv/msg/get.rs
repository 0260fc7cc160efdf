//! `msgget`: creates and finds queues.

use super::*;

#[test]
fn msgget_creates_an_empty_queue_with_the_given_mode() {
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
fn msgget_of_a_queue_that_does_not_grant_the_permissions_is_eacces() {
    private_as_ordinary_user(|| {
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
fn msgget_of_a_missing_queue_without_ipc_creat_is_enoent() {
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
