//! `semop`: operates on sets.

use super::*;

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
fn semop_waits_until_it_can_decrement() {
    private(|| {
        let semid = set_of([0]);
        let taken = while_waiting(OPERATING, || op(semid, 0, -2, 0), || op(semid, 0, 3, 0).unwrap());
        assert_eq!((taken, values(semid)), (Ok(()), vec![1]));
        let zero = while_waiting(OPERATING, || op(semid, 0, 0, 0), || op(semid, 0, -1, 0).unwrap());
        assert_eq!((zero, values(semid)), (Ok(()), vec![0]));
        remove(semid);
    });
}

#[test]
fn semop_with_sem_undo_is_undone_when_the_process_ends() {
    private(|| {
        let semid = set_of([5]);
        assert_eq!(in_child(|| op(semid, 0, -2, SEM_UNDO)), Ok(()));
        assert_eq!(values(semid), [5]);
        assert_eq!(in_child(|| op(semid, 0, -2, 0)), Ok(()));
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
    private_as_ordinary_user(|| {
        let semid = set_of([1]);
        set_mode(semid, 0o400);
        assert_eq!(op(semid, 0, 1, 0), Err(EACCES));
        assert_eq!(op(semid, 0, 0, IPC_NOWAIT), Err(EAGAIN));
        set_mode(semid, 0o200);
        assert_eq!(op(semid, 0, 0, IPC_NOWAIT), Err(EACCES));
        // Alter permission is enough for a wait for 0 in the same call as a change.
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
        assert_eq!(while_waiting(OPERATING, || op(semid, 0, -1, 0), || remove(semid)), Err(EIDRM));
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
fn semop_on_an_invalid_identifier_or_without_operations_is_einval() {
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
fn semop_with_undo_of_more_than_32767_decrements_is_erange() {
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
fn semop_with_undo_of_more_than_32768_increments_is_erange() {
    private(|| {
        let semid = set_of([0]);
        op(semid, 0, 32767, SEM_UNDO).unwrap();
        op(semid, 0, -2, 0).unwrap();
        assert_eq!(op(semid, 0, 1, SEM_UNDO), Ok(()));
        assert_eq!(op(semid, 0, 1, SEM_UNDO), Err(ERANGE));
        remove(semid);
    });
}
