//! `semctl`: reads, changes and removes sets.

use super::*;

// semctl, command by command

#[test]
fn semctl_ipc_stat_gives_what_the_kernel_shows() {
    private(|| {
        let semid = set(3, 0o640);
        let ds = semctl(semid, 0, IPC_STAT).unwrap();
        assert_eq!((ds.sem_otime, ds.sem_ctime > 0), (0, true));
        op(semid, 0, 1, 0).unwrap();
        // The call ignores the number of the semaphore.
        let ds = semctl(semid, 77, IPC_STAT).unwrap();
        let field = |name| shown("sem", semid, name);
        let perm = ds.sem_perm;
        assert_eq!((i64::from(perm.key), i64::from(perm.mode)), (field("key"), field("perms")));
        assert_eq!((i64::from(perm.uid), i64::from(perm.gid)), (field("uid"), field("gid")));
        assert_eq!((i64::from(perm.cuid), i64::from(perm.cgid)), (field("cuid"), field("cgid")));
        assert_eq!((ds.sem_otime, ds.sem_ctime), (field("otime"), field("ctime")));
        assert_eq!((ds.sem_nsems, field("nsems")), (3, 3));
        remove(semid);
    });
}

#[test]
fn semctl_ipc_set_sets_the_mode() {
    private(|| {
        let semid = set(1, 0o600);
        set_mode(semid, 0o7640);
        assert_eq!((shown("sem", semid, "perms"), shown("sem", semid, "key")), (0o640, i64::from(KEY)));
        remove(semid);
    });
}

#[test]
fn semctl_ipc_set_gives_the_set_to_another_user() {
    if !two_users() {
        return;
    }
    private(|| {
        let semid = set(1, 0o600);
        let mut ds = semctl(semid, 0, IPC_STAT).unwrap();
        assert_eq!(as_nobody(|| op(semid, 0, 1, 0)), Err(EACCES));
        (ds.sem_perm.uid, ds.sem_perm.gid) = (NOBODY, NOBODY);
        semctl(semid, 0, IPC_SET(&ds)).unwrap();
        let field = |name| shown("sem", semid, name);
        assert_eq!((field("uid"), field("gid"), field("cuid")), (NOBODY.into(), NOBODY.into(), 0));
        assert_eq!(as_nobody(|| op(semid, 0, 1, 0)), Ok(()));
        assert_eq!(as_nobody(|| semctl(semid, 0, IPC_RMID)), Ok(()));
    });
}

#[test]
fn semctl_ipc_rmid_removes_the_set() {
    private(|| {
        let semid = set_of([1, 2]);
        assert_eq!(listed("sem"), [semid]);
        semctl(semid, 77, IPC_RMID).unwrap();
        assert!(listed("sem").is_empty());
        assert_eq!(semget(KEY, 0, 0), Err(ENOENT));
    });
}

#[test]
fn semctl_getval_setval_getall_and_setall_read_and_set_values() {
    private(|| {
        let semid = set(3, 0o600);
        semctl(semid, 0, SETALL(&[1, 2, 3])).unwrap();
        semctl(semid, 2, SETVAL(32767)).unwrap();
        assert_eq!([0, 1, 2].map(|semnum| semctl(semid, semnum, GETVAL)), [Ok(1), Ok(2), Ok(32767)]);
        assert_eq!(semctl(semid, 0, GETALL), Ok(vec![1, 2, 32767]));
        // A failed operation does not change the value. The kernel's answer, not GETVAL, shows the value.
        assert_eq!((op(semid, 1, -3, IPC_NOWAIT), op(semid, 1, -2, IPC_NOWAIT)), (Err(EAGAIN), Ok(())));
        semctl(semid, 99, SETALL(&[4, 5, 6, 65535])).unwrap();
        assert_eq!(values(semid), [4, 5, 6]);
        remove(semid);
    });
}

#[test]
fn semctl_getall_and_setall_work_on_the_largest_set() {
    private(|| {
        let semid = set(32000, 0o600);
        let all = (0..32000).collect::<Vec<c_ushort>>();
        semctl(semid, 0, SETALL(&all)).unwrap();
        assert_eq!(values(semid), all);
        assert_eq!(semctl(semid, 31999, GETVAL), Ok(31999));
        remove(semid);
    });
}

#[test]
fn semctl_setval_and_setall_clear_the_undo_values() {
    private(|| {
        let semid = set_of([5, 5]);
        let done = in_child(|| {
            op(semid, 0, -1, SEM_UNDO)?;
            op(semid, 1, -1, SEM_UNDO)?;
            semctl(semid, 0, SETVAL(5))
        });
        assert_eq!((done, values(semid)), (Ok(()), vec![5, 5]));
        let done = in_child(|| {
            op(semid, 0, -1, SEM_UNDO)?;
            semctl(semid, 0, SETALL(&[7, 7]))
        });
        assert_eq!((done, values(semid)), (Ok(()), vec![7, 7]));
        remove(semid);
    });
}

#[test]
fn semctl_getpid_returns_the_pid_of_the_last_change() {
    private(|| {
        let semid = set(2, 0o600);
        let getpid = || semctl(semid, 0, GETPID).unwrap();
        assert_eq!(getpid(), 0);
        op(semid, 0, 1, 0).unwrap();
        assert_eq!((getpid(), semctl(semid, 1, GETPID)), (pid(), Ok(0)));
        for calls in [|semid| op(semid, 0, 1, 0), |semid| semctl(semid, 0, SETVAL(1))] {
            assert_eq!(in_child(|| calls(semid)), Ok(()));
            assert_ne!(getpid(), pid());
            semctl(semid, 0, SETALL(&[1, 1])).unwrap();
            assert_eq!(getpid(), pid());
        }
        remove(semid);
    });
}

#[test]
fn semctl_getncnt_and_getzcnt_count_waiting_processes() {
    private(|| {
        let semid = set_of([1, 1]);
        let counts = || {
            [0, 1].map(|semnum| {
                (semctl(semid, semnum, GETNCNT).unwrap(), semctl(semid, semnum, GETZCNT).unwrap())
            })
        };
        assert_eq!(counts(), [(0, 0), (0, 0)]);
        let grown = while_waiting(
            OPERATING,
            || op(semid, 0, -2, 0),
            || {
                assert_eq!(counts(), [(1, 0), (0, 0)]);
                op(semid, 0, 1, 0).unwrap();
            },
        );
        let zero = while_waiting(
            OPERATING,
            || op(semid, 1, 0, 0),
            || {
                assert_eq!(counts(), [(0, 0), (0, 1)]);
                op(semid, 1, -1, 0).unwrap();
            },
        );
        assert_eq!((grown, zero, counts()), (Ok(()), Ok(()), [(0, 0), (0, 0)]));
        remove(semid);
    });
}

// semctl, one errno after the other

#[test]
fn semctl_reads_without_read_permission_are_eacces() {
    private_as_ordinary_user(|| {
        let semid = set(1, 0o200);
        assert_eq!(semctl(semid, 0, IPC_STAT), Err(EACCES));
        assert_eq!(semctl(semid, 0, GETVAL), Err(EACCES));
        assert_eq!(semctl(semid, 0, GETALL), Err(EACCES));
        assert_eq!(semctl(semid, 0, GETPID), Err(EACCES));
        assert_eq!(semctl(semid, 0, GETNCNT), Err(EACCES));
        assert_eq!(semctl(semid, 0, GETZCNT), Err(EACCES));
        assert_eq!(semctl(semid, 0, SETALL(&[1])), Err(EACCES));
        assert_eq!(semctl(semid, 0, SETVAL(1)), Ok(()));
        remove(semid);
    });
}

#[test]
fn semctl_changes_without_alter_permission_are_eacces() {
    private_as_ordinary_user(|| {
        let semid = set(1, 0o400);
        assert_eq!(semctl(semid, 0, SETVAL(1)), Err(EACCES));
        assert_eq!(semctl(semid, 0, SETALL(&[1])), Err(EACCES));
        assert_eq!(semctl(semid, 0, GETVAL), Ok(0));
        remove(semid);
    });
}

#[test]
fn semctl_setall_of_too_few_values_is_efault() {
    private(|| {
        let semid = set_of([1, 2, 3]);
        assert_eq!(semctl(semid, 0, SETALL(&[7, 7])), Err(EFAULT));
        assert_eq!(semctl(semid, 0, SETALL(&[])), Err(EFAULT));
        assert_eq!(values(semid), [1, 2, 3]);
        remove(semid);
    });
}

#[test]
fn semctl_of_an_invalid_identifier_is_einval() {
    private(|| {
        let semid = set(1, 0o600);
        let ds = semctl(semid, 0, IPC_STAT).unwrap();
        remove(semid);
        for none in [-1, semid, semid + 1] {
            assert_eq!(semctl(none, 0, IPC_STAT), Err(EINVAL));
            assert_eq!(semctl(none, 0, IPC_SET(&ds)), Err(EINVAL));
            assert_eq!(semctl(none, 0, IPC_RMID), Err(EINVAL));
            assert_eq!(semctl(none, 0, GETVAL), Err(EINVAL));
            assert_eq!(semctl(none, 0, SETVAL(1)), Err(EINVAL));
            assert_eq!(semctl(none, 0, GETALL), Err(EINVAL));
            assert_eq!(semctl(none, 0, SETALL(&[1])), Err(EINVAL));
            assert_eq!(semctl(none, 0, GETPID), Err(EINVAL));
            assert_eq!(semctl(none, 0, GETNCNT), Err(EINVAL));
            assert_eq!(semctl(none, 0, GETZCNT), Err(EINVAL));
        }
    });
}

#[test]
fn semctl_on_a_semaphore_beyond_the_set_is_einval() {
    private(|| {
        let semid = set(3, 0o600);
        for semnum in [-1, 3] {
            assert_eq!(semctl(semid, semnum, GETVAL), Err(EINVAL));
            assert_eq!(semctl(semid, semnum, SETVAL(1)), Err(EINVAL));
            assert_eq!(semctl(semid, semnum, GETPID), Err(EINVAL));
            assert_eq!(semctl(semid, semnum, GETNCNT), Err(EINVAL));
            assert_eq!(semctl(semid, semnum, GETZCNT), Err(EINVAL));
        }
        remove(semid);
    });
}

#[test]
fn semctl_ipc_set_of_an_invalid_owner_is_einval() {
    private_as_ordinary_user(|| {
        let semid = set(1, 0o600);
        let ds = semctl(semid, 0, IPC_STAT).unwrap();
        // The user namespace of an ordinary user maps only that user.
        for nobody in [u32::MAX, nix::unistd::geteuid().as_raw() + 1] {
            for (uid, gid) in [(nobody, ds.sem_perm.gid), (ds.sem_perm.uid, nobody)] {
                let mut to = ds;
                (to.sem_perm.uid, to.sem_perm.gid) = (uid, gid);
                assert_eq!(semctl(semid, 0, IPC_SET(&to)), Err(EINVAL), "{uid} {gid}");
            }
        }
        remove(semid);
    });
}

#[test]
fn semctl_ipc_set_and_ipc_rmid_by_another_user_are_eperm() {
    if !two_users() {
        return;
    }
    private(|| {
        let semid = set(1, 0o666);
        as_nobody(|| {
            let ds = semctl(semid, 0, IPC_STAT).unwrap();
            assert_eq!(semctl(semid, 0, IPC_SET(&ds)), Err(EPERM));
            assert_eq!(semctl(semid, 0, IPC_RMID), Err(EPERM));
            semctl(semid, 0, SETVAL(1))
        })
        .unwrap();
        remove(semid);
    });
}

#[test]
fn semctl_setval_and_setall_outside_0_to_32767_are_erange() {
    private(|| {
        let semid = set_of([1, 2, 3]);
        assert_eq!(semctl(semid, 0, SETVAL(-1)), Err(ERANGE));
        assert_eq!(semctl(semid, 0, SETVAL(32768)), Err(ERANGE));
        assert_eq!(semctl(semid, 0, SETALL(&[7, 7, 32768])), Err(ERANGE));
        assert_eq!(values(semid), [1, 2, 3]);
        remove(semid);
    });
}
