//! `sem_open`, `sem_close` and `sem_unlink`: create, open, close and unlink semaphores.

use super::*;

// sem_open

#[test]
fn sem_open_creates_a_file_with_the_value_and_the_masked_mode() {
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_retain(0o027));
        let sem = sem_open(S, O_CREAT | O_EXCL, 0o666, 7).unwrap();
        let file = std::fs::metadata(FILE).unwrap();
        assert_eq!(file.mode() & 0o7777, 0o640);
        assert_eq!(file.uid(), nix::unistd::geteuid().as_raw());
        assert_eq!(value(), 7);
        let map = map_at(sem.as_ptr() as usize).unwrap();
        assert!(map.contains("rw-s") && map.contains(&format!(" {} ", file.ino())), "{map}");
        unlink();
    });
}

#[test]
fn o_creat_opens_an_existing_semaphore_and_ignores_mode_and_value() {
    private(|| {
        let _sem = semaphore(3);
        let again = sem_open(S, O_CREAT, 0o666, 9).unwrap();
        assert_eq!(sem_getvalue(&again), Ok(3));
        assert_eq!(std::fs::metadata(FILE).unwrap().mode() & 0o7777, 0o600);
        unlink();
    });
}

#[test]
fn opening_a_semaphore_twice_gives_one_address_and_each_is_closed_once() {
    private(|| {
        let (first, second) = (semaphore(1), sem_open(S, 0, 0, 0).unwrap());
        let address = first.as_ptr() as usize;
        assert_eq!(second.as_ptr() as usize, address);
        sem_close(first).unwrap();
        assert!(map_at(address).is_some());
        sem_trywait(&second).unwrap();
        assert_eq!(value(), 0);
        drop(second);
        assert_eq!(map_at(address), None);
        unlink();
    });
}

#[test]
fn a_semaphore_without_read_and_write_permission_is_eacces() {
    private_as_ordinary_user(|| {
        for mode in [0o444, 0o222, 0] {
            drop(sem_open(S, O_CREAT | O_EXCL, mode, 1).unwrap());
            assert_eq!(sem_open(S, 0, 0, 0).unwrap_err(), Errno::EACCES, "{mode:o}");
            unlink();
        }
        drop(sem_open(S, O_CREAT | O_EXCL, 0o600, 1).unwrap());
        sem_open(S, 0, 0, 0).unwrap();
        unlink();
    });
}

#[test]
fn creating_an_existing_semaphore_exclusively_is_eexist() {
    private(|| {
        let _sem = semaphore(1);
        assert_eq!(sem_open(S, O_CREAT | O_EXCL, 0o600, 5).unwrap_err(), Errno::EEXIST);
        assert_eq!(value(), 1);
        unlink();
    });
}

#[test]
fn an_initial_value_above_sem_value_max_is_einval() {
    private(|| {
        assert_eq!(sem_open(S, O_CREAT | O_EXCL, 0o600, SEM_VALUE_MAX + 1).unwrap_err(), Errno::EINVAL);
        assert!(!Path::new(FILE).exists());
        let _sem = semaphore(SEM_VALUE_MAX);
        assert_eq!(value(), u64::from(SEM_VALUE_MAX));
        unlink();
    });
}

#[test]
fn a_semaphore_name_that_is_empty_or_has_an_inner_slash_is_einval_to_open_and_enoent_to_unlink() {
    private(|| {
        for name in [c"", c"/", c"//", c"/a/b", c"/a/"] {
            assert_eq!(sem_open(name, O_CREAT, 0o600, 0).unwrap_err(), Errno::EINVAL, "{name:?}");
            assert_eq!(sem_open(name, 0, 0, 0).unwrap_err(), Errno::EINVAL, "{name:?}");
            assert_eq!(sem_unlink(name).unwrap_err(), Errno::ENOENT, "{name:?}");
        }
    });
}

#[test]
fn a_semaphore_name_of_252_bytes_is_enametoolong_and_of_256_is_einval() {
    private(|| {
        let longest = long_name(251);
        drop(sem_open(&longest, O_CREAT | O_EXCL, 0o600, 6).unwrap());
        assert_eq!(value_in(&format!("/dev/shm/sem.{}", "n".repeat(251))), 6);
        sem_unlink(&longest).unwrap();
        for bytes in [252, 255, 256, 300] {
            let name = long_name(bytes);
            let (open, unlink) = if bytes < 256 {
                (Errno::ENAMETOOLONG, Errno::ENAMETOOLONG)
            } else {
                (Errno::EINVAL, Errno::ENOENT)
            };
            assert_eq!(sem_open(&name, O_CREAT, 0o600, 0).unwrap_err(), open, "{bytes}, to create");
            assert_eq!(sem_open(&name, 0, 0, 0).unwrap_err(), open, "{bytes}, to open");
            assert_eq!(sem_unlink(&name).unwrap_err(), unlink, "{bytes}, to unlink");
        }
    });
}

#[test]
fn a_symbolic_link_in_place_of_a_semaphore_is_eloop() {
    private(|| {
        drop(sem_open(c"/target", O_CREAT | O_EXCL, 0o600, 0).unwrap());
        std::os::unix::fs::symlink("/dev/shm/sem.target", FILE).unwrap();
        assert_eq!(sem_open(S, 0, 0, 0).unwrap_err(), Errno::ELOOP);
        unlink();
        sem_open(c"/target", 0, 0, 0).unwrap();
        sem_unlink(c"/target").unwrap();
    });
}

#[test]
fn a_semaphore_without_a_free_descriptor_is_emfile_and_is_not_created() {
    private(|| {
        let result = without_descriptors(|| sem_open(S, O_CREAT, 0o600, 0));
        assert_eq!(result.unwrap_err(), Errno::EMFILE);
        assert!(!Path::new(FILE).exists());
        drop(semaphore(0));
        assert_eq!(without_descriptors(|| sem_open(S, 0, 0, 0)).unwrap_err(), Errno::EMFILE);
        unlink();
    });
}

#[test]
fn a_missing_semaphore_is_enoent() {
    private(|| {
        assert_eq!(sem_open(S, 0, 0, 0).unwrap_err(), Errno::ENOENT);
        assert_eq!(sem_unlink(S).unwrap_err(), Errno::ENOENT);
    });
}

#[test]
fn a_semaphore_in_a_full_dev_shm_is_enospc_and_is_not_created() {
    private(|| {
        let filling = shm_open(c"/filling", O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap();
        let free = nix::sys::statfs::fstatfs(&filling).unwrap();
        let bytes = free.blocks_available() * u64::try_from(free.block_size()).unwrap();
        nix::fcntl::posix_fallocate(&filling, 0, bytes.try_into().unwrap()).unwrap();
        assert_eq!(sem_open(S, O_CREAT, 0o600, 0).unwrap_err(), Errno::ENOSPC);
        assert!(!Path::new(FILE).exists());
        shm_unlink(c"/filling").unwrap();
        drop(filling);
        drop(semaphore(0));
        unlink();
    });
}

// sem_close, and closing by drop

#[test]
fn sem_close_unmaps_the_semaphore_and_leaves_its_value() {
    private(|| {
        let sem = semaphore(4);
        let address = sem.as_ptr() as usize;
        assert!(map_at(address).is_some());
        sem_close(sem).unwrap();
        assert_eq!(map_at(address), None);
        assert_eq!(value(), 4);
        unlink();
    });
}

#[test]
fn a_dropped_semaphore_unmaps_and_does_not_unlink() {
    private(|| {
        let sem = semaphore(4);
        let address = sem.as_ptr() as usize;
        drop(sem);
        assert_eq!(map_at(address), None);
        assert_eq!(value(), 4);
        unlink();
    });
}

// sem_unlink

#[test]
fn sem_unlink_removes_the_name_at_once_and_leaves_the_open_semaphore() {
    private(|| {
        let sem = semaphore(1);
        sem_unlink(S).unwrap();
        assert!(!Path::new(FILE).exists());
        assert!(map_at(sem.as_ptr() as usize).unwrap().ends_with("(deleted)"));
        sem_trywait(&sem).unwrap();
        assert_eq!(sem_getvalue(&sem), Ok(0));
    });
}

#[test]
fn unlinking_another_users_semaphore_is_eacces_though_the_kernel_returns_eperm() {
    if !two_users() {
        return;
    }
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::empty());
        let _sem = sem_open(S, O_CREAT | O_EXCL, 0o666, 0).unwrap();
        assert_eq!(as_nobody(|| sem_open(S, 0, 0, 0)), Ok(()));
        assert_eq!(as_nobody(|| sem_unlink(S)), Err(Errno::EACCES));
        assert_eq!(as_nobody(|| nix::unistd::unlink(FILE)), Err(Errno::EPERM));
        unlink();
    });
}
