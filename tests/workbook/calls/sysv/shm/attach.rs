//! `shmat` and `shmdt`: attach, use and detach segments.

use super::*;

// shmat

#[test]
fn shmat_maps_the_segment_where_the_kernel_chooses() {
    private(|| {
        let shmid = segment(5000, 0o600);
        let before = now();
        let memory = attach(shmid);
        let map = map_at(memory.address()).expect("a mapping");
        let fields = map.split_whitespace().collect::<Vec<_>>();
        let (from, to) = fields[0].split_once('-').unwrap();
        let [from, to] = [from, to].map(|address| usize::from_str_radix(address, 16).unwrap());
        assert_eq!((to - from, fields[1]), (5000usize.next_multiple_of(page()), "rw-s"));
        assert_eq!((fields[4], fields[5]), (shmid.to_string().as_str(), "/SYSV5ca1ab1e"));
        assert_eq!((memory.len(), memory.is_empty()), (5000, false));
        assert_eq!((attached(shmid), shown("shm", shmid, "lpid")), (1, pid().into()));
        assert!((before..=before + 2).contains(&shown("shm", shmid, "atime")));
        drop(memory);
        remove(shmid);
    });
}

#[test]
fn shmat_twice_shows_the_same_bytes_at_two_addresses() {
    private(|| {
        let shmid = segment(5000, 0o600);
        let (one, other) = (attach(shmid), attach(shmid));
        assert_ne!(one.address(), other.address());
        assert_eq!(attached(shmid), 2);
        one.write(4997, b"abc").unwrap();
        let mut bytes = [0; 3];
        other.read(4997, &mut bytes).unwrap();
        assert_eq!(&bytes, b"abc");
        assert_eq!(in_child(|| other.write(0, b"child")), Ok(()));
        let mut bytes = [0; 5];
        one.read(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"child");
        drop((one, other));
        remove(shmid);
    });
}

#[test]
fn shmat_maps_with_the_given_protection() {
    private(|| {
        let shmid = segment(1, 0o700);
        for (shmflg, rights) in
            [(0, "rw-s"), (SHM_RDONLY, "r--s"), (SHM_EXEC, "rwxs"), (SHM_EXEC | SHM_RDONLY, "r-xs")]
        {
            let memory = shmat(shmid, None, shmflg).unwrap();
            let map = map_at(memory.address()).expect("a mapping");
            assert_eq!(map.split_whitespace().nth(1), Some(rights));
        }
        remove(shmid);
    });
}

#[test]
fn shmat_takes_an_address_and_rounds_it_with_shm_rnd() {
    private(|| {
        let shmid = segment(1, 0o600);
        let free = free_address(shmid);
        let memory = shmat(shmid, at(free), 0).unwrap();
        assert_eq!(memory.address(), free);
        shmdt(memory).unwrap();
        let memory = shmat(shmid, at(free + 0x123), SHM_RND).unwrap();
        assert_eq!(memory.address(), free);
        assert!(map_at(free).is_some());
        drop(memory);
        remove(shmid);
    });
}

#[test]
fn shmat_works_for_a_segment_marked_for_destruction() {
    private(|| {
        let shmid = segment(1, 0o600);
        let memory = attach(shmid);
        remove(shmid);
        let again = attach(shmid);
        assert_eq!((attached(shmid), shown("shm", shmid, "perms")), (2, i64::from(0o600 | SHM_DEST)));
        drop((memory, again));
        assert!(listed("shm").is_empty());
    });
}

#[test]
fn shmat_without_permission_is_eacces() {
    private_as_ordinary_user(|| {
        let shmid = segment(1, 0o400);
        assert_eq!(shmat(shmid, None, 0).unwrap_err(), EACCES);
        assert_eq!(shmat(shmid, None, SHM_RDONLY | SHM_EXEC).unwrap_err(), EACCES);
        shmat(shmid, None, SHM_RDONLY).unwrap();
        set_mode(shmid, 0o200);
        assert_eq!(shmat(shmid, None, SHM_RDONLY).unwrap_err(), EACCES);
        assert_eq!(attached(shmid), 0);
        remove(shmid);
    });
}

#[test]
fn shmat_of_more_than_may_be_locked_is_eagain_after_mlockall() {
    private_as_ordinary_user(|| {
        let shmid = segment(2 << 20, 0o600);
        let got = in_child(|| {
            setrlimit(Resource::RLIMIT_MEMLOCK, 1 << 16, 1 << 16)?;
            // SAFETY: the call takes only a number.
            Errno::result(unsafe { libc::mlockall(libc::MCL_FUTURE) })?;
            shmat(shmid, None, 0).map(drop)
        });
        assert_eq!((got, attached(shmid)), (Err(EAGAIN), 0));
        remove(shmid);
    });
}

#[test]
fn shmat_of_an_invalid_identifier_is_einval() {
    private(|| {
        let shmid = segment(1, 0o600);
        remove(shmid);
        for none in [-1, shmid, shmid + 1] {
            assert_eq!(shmat(none, None, 0).unwrap_err(), EINVAL);
        }
    });
}

#[test]
fn shmat_at_an_odd_or_occupied_address_is_einval() {
    private(|| {
        let shmid = segment(1, 0o600);
        let free = free_address(shmid);
        assert_eq!(shmat(shmid, at(free + 1), 0).unwrap_err(), EINVAL);
        let memory = attach(shmid);
        assert_eq!(shmat(shmid, at(memory.address()), 0).unwrap_err(), EINVAL);
        assert_eq!(shmat(shmid, at(memory.address() + 1), SHM_RND).unwrap_err(), EINVAL);
        assert_eq!(attached(shmid), 1);
        drop(memory);
        remove(shmid);
    });
}

#[test]
fn shmat_that_could_replace_memory_is_einval() {
    private(|| {
        let shmid = segment(1, 0o600);
        let free = free_address(shmid);
        assert_eq!(shmat(shmid, at(free), SHM_REMAP).unwrap_err(), EINVAL);
        assert_eq!(shmat(shmid, None, SHM_REMAP).unwrap_err(), EINVAL);
        for low in [1, page(), 256 * 1024 - 1] {
            assert_eq!(shmat(shmid, at(low), SHM_RND).unwrap_err(), EINVAL, "{low:#x}");
        }
        assert_eq!((attached(shmid), shown("shm", shmid, "lpid")), (0, pid().into()));
        remove(shmid);
    });
}

#[test]
fn shmat_below_mmap_min_addr_is_eperm_without_cap_sys_rawio() {
    let least = std::fs::read_to_string("/proc/sys/vm/mmap_min_addr").unwrap_or_default();
    let least = least.trim().parse::<usize>().unwrap_or(0);
    if least < 2 * page() {
        skip("vm.mmap_min_addr is too low to try an address below it");
        return;
    }
    private_as_ordinary_user(|| {
        let shmid = segment(1, 0o600);
        assert_eq!(shmat(shmid, at(page()), 0).unwrap_err(), EPERM);
        remove(shmid);
    });
}

#[test]
fn shmat_without_address_space_is_enomem() {
    private(|| {
        let shmid = shmget(IPC_PRIVATE, 1 << 40, SHM_NORESERVE | 0o600).unwrap();
        let got = under_limit(Resource::RLIMIT_AS, 1 << 40, || shmat(shmid, None, 0));
        assert_eq!(got.unwrap_err(), ENOMEM);
        let beyond = at(1 << (usize::BITS - 1));
        assert_eq!(shmat(shmid, beyond, 0).unwrap_err(), ENOMEM);
        assert_eq!(attached(shmid), 0);
        remove(shmid);
    });
}

// The handle

#[test]
fn attached_memory_is_read_and_written_only_within_its_bounds() {
    private(|| {
        let shmid = segment(5000, 0o600);
        let memory = attach(shmid);
        assert_eq!(memory.write(0, &[7; 5000]), Ok(()));
        assert_eq!(memory.write(4998, b"abc"), Err(EFAULT));
        assert_eq!(memory.write(0, &[0; 5001]), Err(EFAULT));
        assert_eq!((memory.write(5000, b""), memory.write(5001, b"")), (Ok(()), Err(EFAULT)));
        assert_eq!(memory.read(4998, &mut [0; 3]), Err(EFAULT));
        assert_eq!(memory.read(usize::MAX, &mut [0]), Err(EFAULT));
        let mut bytes = [0; 5000];
        memory.read(0, &mut bytes).unwrap();
        assert_eq!(bytes, [7; 5000]);
        drop(memory);
        remove(shmid);
    });
}

#[test]
fn dropping_the_handle_detaches_and_does_not_remove() {
    private(|| {
        let shmid = segment(5, 0o600);
        let (one, other) = (attach(shmid), attach(shmid));
        one.write(0, b"stays").unwrap();
        let address = one.address();
        drop(one);
        assert_eq!((attached(shmid), map_at(address)), (1, None));
        drop(other);
        assert_eq!((attached(shmid), listed("shm")), (0, vec![shmid]));
        let mut bytes = [0; 5];
        attach(shmid).read(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"stays");
        remove(shmid);
    });
}

#[test]
fn writing_to_memory_attached_read_only_is_a_fault() {
    private(|| {
        let shmid = segment(1, 0o600);
        let memory = shmat(shmid, None, SHM_RDONLY).unwrap();
        let writing = Forked::start(|| {
            setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
            memory.write(0, b"x")
        });
        let status = writing.end();
        assert!(matches!(status, WaitStatus::Signaled(_, Signal::SIGSEGV, _)), "{status:?}");
        drop(memory);
        remove(shmid);
    });
}

// shmdt

#[test]
fn shmdt_detaches_and_the_segment_stays() {
    private(|| {
        let shmid = segment(1, 0o600);
        let memory = attach(shmid);
        let address = memory.address();
        let before = now();
        shmdt(memory).unwrap();
        assert_eq!((attached(shmid), map_at(address)), (0, None));
        assert!((before..=before + 2).contains(&shown("shm", shmid, "dtime")));
        remove(shmid);
    });
}

#[test]
fn shmdt_of_memory_that_is_already_detached_is_einval() {
    private(|| {
        let shmid = segment(1, 0o600);
        let memory = attach(shmid);
        // SAFETY: nothing accesses the memory after the call.
        assert_eq!(unsafe { libc::shmdt(memory.address() as *const libc::c_void) }, 0);
        assert_eq!(shmdt(memory), Err(EINVAL));
        remove(shmid);
    });
}
