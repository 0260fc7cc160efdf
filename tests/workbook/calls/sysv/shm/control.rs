//! `shmctl`: reads, changes and removes segments.

use super::*;

#[test]
fn shmctl_ipc_stat_gives_what_the_kernel_shows() {
    private(|| {
        let shmid = segment(5000, 0o640);
        let times =
            || shmctl(shmid, IPC_STAT).map(|ds| (ds.shm_atime > 0, ds.shm_dtime > 0, ds.shm_ctime > 0));
        assert_eq!(times(), Ok((false, false, true)));
        let memory = attach(shmid);
        assert_eq!(times(), Ok((true, false, true)));
        assert_eq!(in_child(|| shmat(shmid, None, 0).and_then(shmdt)), Ok(()));
        let ds = shmctl(shmid, IPC_STAT).unwrap();
        let field = |name| shown("shm", shmid, name);
        let perm = ds.shm_perm;
        assert_eq!((i64::from(perm.key), i64::from(perm.mode)), (field("key"), field("perms")));
        assert_eq!((i64::from(perm.uid), i64::from(perm.gid)), (field("uid"), field("gid")));
        assert_eq!((i64::from(perm.cuid), i64::from(perm.cgid)), (field("cuid"), field("cgid")));
        let times = (ds.shm_atime, ds.shm_dtime, ds.shm_ctime);
        assert_eq!(times, (field("atime"), field("dtime"), field("ctime")));
        assert_eq!((ds.shm_segsz, ds.shm_nattch, ds.shm_cpid), (5000, 1, pid()));
        assert_eq!((field("nattch"), field("cpid"), field("lpid")), (1, pid().into(), ds.shm_lpid.into()));
        assert_ne!(ds.shm_lpid, pid());
        drop(memory);
        remove(shmid);
    });
}

#[test]
fn shmctl_ipc_set_sets_the_mode() {
    private(|| {
        let shmid = segment(1, 0o600);
        set_mode(shmid, 0o7640);
        assert_eq!((shown("shm", shmid, "perms"), shown("shm", shmid, "key")), (0o640, i64::from(KEY)));
        remove(shmid);
    });
}

#[test]
fn shmctl_ipc_set_gives_the_segment_to_another_user() {
    if !two_users() {
        return;
    }
    private(|| {
        let shmid = segment(1, 0o600);
        let mut ds = shmctl(shmid, IPC_STAT).unwrap();
        assert_eq!(as_nobody(|| shmat(shmid, None, 0).and_then(shmdt)), Err(EACCES));
        (ds.shm_perm.uid, ds.shm_perm.gid) = (NOBODY, NOBODY);
        shmctl(shmid, IPC_SET(&ds)).unwrap();
        let field = |name| shown("shm", shmid, name);
        assert_eq!((field("uid"), field("gid"), field("cuid")), (NOBODY.into(), NOBODY.into(), 0));
        assert_eq!(as_nobody(|| shmat(shmid, None, 0).and_then(shmdt)), Ok(()));
        assert_eq!(as_nobody(|| shmctl(shmid, IPC_RMID)), Ok(()));
    });
}

#[test]
fn shmctl_ipc_rmid_removes_a_segment_that_is_not_attached() {
    private(|| {
        let shmid = segment(1, 0o600);
        assert_eq!(listed("shm"), [shmid]);
        shmctl(shmid, IPC_RMID).unwrap();
        assert!(listed("shm").is_empty());
        assert_eq!(shmctl(shmid, IPC_RMID), Err(EINVAL));
    });
}

#[test]
fn shmctl_ipc_rmid_marks_a_segment_that_is_attached() {
    private(|| {
        let shmid = segment(1, 0o600);
        let memory = attach(shmid);
        for _ in 0..2 {
            shmctl(shmid, IPC_RMID).unwrap();
            assert_eq!(shown("shm", shmid, "perms"), i64::from(0o600 | SHM_DEST));
        }
        assert_eq!(shmctl(shmid, IPC_STAT).unwrap().shm_perm.mode, 0o600 | SHM_DEST);
        assert_eq!(shmget(KEY, 0, 0), Err(ENOENT));
        shmdt(memory).unwrap();
        assert!(listed("shm").is_empty());
    });
}

#[test]
fn shmctl_shm_lock_sets_and_shm_unlock_clears_shm_locked() {
    private(|| {
        let shmid = segment(1, 0o600);
        shmctl(shmid, SHM_LOCK).unwrap();
        assert_eq!(shown("shm", shmid, "perms"), i64::from(0o600 | SHM_LOCKED));
        assert_eq!(shmctl(shmid, IPC_STAT).unwrap().shm_perm.mode, 0o600 | SHM_LOCKED);
        shmctl(shmid, SHM_UNLOCK).unwrap();
        assert_eq!(shown("shm", shmid, "perms"), 0o600);
        remove(shmid);
    });
}

#[test]
fn shmctl_ipc_stat_without_read_permission_is_eacces() {
    private_as_ordinary_user(|| {
        let shmid = segment(1, 0o200);
        assert_eq!(shmctl(shmid, IPC_STAT), Err(EACCES));
        remove(shmid);
    });
}

#[test]
fn shmctl_of_an_invalid_identifier_is_einval() {
    private(|| {
        let shmid = segment(1, 0o600);
        let ds = shmctl(shmid, IPC_STAT).unwrap();
        remove(shmid);
        for none in [-1, shmid, shmid + 1] {
            assert_eq!(shmctl(none, IPC_STAT), Err(EINVAL));
            assert_eq!(shmctl(none, IPC_SET(&ds)), Err(EINVAL));
            assert_eq!(shmctl(none, IPC_RMID), Err(EINVAL));
            assert_eq!(shmctl(none, SHM_LOCK), Err(EINVAL));
            assert_eq!(shmctl(none, SHM_UNLOCK), Err(EINVAL));
        }
    });
}

#[test]
fn shmctl_ipc_set_of_an_invalid_owner_is_einval() {
    private_as_ordinary_user(|| {
        let shmid = segment(1, 0o600);
        let ds = shmctl(shmid, IPC_STAT).unwrap();
        // The user namespace of an ordinary user maps only that user.
        for nobody in [u32::MAX, nix::unistd::geteuid().as_raw() + 1] {
            for (uid, gid) in [(nobody, ds.shm_perm.gid), (ds.shm_perm.uid, nobody)] {
                let mut to = ds;
                (to.shm_perm.uid, to.shm_perm.gid) = (uid, gid);
                assert_eq!(shmctl(shmid, IPC_SET(&to)), Err(EINVAL), "{uid} {gid}");
            }
        }
        remove(shmid);
    });
}

#[test]
fn shmctl_shm_lock_of_more_than_rlimit_memlock_is_enomem() {
    private_as_ordinary_user(|| {
        let shmid = segment(4 * page(), 0o600);
        let limit = page().try_into().unwrap();
        let got = under_limit(Resource::RLIMIT_MEMLOCK, limit, || shmctl(shmid, SHM_LOCK));
        assert_eq!((got, shown("shm", shmid, "perms")), (Err(ENOMEM), 0o600));
        remove(shmid);
    });
}

#[test]
fn shmctl_shm_lock_where_rlimit_memlock_is_0_is_eperm() {
    private_as_ordinary_user(|| {
        let shmid = segment(1, 0o600);
        under_limit(Resource::RLIMIT_MEMLOCK, 0, || {
            assert_eq!(shmctl(shmid, SHM_LOCK), Err(EPERM));
            assert_eq!(shmctl(shmid, SHM_UNLOCK), Ok(()));
        });
        remove(shmid);
    });
}

#[test]
fn shmctl_changes_by_another_user_are_eperm() {
    if !two_users() {
        return;
    }
    private(|| {
        let shmid = segment(1, 0o666);
        as_nobody(|| {
            let ds = shmctl(shmid, IPC_STAT).unwrap();
            assert_eq!(shmctl(shmid, IPC_SET(&ds)), Err(EPERM));
            assert_eq!(shmctl(shmid, IPC_RMID), Err(EPERM));
            assert_eq!(shmctl(shmid, SHM_LOCK), Err(EPERM));
            assert_eq!(shmctl(shmid, SHM_UNLOCK), Err(EPERM));
            Ok(())
        })
        .unwrap();
        remove(shmid);
    });
}
