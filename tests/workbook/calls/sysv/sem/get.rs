//! `semget`: creates and finds sets.

use super::*;

#[test]
fn semget_creates_a_set_of_zeros_with_the_given_mode() {
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
fn semget_of_a_set_that_does_not_grant_the_permissions_is_eacces() {
    private_as_ordinary_user(|| {
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
fn semget_of_a_missing_set_without_ipc_creat_is_enoent() {
    private(|| {
        assert_eq!(semget(KEY, 1, 0o600), Err(ENOENT));
        assert_eq!(semget(KEY, 0, 0), Err(ENOENT));
    });
}

#[test]
fn semget_of_a_set_too_large_for_the_kernel_is_enomem() {
    if !changeable_limits() {
        return;
    }
    private(|| {
        // With 64 bytes for each semaphore the size exceeds INT_MAX, so the kernel fails at once.
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
