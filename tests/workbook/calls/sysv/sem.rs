//! `<sys/sem.h>`: semaphore sets.

use super::*;
use ipc_workbook::call::Errno::*;
use ipc_workbook::sysv::sem::*;
use std::ffi::c_ushort;

/// glibc makes `semop` of the second where there is one.
const OPERATING: &[c_long] = &[libc::SYS_semop, libc::SYS_semtimedop];

/// A new set with the key [`KEY`].
fn set(nsems: c_int, mode: c_int) -> c_int {
    not_for_ever();
    semget(KEY, nsems, IPC_CREAT | IPC_EXCL | mode).expect("semget")
}

/// A new set with these values.
fn set_of<const N: usize>(values: [c_ushort; N]) -> c_int {
    let semid = set(c_int::try_from(N).expect("few"), 0o600);
    semctl(semid, 0, SETALL(&values)).expect("SETALL");
    semid
}

fn values(semid: c_int) -> Vec<c_ushort> {
    semctl(semid, 0, GETALL).expect("GETALL")
}

fn set_mode(semid: c_int, mode: u32) {
    let mut ds = semctl(semid, 0, IPC_STAT).expect("IPC_STAT");
    ds.sem_perm.mode = mode;
    semctl(semid, 0, IPC_SET(&ds)).expect("IPC_SET");
}

fn remove(semid: c_int) {
    semctl(semid, 0, IPC_RMID).expect("IPC_RMID");
}

/// One operation.
fn op(semid: c_int, sem_num: c_ushort, sem_op: i16, sem_flg: c_int) -> Result<()> {
    semop(semid, &[Sembuf::new(sem_num, sem_op, sem_flg)])
}

// semget

#[test]
fn semget_creates_a_set_of_zeros_with_the_mode_asked_for() {
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_retain(0o077));
        let semid = set(3, 0o644);
        let field = |name| shown("sem", semid, name);
        assert_eq!((field("key"), field("perms"), field("nsems")), (i64::from(KEY), 0o644, 3));
        assert_eq!((field("otime"), values(semid)), (0, vec![0, 0, 0]));
        assert_eq!(field("cuid"), i64::from(nix::unistd::geteuid().as_raw()));
        assert!((0..=2).contains(&(now() - field("ctime"))));
        remove(semid);
    });
}

#[test]
fn semget_with_ipc_private_always_creates() {
    private(|| {
        let sets = [0o600, IPC_CREAT | 0o600, 0].map(|semflg| semget(IPC_PRIVATE, 1, semflg).unwrap());
        let mut listed = listed("sem");
        listed.sort_unstable();
        assert_eq!(listed, sets);
        for semid in sets {
            remove(semid);
        }
    });
}

#[test]
fn semget_finds_the_set_with_the_key() {
    private(|| {
        let semid = set(3, 0o600);
        for (nsems, semflg) in [(0, 0), (2, 0), (3, 0o600), (3, IPC_CREAT | 0o600), (1, IPC_EXCL)] {
            assert_eq!(semget(KEY, nsems, semflg), Ok(semid), "{nsems} {semflg:#o}");
        }
        assert_eq!(listed("sem"), [semid]);
        remove(semid);
    });
}

#[test]
fn semget_of_a_set_that_does_not_grant_the_mode_asked_for_is_eacces() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let semid = set(1, 0o400);
        assert_eq!(semget(KEY, 1, 0o600), Err(EACCES));
        assert_eq!((semget(KEY, 1, 0o400), semget(KEY, 1, 0)), (Ok(semid), Ok(semid)));
        remove(semid);
    });
}

#[test]
fn semget_creating_an_existing_set_exclusively_is_eexist() {
    private(|| {
        let semid = set(1, 0o600);
        assert_eq!(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0o600), Err(EEXIST));
        remove(semid);
    });
}

#[test]
fn semget_of_an_impossible_number_is_einval() {
    private(|| {
        for nsems in [-1, 0, 32001] {
            assert_eq!(semget(IPC_PRIVATE, nsems, 0o600), Err(EINVAL), "{nsems}");
        }
        remove(semget(IPC_PRIVATE, 32000, 0o600).unwrap());
        let semid = set(3, 0o600);
        assert_eq!(semget(KEY, 4, 0), Err(EINVAL));
        assert_eq!(semget(KEY, -1, 0), Err(EINVAL));
        remove(semid);
    });
}

#[test]
fn semget_of_no_set_without_ipc_creat_is_enoent() {
    private(|| {
        assert_eq!(semget(KEY, 1, 0o600), Err(ENOENT));
        assert_eq!(semget(KEY, 0, 0), Err(ENOENT));
    });
}

#[test]
fn semget_of_more_than_the_kernel_can_describe_is_enomem() {
    if !changeable_limits() {
        return;
    }
    private(|| {
        // 64 bytes each would be more than INT_MAX, so the kernel does not even try.
        set_limit("sem", "2147483647 2147483647 500 32000");
        assert_eq!(semget(IPC_PRIVATE, 40_000_000, 0o600), Err(ENOMEM));
    });
}

#[test]
fn semget_beyond_semmni_sets_or_semmns_semaphores_is_enospc() {
    if !changeable_limits() {
        return;
    }
    private(|| {
        set_limit("sem", "10 12 5 2");
        let semid = set(10, 0o600);
        assert_eq!(semget(IPC_PRIVATE, 3, 0), Err(ENOSPC));
        let other = semget(IPC_PRIVATE, 1, 0).unwrap();
        assert_eq!(semget(IPC_PRIVATE, 1, 0), Err(ENOSPC));
        remove(semid);
        remove(other);
    });
}

// semop

#[test]
fn semop_makes_all_operations_or_none() {
    private(|| {
        let semid = set_of([1, 2, 3]);
        semop(semid, &[Sembuf::new(0, -1, 0), Sembuf::new(1, 5, 0), Sembuf::new(0, 0, 0)]).unwrap();
        assert_eq!(values(semid), [0, 7, 3]);
        let both = [Sembuf::new(1, -1, 0), Sembuf::new(0, -1, IPC_NOWAIT)];
        assert_eq!(semop(semid, &both), Err(EAGAIN));
        assert_eq!(values(semid), [0, 7, 3]);
        assert!((0..=2).contains(&(now() - shown("sem", semid, "otime"))));
        remove(semid);
    });
}

#[test]
fn semop_waits_until_it_can_take() {
    private(|| {
        let semid = set_of([0]);
        let taken = while_waiting(OPERATING, || op(semid, 0, -2, 0), |_| op(semid, 0, 3, 0).unwrap());
        assert_eq!((taken, values(semid)), (Ok(()), vec![1]));
        let zero = while_waiting(OPERATING, || op(semid, 0, 0, 0), |_| op(semid, 0, -1, 0).unwrap());
        assert_eq!((zero, values(semid)), (Ok(()), vec![0]));
        remove(semid);
    });
}

#[test]
fn semop_with_sem_undo_is_undone_when_the_process_ends() {
    private(|| {
        let semid = set_of([5]);
        assert_eq!(in_child(|| op(semid, 0, -2, SEM_UNDO)), 0);
        assert_eq!(values(semid), [5]);
        assert_eq!(in_child(|| op(semid, 0, -2, 0)), 0);
        assert_eq!(values(semid), [3]);
        remove(semid);
    });
}

#[test]
fn semop_of_more_than_semopm_operations_is_e2big() {
    private(|| {
        let semid = set_of([0]);
        let one = Sembuf::new(0, 1, 0);
        assert_eq!(semop(semid, &[one; 501]), Err(E2BIG));
        assert_eq!(semop(semid, &[one; 500]), Ok(()));
        assert_eq!(values(semid), [500]);
        remove(semid);
    });
}

#[test]
fn semop_without_permission_is_eacces() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let semid = set_of([1]);
        set_mode(semid, 0o400);
        assert_eq!(op(semid, 0, 1, 0), Err(EACCES));
        assert_eq!(op(semid, 0, 0, IPC_NOWAIT), Err(EAGAIN));
        set_mode(semid, 0o200);
        assert_eq!(op(semid, 0, 0, IPC_NOWAIT), Err(EACCES));
        // Alter permission serves for a wait for 0 that comes with an alteration.
        assert_eq!(semop(semid, &[Sembuf::new(0, -1, 0), Sembuf::new(0, 0, 0)]), Ok(()));
        remove(semid);
    });
}

#[test]
fn semop_that_would_wait_is_eagain_with_ipc_nowait() {
    private(|| {
        let semid = set_of([1]);
        assert_eq!(op(semid, 0, -2, IPC_NOWAIT), Err(EAGAIN));
        assert_eq!(op(semid, 0, 0, IPC_NOWAIT), Err(EAGAIN));
        assert_eq!((values(semid), shown("sem", semid, "otime")), (vec![1], 0));
        remove(semid);
    });
}

#[test]
fn semop_on_a_semaphore_beyond_the_set_is_efbig() {
    private(|| {
        let semid = set_of([0, 0, 0]);
        assert_eq!(op(semid, 3, 1, 0), Err(EFBIG));
        assert_eq!(op(semid, 2, 1, 0), Ok(()));
        remove(semid);
    });
}

#[test]
fn semop_on_a_set_removed_while_it_waits_is_eidrm() {
    private(|| {
        let semid = set_of([0]);
        assert_eq!(while_waiting(OPERATING, || op(semid, 0, -1, 0), |_| remove(semid)), Err(EIDRM));
    });
}

#[test]
fn semop_interrupted_by_a_handler_is_eintr_even_with_sa_restart() {
    private(|| {
        let semid = set_of([0]);
        for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
            assert_eq!(interrupted(OPERATING, flags, || op(semid, 0, -1, 0)), Err(EINTR), "{flags:?}");
        }
        remove(semid);
    });
}

#[test]
fn semop_on_no_set_or_with_no_operation_is_einval() {
    private(|| {
        let semid = set_of([0]);
        assert_eq!(semop(semid, &[]), Err(EINVAL));
        remove(semid);
        for none in [-1, semid, semid + 1] {
            assert_eq!(op(none, 0, 1, 0), Err(EINVAL));
        }
    });
}

#[test]
fn semop_beyond_32767_is_erange() {
    private(|| {
        let semid = set_of([32767]);
        assert_eq!(op(semid, 0, 1, 0), Err(ERANGE));
        assert_eq!(values(semid), [32767]);
        remove(semid);
    });
}

#[test]
fn semop_with_more_to_undo_than_fits_is_erange() {
    private(|| {
        let semid = set_of([32767]);
        op(semid, 0, -32767, SEM_UNDO).unwrap();
        op(semid, 0, 1, 0).unwrap();
        assert_eq!(op(semid, 0, -1, SEM_UNDO), Err(ERANGE));
        assert_eq!(op(semid, 0, -1, 0), Ok(()));
        remove(semid);
    });
}

#[test]
fn semop_can_have_one_more_to_take_back_than_to_give_back() {
    private(|| {
        let semid = set_of([0]);
        op(semid, 0, 32767, SEM_UNDO).unwrap();
        op(semid, 0, -2, 0).unwrap();
        assert_eq!(op(semid, 0, 1, SEM_UNDO), Ok(()));
        assert_eq!(op(semid, 0, 1, SEM_UNDO), Err(ERANGE));
        remove(semid);
    });
}

// semctl, command by command

#[test]
fn semctl_ipc_stat_tells_what_the_kernel_shows() {
    private(|| {
        let semid = set(3, 0o640);
        let ds = semctl(semid, 0, IPC_STAT).unwrap();
        assert_eq!((ds.sem_otime, ds.sem_ctime > 0), (0, true));
        op(semid, 0, 1, 0).unwrap();
        // The number of the semaphore is not looked at.
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
    if !second_user() {
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
fn semctl_getval_setval_getall_and_setall_tell_and_set_values() {
    private(|| {
        let semid = set(3, 0o600);
        semctl(semid, 0, SETALL(&[1, 2, 3])).unwrap();
        semctl(semid, 2, SETVAL(32767)).unwrap();
        assert_eq!([0, 1, 2].map(|semnum| semctl(semid, semnum, GETVAL)), [Ok(1), Ok(2), Ok(32767)]);
        assert_eq!(semctl(semid, 0, GETALL), Ok(vec![1, 2, 32767]));
        // A try that fails leaves the value. It is how the kernel, not GETVAL, tells.
        assert_eq!((op(semid, 1, -3, IPC_NOWAIT), op(semid, 1, -2, IPC_NOWAIT)), (Err(EAGAIN), Ok(())));
        semctl(semid, 99, SETALL(&[4, 5, 6, 65535])).unwrap();
        assert_eq!(values(semid), [4, 5, 6]);
        remove(semid);
    });
}

#[test]
fn semctl_getall_and_setall_serve_the_largest_set() {
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
fn semctl_setval_and_setall_forget_what_would_be_undone() {
    private(|| {
        let semid = set_of([5, 5]);
        let status = in_child(|| {
            op(semid, 0, -1, SEM_UNDO)?;
            op(semid, 1, -1, SEM_UNDO)?;
            semctl(semid, 0, SETVAL(5))
        });
        assert_eq!((status, values(semid)), (0, vec![5, 5]));
        let status = in_child(|| {
            op(semid, 0, -1, SEM_UNDO)?;
            semctl(semid, 0, SETALL(&[7, 7]))
        });
        assert_eq!((status, values(semid)), (0, vec![7, 7]));
        remove(semid);
    });
}

#[test]
fn semctl_getpid_tells_who_changed_the_semaphore_last() {
    private(|| {
        let semid = set(2, 0o600);
        let getpid = || semctl(semid, 0, GETPID).unwrap();
        assert_eq!(getpid(), 0);
        op(semid, 0, 1, 0).unwrap();
        assert_eq!((getpid(), semctl(semid, 1, GETPID)), (pid(), Ok(0)));
        for calls in [|semid| op(semid, 0, 1, 0), |semid| semctl(semid, 0, SETVAL(1))] {
            assert_eq!(in_child(|| calls(semid)), 0);
            assert_ne!(getpid(), pid());
            semctl(semid, 0, SETALL(&[1, 1])).unwrap();
            assert_eq!(getpid(), pid());
        }
        remove(semid);
    });
}

#[test]
fn semctl_getncnt_and_getzcnt_count_who_waits() {
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
            |_| {
                assert_eq!(counts(), [(1, 0), (0, 0)]);
                op(semid, 0, 1, 0).unwrap();
            },
        );
        let zero = while_waiting(
            OPERATING,
            || op(semid, 1, 0, 0),
            |_| {
                assert_eq!(counts(), [(0, 0), (0, 1)]);
                op(semid, 1, -1, 0).unwrap();
            },
        );
        assert_eq!((grown, zero, counts()), (Ok(()), Ok(()), [(0, 0), (0, 0)]));
        remove(semid);
    });
}

// semctl, errno by errno

#[test]
fn semctl_that_reads_without_read_permission_is_eacces() {
    private_as(ordinary(), Mqueue::Mounted, || {
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
fn semctl_that_alters_without_alter_permission_is_eacces() {
    private_as(ordinary(), Mqueue::Mounted, || {
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
fn semctl_of_no_set_is_einval() {
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
fn semctl_ipc_set_of_an_owner_who_cannot_be_is_einval() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let semid = set(1, 0o600);
        let ds = semctl(semid, 0, IPC_STAT).unwrap();
        // Of all users, the namespace of one who is not root knows that one alone.
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
fn semctl_ipc_set_and_ipc_rmid_by_a_stranger_are_eperm() {
    if !second_user() {
        return;
    }
    private(|| {
        let semid = set(1, 0o666);
        as_nobody(|| {
            let ds = semctl(semid, 0, IPC_STAT).unwrap();
            assert_eq!(semctl(semid, 0, IPC_SET(&ds)), Err(EPERM));
            assert_eq!(semctl(semid, 0, IPC_RMID), Err(EPERM));
            assert_eq!(semctl(semid, 0, SETVAL(1)), Ok(()));
        });
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

// What a listener hears

#[test]
fn a_listener_hears_of_sets() {
    private(|| {
        let all = heard(|| {
            let semid = semget(IPC_PRIVATE, 2, 0o600).unwrap();
            assert_eq!(semid, 0, "the first identifier of a new namespace");
            semget(KEY, 2, IPC_CREAT | IPC_EXCL | 0o600).unwrap();
            semget(KEY, 0, 0).unwrap();
            semop(0, &[Sembuf::new(0, 2, SEM_UNDO), Sembuf::new(1, 0, IPC_NOWAIT)]).unwrap();
            semop(0, &[Sembuf::new(1, -1, SEM_UNDO | IPC_NOWAIT)]).unwrap_err();
            semctl(0, 1, SETVAL(3)).unwrap();
            semctl(0, 1, GETVAL).unwrap();
            semctl(0, 0, GETALL).unwrap();
            semctl(0, 0, SETALL(&[7, 8])).unwrap();
            semctl(0, 0, GETNCNT).unwrap();
            semctl(0, 0, GETZCNT).unwrap();
            semctl(0, 0, GETPID).unwrap();
            semctl(0, 9, GETVAL).unwrap_err();
            let ds = semctl(1, 0, IPC_STAT).unwrap();
            semctl(1, 0, IPC_SET(&ds)).unwrap();
            semctl(0, 0, IPC_RMID).unwrap();
            semctl(1, 0, IPC_RMID).unwrap();
            semctl(1, 0, GETALL).unwrap_err();
        });
        let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
        let pid = pid();
        let want = format!(
            "creating
created Sem(0)
semget(IPC_PRIVATE, 2, 0600) = 0
settled
creating
created Sem(1)
semget(0x5ca1ab1e, 2, IPC_CREAT|IPC_EXCL|0600) = 1
settled
creating
semget(0x5ca1ab1e, 0, 0) = 1
settled
semop(0, [{{0, 2, SEM_UNDO}}, {{1, 0, IPC_NOWAIT}}], 2) = 0
semop(0, [{{1, -1, SEM_UNDO|IPC_NOWAIT}}], 1) = -1 EAGAIN (Resource temporarily unavailable)
semctl(0, 1, SETVAL, 3) = 0
semctl(0, 1, GETVAL) = 3
semctl(0, 0, GETALL, [2, 3]) = 0
semctl(0, 0, SETALL, [7, 8]) = 0
semctl(0, 0, GETNCNT) = 0
semctl(0, 0, GETZCNT) = 0
semctl(0, 0, GETPID) = {pid}
semctl(0, 9, GETVAL) = -1 EINVAL (Invalid argument)
semctl(1, 0, IPC_STAT, {{sem_perm={{uid={uid}, gid={gid}, mode=0600, key=0x5ca1ab1e, ...}}, sem_otime=0, sem_nsems=2, ...}}) = 0
semctl(1, 0, IPC_SET, {{sem_perm={{uid={uid}, gid={gid}, mode=0600}}}}) = 0
semctl(0, 0, IPC_RMID) = 0
removed Sem(0)
semctl(1, 0, IPC_RMID) = 0
removed Sem(1)
semctl(1, 0, GETALL, array) = -1 EINVAL (Invalid argument)"
        );
        assert_eq!(all.join("\n"), want);
    });
}
