//! `shm_open`, `ftruncate` and `shm_unlink`: create, size and unlink shared memory.

use super::*;

// shm_open

#[test]
fn shm_open_creates_an_empty_file_with_owner_and_masked_mode() {
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_retain(0o027));
        let fd = shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o666).unwrap();
        let file = std::fs::metadata(FILE).unwrap();
        assert_eq!((file.mode() & 0o7777, file.len()), (0o640, 0));
        assert_eq!(file.uid(), nix::unistd::geteuid().as_raw());
        assert_eq!(file.ino(), fstat(&fd).unwrap().st_ino);
        assert_eq!(status_flags(&fd) & libc::O_ACCMODE, O_RDWR);
        assert!(closes_on_exec(&fd));
        unlink();
    });
}

#[test]
fn o_creat_opens_existing_shared_memory_and_o_trunc_empties_it() {
    private(|| {
        let fd = object();
        let again = shm_open(M, O_CREAT | O_RDONLY, 0o666).unwrap();
        assert_eq!(fstat(&again).unwrap().st_ino, fstat(&fd).unwrap().st_ino);
        shm_open(M, O_RDWR, 0).unwrap();
        assert_eq!((size(&again), fstat(&fd).unwrap().st_mode & 0o7777), (4096, 0o600));
        shm_open(M, O_RDWR | O_TRUNC, 0).unwrap();
        assert_eq!(size(&fd), 0);
        unlink();
    });
}

#[test]
fn shared_memory_without_permission_is_eacces() {
    private_as_ordinary_user(|| {
        drop(shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o400).unwrap());
        shm_open(M, O_RDONLY, 0).unwrap();
        assert_eq!(shm_open(M, O_RDWR, 0).unwrap_err(), Errno::EACCES);
        assert_eq!(shm_open(M, O_WRONLY, 0).unwrap_err(), Errno::EACCES);
        unlink();
    });
}

#[test]
fn o_creat_on_another_users_shared_memory_is_eacces_only_with_protected_regular() {
    if !two_users() {
        return;
    }
    private(|| {
        // The setting is that of the whole machine, so the test reads it and does not change it.
        let level = std::fs::read_to_string("/proc/sys/fs/protected_regular").unwrap_or_default();
        let protected = !matches!(level.trim(), "" | "0");
        let create = || shm_open(M, O_CREAT | O_RDWR, 0o666);
        assert_eq!(as_nobody(create), Ok(()));
        assert_eq!(create().err(), protected.then_some(Errno::EACCES));
        shm_open(M, O_RDWR, 0).unwrap();
        unlink();
    });
}

#[test]
fn creating_existing_shared_memory_exclusively_is_eexist() {
    private(|| {
        let fd = object();
        assert_eq!(shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap_err(), Errno::EEXIST);
        assert_eq!(size(&fd), 4096);
        unlink();
    });
}

#[test]
fn a_shared_memory_name_that_is_empty_or_has_an_inner_slash_is_einval_to_open_and_enoent_to_unlink() {
    private(|| {
        for name in [c"", c"/", c"//", c"/a/b", c"/a/"] {
            for flags in [O_CREAT | O_RDWR, O_RDWR, O_RDONLY] {
                assert_eq!(shm_open(name, flags, 0o600).unwrap_err(), Errno::EINVAL, "{name:?} {flags:#o}");
            }
            assert_eq!(shm_unlink(name).unwrap_err(), Errno::ENOENT, "{name:?}");
        }
    });
}

#[test]
fn shared_memory_named_dot_is_the_directory_einval_to_write_and_eisdir_to_unlink() {
    private(|| {
        for name in [c"/.", c"/.."] {
            for flags in [O_CREAT | O_RDWR, O_CREAT | O_RDONLY, O_RDWR] {
                assert_eq!(shm_open(name, flags, 0o600).unwrap_err(), Errno::EINVAL, "{name:?} {flags:#o}");
            }
            let directory = fstat(shm_open(name, O_RDONLY, 0).unwrap()).unwrap();
            assert_eq!(directory.st_mode & libc::S_IFMT, libc::S_IFDIR, "{name:?}");
            assert_eq!(shm_unlink(name).unwrap_err(), Errno::EISDIR, "{name:?}");
        }
    });
}

#[test]
fn a_symbolic_link_in_place_of_shared_memory_is_eloop() {
    private(|| {
        drop(object());
        std::os::unix::fs::symlink(FILE, "/dev/shm/link").unwrap();
        assert_eq!(shm_open(c"/link", O_RDWR, 0).unwrap_err(), Errno::ELOOP);
        shm_unlink(c"/link").unwrap();
        assert!(Path::new(FILE).exists());
        unlink();
    });
}

#[test]
fn shared_memory_without_a_free_descriptor_is_emfile_and_is_not_created() {
    private(|| {
        let result = without_descriptors(|| shm_open(M, O_CREAT | O_RDWR, 0o600));
        assert_eq!(result.unwrap_err(), Errno::EMFILE);
        assert!(!Path::new(FILE).exists());
    });
}

#[test]
fn a_shared_memory_name_of_256_bytes_is_enametoolong_and_of_260_is_einval() {
    private(|| {
        let longest = long_name(255);
        drop(shm_open(&longest, O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap());
        assert!(Path::new(&format!("/dev/shm{}", longest.to_str().unwrap())).exists());
        shm_unlink(&longest).unwrap();
        for bytes in [256, 259, 260, 300] {
            let name = long_name(bytes);
            let (open, unlink) = if bytes < 260 {
                (Errno::ENAMETOOLONG, Errno::ENAMETOOLONG)
            } else {
                (Errno::EINVAL, Errno::ENOENT)
            };
            assert_eq!(shm_open(&name, O_CREAT | O_RDWR, 0o600).unwrap_err(), open, "{bytes}, to create");
            assert_eq!(shm_unlink(&name).unwrap_err(), unlink, "{bytes}, to unlink");
        }
    });
}

#[test]
fn missing_shared_memory_is_enoent() {
    private(|| {
        assert_eq!(shm_open(M, O_RDWR, 0).unwrap_err(), Errno::ENOENT);
        assert_eq!(shm_unlink(M).unwrap_err(), Errno::ENOENT);
    });
}

#[test]
fn shared_memory_without_a_free_inode_is_enospc() {
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can limit the inodes of /dev/shm");
    }
    private(|| {
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        let none: Option<&str> = None;
        // One inode for the directory, and one for the first object.
        nix::mount::mount(none, "/dev/shm", none, flags, Some("nr_inodes=2")).expect("remount");
        let fd = object();
        assert_eq!(shm_open(c"/second", O_CREAT | O_RDWR, 0o600).unwrap_err(), Errno::ENOSPC);
        unlink();
        drop(fd);
        shm_open(c"/second", O_CREAT | O_RDWR, 0o600).unwrap();
        shm_unlink(c"/second").unwrap();
    });
}

// shm_unlink

#[test]
fn shm_unlink_removes_the_name_at_once_and_leaves_the_open_memory() {
    private(|| {
        let fd = object();
        shm_unlink(M).unwrap();
        assert!(!Path::new(FILE).exists());
        assert_eq!(fstat(&fd).unwrap().st_nlink, 0);
        let memory = map(&fd);
        memory.write(0, b"orphan").unwrap();
        let mut bytes = [0; 6];
        nix::sys::uio::pread(&fd, &mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"orphan");
    });
}

#[test]
fn unlinking_another_users_shared_memory_is_eacces_though_the_kernel_returns_eperm() {
    if !two_users() {
        return;
    }
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::empty());
        let _fd = shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o666).unwrap();
        assert_eq!(as_nobody(|| shm_open(M, O_RDWR, 0)), Ok(()));
        assert_eq!(as_nobody(|| shm_unlink(M)), Err(Errno::EACCES));
        assert_eq!(as_nobody(|| nix::unistd::unlink(FILE)), Err(Errno::EPERM));
        unlink();
    });
}

// ftruncate

#[test]
fn ftruncate_sets_the_size_and_new_bytes_are_zero_and_take_no_memory() {
    private(|| {
        let fd = shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap();
        ftruncate(&fd, 10_000).unwrap();
        let file = std::fs::metadata(FILE).unwrap();
        assert_eq!((file.len(), file.blocks()), (10_000, 0));
        assert!(std::fs::read(FILE).unwrap().iter().all(|byte| *byte == 0));
        ftruncate(&fd, 1).unwrap();
        assert_eq!(size(&fd), 1);
        unlink();
    });
}

#[test]
fn a_length_above_rlimit_fsize_is_efbig() {
    private(|| {
        // The default action of SIGXFSZ would end the process.
        let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
        // SAFETY: no handler is installed.
        unsafe { sigaction(Signal::SIGXFSZ, &ignore) }.expect("sigaction");
        let fd = object();
        under_limit(Resource::RLIMIT_FSIZE, 8192, || {
            assert_eq!(ftruncate(&fd, 8193).unwrap_err(), Errno::EFBIG);
            ftruncate(&fd, 8192).unwrap();
        });
        assert_eq!(size(&fd), 8192);
        unlink();
    });
}

#[test]
fn a_length_above_rlimit_fsize_ends_a_process_that_does_not_ignore_sigxfsz() {
    private(|| {
        let fd = object();
        let writing = Forked::start(|| {
            // Whoever started the tests may ignore the signal: Python's children do.
            let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
            // SAFETY: no handler is installed.
            unsafe { sigaction(Signal::SIGXFSZ, &default) }.expect("sigaction");
            under_limit(Resource::RLIMIT_CORE, 0, || {
                under_limit(Resource::RLIMIT_FSIZE, 8192, || ftruncate(&fd, 8193))
            })
        });
        let status = writing.end();
        assert!(matches!(status, WaitStatus::Signaled(_, Signal::SIGXFSZ, false)), "{status:?}");
        unlink();
    });
}

#[test]
fn a_negative_length_is_einval() {
    private(|| {
        let fd = object();
        assert_eq!(ftruncate(&fd, -1).unwrap_err(), Errno::EINVAL);
        assert_eq!(size(&fd), 4096);
        unlink();
    });
}

#[test]
fn ftruncate_of_a_read_only_descriptor_is_einval() {
    private(|| {
        let fd = object();
        let reader = shm_open(M, O_RDONLY, 0).unwrap();
        assert_eq!(ftruncate(&reader, 0).unwrap_err(), Errno::EINVAL);
        assert_eq!(size(&fd), 4096);
        unlink();
    });
}

#[test]
fn ftruncate_of_a_sealed_object_is_eperm() {
    private(|| {
        let fd = memfd_create(c"sealed", MFdFlags::MFD_ALLOW_SEALING).unwrap();
        ftruncate(&fd, 4096).unwrap();
        fcntl(&fd, FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_GROW)).unwrap();
        assert_eq!(ftruncate(&fd, 4097).unwrap_err(), Errno::EPERM);
        ftruncate(&fd, 100).unwrap();
        fcntl(&fd, FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_SHRINK)).unwrap();
        assert_eq!(ftruncate(&fd, 99).unwrap_err(), Errno::EPERM);
        assert_eq!(size(&fd), 100);
    });
}
