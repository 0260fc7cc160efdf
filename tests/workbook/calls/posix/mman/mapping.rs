//! `mmap` and `munmap`: map and unmap shared memory.

use super::*;

// mmap

#[test]
fn mmap_maps_the_object_with_its_protection_and_outlives_the_descriptor() {
    private(|| {
        let fd = object();
        let memory = mmap(None, 100, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0).unwrap();
        let (address, inode) = (memory.address(), fstat(&fd).unwrap().st_ino);
        close(fd).unwrap();
        let line = map_at(address).unwrap();
        assert!(line.starts_with(&format!("{address:08x}-{:08x} rw-s 00000000", address + PAGE)), "{line}");
        assert!(line.ends_with(FILE) && line.contains(&format!(" {inode} ")), "{line}");
        memory.write(5, b"shared").unwrap();
        assert_eq!(&std::fs::read(FILE).unwrap()[5..11], b"shared");
        unlink();
    });
}

#[test]
fn mmap_starts_at_the_offset() {
    private(|| {
        let fd = object();
        ftruncate(&fd, 8192).unwrap();
        let memory = mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 4096).unwrap();
        assert!(map_at(memory.address()).unwrap().contains("rw-s 00001000"));
        memory.write(0, b"second page").unwrap();
        assert_eq!(&std::fs::read(FILE).unwrap()[4096..4107], b"second page");
        unlink();
    });
}

#[test]
fn writes_to_a_private_mapping_stay_private() {
    private(|| {
        let fd = object();
        let memory = mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, &fd, 0).unwrap();
        memory.write(0, b"mine").unwrap();
        assert!(map_at(memory.address()).unwrap().contains("rw-p"));
        assert_eq!(&std::fs::read(FILE).unwrap()[..4], [0; 4]);
        unlink();
    });
}

#[test]
fn the_address_is_a_hint_that_an_occupied_page_overrides() {
    private(|| {
        let fd = object();
        let first = map(&fd);
        first.write(0, b"first").unwrap();
        let there = |address| {
            let wish = NonZeroUsize::new(address);
            mmap(wish, PAGE, PROT_READ, MAP_SHARED, &fd, 0).unwrap()
        };
        let second = there(first.address());
        assert_ne!(second.address(), first.address());
        // An address in the middle of a gap. Without a hint the kernel chooses one end of a gap.
        let gap = mmap(None, 9 * PAGE, PROT_READ, MAP_SHARED, &fd, 0).unwrap();
        let middle = gap.address() + 4 * PAGE;
        munmap(gap).unwrap();
        assert_eq!(there(middle).address(), middle);
        unlink();
    });
}

#[test]
fn mapping_a_read_only_descriptor_for_writing_is_eacces() {
    private(|| {
        let _fd = object();
        let reader = shm_open(M, O_RDONLY, 0).unwrap();
        let result = mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, &reader, 0);
        assert_eq!(result.unwrap_err(), Errno::EACCES);
        mmap(None, PAGE, PROT_READ, MAP_SHARED, &reader, 0).unwrap();
        mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, &reader, 0).unwrap();
        unlink();
    });
}

#[test]
fn mapping_a_descriptor_not_open_for_reading_is_eacces() {
    private(|| {
        let _fd = object();
        let writer = shm_open(M, O_WRONLY, 0).unwrap();
        for (prot, flags) in [(PROT_WRITE, MAP_SHARED), (PROT_READ, MAP_SHARED), (PROT_READ, MAP_PRIVATE)] {
            assert_eq!(mmap(None, PAGE, prot, flags, &writer, 0).unwrap_err(), Errno::EACCES);
        }
        unlink();
    });
}

#[test]
fn mapping_with_an_invalid_length_offset_or_type_is_einval() {
    private(|| {
        let fd = object();
        let result = |length, flags, offset| mmap(None, length, PROT_READ, flags, &fd, offset).map(drop);
        assert_eq!(result(0, MAP_SHARED, 0), Err(Errno::EINVAL), "length");
        assert_eq!(result(PAGE, MAP_SHARED, 1), Err(Errno::EINVAL), "offset");
        assert_eq!(result(PAGE, 0, 0), Err(Errno::EINVAL), "flags");
        assert_eq!(result(PAGE, MAP_SHARED, 0), Ok(()));
        // The wrapper itself refuses a length of 0, with the kernel's errno.
        // SAFETY: the call maps nothing.
        let raw = unsafe { libc::mmap(std::ptr::null_mut(), 0, PROT_READ, MAP_SHARED, fd.as_raw_fd(), 0) };
        assert_eq!((raw, Errno::last()), (libc::MAP_FAILED, Errno::EINVAL));
        unlink();
    });
}

#[test]
fn map_fixed_is_einval_here_and_replaces_nothing() {
    private(|| {
        let fd = object();
        let memory = map(&fd);
        let there = NonZeroUsize::new(memory.address());
        let result = mmap(there, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, &fd, 0);
        assert_eq!(result.unwrap_err(), Errno::EINVAL);
        assert!(map_at(memory.address()).unwrap().contains("rw-s"));
        unlink();
    });
}

#[test]
fn mapping_a_message_queue_is_enodev() {
    private(|| {
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        let result = mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, &mq, 0);
        assert_eq!(result.unwrap_err(), Errno::ENODEV);
        mq_unlink(c"/q").unwrap();
    });
}

#[test]
fn mapping_more_than_the_address_space_is_enomem() {
    private(|| {
        let fd = object();
        let result = mmap(None, isize::MAX as usize, PROT_READ, MAP_SHARED, &fd, 0);
        assert_eq!(result.unwrap_err(), Errno::ENOMEM);
        let result = under_limit(Resource::RLIMIT_AS, 0, || mmap(None, PAGE, PROT_READ, MAP_SHARED, &fd, 0));
        assert_eq!(result.unwrap_err(), Errno::ENOMEM);
        unlink();
    });
}

#[test]
fn mapping_beyond_the_largest_offset_is_eoverflow() {
    private(|| {
        let fd = object();
        let last = i64::MAX - 4095;
        assert_eq!(mmap(None, PAGE, PROT_READ, MAP_SHARED, &fd, last).unwrap_err(), Errno::EOVERFLOW);
        mmap(None, PAGE, PROT_READ, MAP_SHARED, &fd, last - 4096).unwrap();
        unlink();
    });
}

#[test]
fn mapping_a_write_sealed_object_for_writing_is_eperm() {
    private(|| {
        let fd = memfd_create(c"sealed", MFdFlags::MFD_ALLOW_SEALING).unwrap();
        ftruncate(&fd, 4096).unwrap();
        fcntl(&fd, FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_WRITE)).unwrap();
        let result = mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0);
        assert_eq!(result.unwrap_err(), Errno::EPERM);
        mmap(None, PAGE, PROT_READ, MAP_SHARED, &fd, 0).unwrap();
    });
}

// munmap, and unmapping by drop

#[test]
fn munmap_ends_the_mapping_and_leaves_the_object() {
    private(|| {
        let fd = object();
        let memory = map(&fd);
        memory.write(0, b"kept").unwrap();
        let address = memory.address();
        assert!(map_at(address).is_some());
        munmap(memory).unwrap();
        assert_eq!(map_at(address), None);
        assert_eq!(&std::fs::read(FILE).unwrap()[..4], b"kept");
        unlink();
    });
}

#[test]
fn a_dropped_mapping_unmaps_every_page_and_does_not_unlink() {
    private(|| {
        let fd = object();
        ftruncate(&fd, 12288).unwrap();
        // The kernel maps three pages for two pages and one byte.
        let memory = mmap(None, 2 * PAGE + 1, PROT_READ, MAP_SHARED, &fd, 0).unwrap();
        let maps = || std::fs::read_to_string("/proc/self/maps").unwrap();
        assert!(maps().contains(FILE));
        drop(memory);
        assert!(!maps().contains(FILE) && Path::new(FILE).exists());
        unlink();
    });
}

#[test]
fn a_dropped_shared_memory_descriptor_closes_and_does_not_unlink() {
    private(|| {
        let fd = object();
        let number = fd.as_raw_fd();
        assert!(is_open(number));
        drop(fd);
        assert!(!is_open(number) && Path::new(FILE).exists());
        unlink();
    });
}

#[test]
fn reading_and_writing_beyond_a_mapping_is_efault_and_touches_nothing() {
    private(|| {
        let fd = object();
        let memory = mmap(None, 100, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0).unwrap();
        assert!(memory.len() == 100 && !memory.is_empty());
        for (offset, length) in [(100, 1), (99, 2), (0, 101), (101, 0), (usize::MAX, 1), (usize::MAX, 2)] {
            let mut buffer = vec![b'x'; length];
            assert_eq!(memory.write(offset, &buffer), Err(Errno::EFAULT), "{offset} {length}");
            assert_eq!(memory.read(offset, &mut buffer), Err(Errno::EFAULT), "{offset} {length}");
            assert!(buffer.iter().all(|byte| *byte == b'x'));
        }
        assert!(std::fs::read(FILE).unwrap().iter().all(|byte| *byte == 0));
        let mut all = [b'x'; 100];
        memory.write(0, &all).unwrap();
        memory.write(99, b"z").unwrap();
        memory.write(100, b"").unwrap();
        memory.read(0, &mut all).unwrap();
        assert_eq!(&all[97..], b"xxz");
        assert_eq!(&std::fs::read(FILE).unwrap()[98..102], b"xz\0\0");
        unlink();
    });
}
