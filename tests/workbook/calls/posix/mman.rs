//! `<sys/mman.h>`, and `ftruncate`.

use super::*;
use ipc_workbook::mman::*;
use libc::{MAP_FIXED, MAP_PRIVATE, MAP_SHARED, O_RDONLY, O_TRUNC, O_WRONLY, PROT_READ, PROT_WRITE};
use nix::fcntl::SealFlag;
use nix::mount::MsFlags;
use nix::sys::stat::fstat;
use std::ffi::CStr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const M: &CStr = c"/m";
const FILE: &str = "/dev/shm/m";
const PAGE: usize = 4096;

/// A new object of one page.
fn object() -> OwnedFd {
    let fd = shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o600).expect("shm_open");
    ftruncate(&fd, 4096).expect("ftruncate");
    fd
}

fn unlink() {
    shm_unlink(M).expect("shm_unlink");
}

fn size(fd: &OwnedFd) -> i64 {
    fstat(fd).expect("fstat").st_size
}

fn map(fd: &OwnedFd) -> Mapping {
    mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0).expect("mmap")
}

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
fn shared_memory_whose_mode_refuses_is_eacces() {
    let Some(user) = ordinary() else { return };
    private_as(user, Mqueue::Mounted, || {
        drop(shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o400).unwrap());
        shm_open(M, O_RDONLY, 0).unwrap();
        assert_eq!(shm_open(M, O_RDWR, 0).unwrap_err(), Errno::EACCES);
        assert_eq!(shm_open(M, O_WRONLY, 0).unwrap_err(), Errno::EACCES);
        unlink();
    });
}

#[test]
fn o_creat_on_another_users_shared_memory_is_eacces_exactly_where_regular_files_are_protected() {
    if !two_users() {
        return;
    }
    private(|| {
        // The whole machine's to set, so the test looks and follows.
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
fn shared_memory_without_a_descriptor_to_have_is_emfile_and_is_not_created() {
    private(|| {
        let result = without_descriptors(|| shm_open(M, O_CREAT | O_RDWR, 0o600));
        assert_eq!(result.unwrap_err(), Errno::EMFILE);
        assert!(!Path::new(FILE).exists());
    });
}

#[test]
fn a_shared_memory_name_of_256_bytes_is_enametoolong_and_glibc_finds_260_no_name_at_all() {
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
fn shared_memory_without_an_inode_to_have_is_enospc() {
    if !nix::unistd::geteuid().is_root() {
        return skip("to limit the inodes of /dev/shm takes root");
    }
    private(|| {
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        let none: Option<&str> = None;
        // One for the directory, one for the first object.
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
fn shm_unlink_takes_the_name_at_once_and_leaves_the_open_memory() {
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
fn unlinking_another_users_shared_memory_is_eacces_where_the_kernel_says_eperm() {
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
fn ftruncate_sets_the_size_and_new_bytes_are_zero_and_cost_nothing() {
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
        // Whose default action would end the process.
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
        // SAFETY: the child makes its call and leaves by _exit, or by the signal.
        let child = unsafe { libc::fork() };
        if child == 0 {
            under_limit(Resource::RLIMIT_CORE, 0, || {
                under_limit(Resource::RLIMIT_FSIZE, 8192, || ftruncate(&fd, 8193)).unwrap_err();
            });
            // SAFETY: ends the child.
            unsafe { libc::_exit(0) };
        }
        let child = nix::unistd::Pid::from_raw(child);
        let status = nix::sys::wait::waitpid(child, None).unwrap();
        assert_eq!(status, nix::sys::wait::WaitStatus::Signaled(child, Signal::SIGXFSZ, false));
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
fn what_is_written_to_a_private_mapping_stays_private() {
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
fn the_address_is_a_wish_that_a_taken_page_does_not_grant() {
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
        // The middle of a gap: what the kernel would choose unasked is an end of one.
        let gap = mmap(None, 9 * PAGE, PROT_READ, MAP_SHARED, &fd, 0).unwrap();
        let middle = gap.address() + 4 * PAGE;
        munmap(gap).unwrap();
        assert_eq!(there(middle).address(), middle);
        unlink();
    });
}

#[test]
fn mapping_for_writing_what_is_open_for_reading_is_eacces() {
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
fn mapping_what_is_not_open_for_reading_is_eacces() {
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
fn mapping_nothing_a_crooked_offset_or_neither_shared_nor_private_is_einval() {
    private(|| {
        let fd = object();
        let result = |length, flags, offset| mmap(None, length, PROT_READ, flags, &fd, offset).map(drop);
        assert_eq!(result(0, MAP_SHARED, 0), Err(Errno::EINVAL), "length");
        assert_eq!(result(PAGE, MAP_SHARED, 1), Err(Errno::EINVAL), "offset");
        assert_eq!(result(PAGE, 0, 0), Err(Errno::EINVAL), "flags");
        assert_eq!(result(PAGE, MAP_SHARED, 0), Ok(()));
        // The wrapper answers for a length of 0 itself; the kernel says the same.
        // SAFETY: maps nothing.
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
fn mapping_beyond_the_greatest_offset_is_eoverflow() {
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
        // Two pages and a byte, so the kernel maps three.
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

// What a listener is told

#[test]
fn a_listener_is_told_of_shared_memory_from_its_creation_to_its_end() {
    private(|| {
        let (mut fd, mut address) = (0, 0);
        let all = heard(|| {
            let object = shm_open(M, O_RDWR | O_CREAT | O_EXCL, 0o600).unwrap();
            fd = object.as_raw_fd();
            shm_open(M, O_RDWR | O_CREAT | O_EXCL, 0o640).unwrap_err();
            ftruncate(&object, 4096).unwrap();
            ftruncate(&object, -1).unwrap_err();
            let memory = mmap(None, 100, PROT_READ | PROT_WRITE, MAP_SHARED, &object, 0).unwrap();
            address = memory.address();
            let wish = NonZeroUsize::new(address);
            mmap(wish, 100, PROT_READ, MAP_PRIVATE, &object, 7).unwrap_err();
            memory.write(0, b"quiet").unwrap();
            munmap(memory).unwrap();
            shm_unlink(M).unwrap();
            shm_unlink(M).unwrap_err();
        });
        let want = [
            "creating".into(),
            "created shared memory /m".into(),
            format!(r#"shm_open("/m", O_RDWR|O_CREAT|O_EXCL, 0600) = {fd}"#),
            "settled".into(),
            "creating".into(),
            r#"shm_open("/m", O_RDWR|O_CREAT|O_EXCL, 0640) = -1 EEXIST (File exists)"#.into(),
            "settled".into(),
            format!("ftruncate({fd}, 4096) = 0"),
            format!("ftruncate({fd}, -1) = -1 EINVAL (Invalid argument)"),
            format!("mmap(NULL, 100, PROT_READ|PROT_WRITE, MAP_SHARED, {fd}, 0) = {address:#x}"),
            format!(
                "mmap({address:#x}, 100, PROT_READ, MAP_PRIVATE, {fd}, 7) = -1 EINVAL (Invalid argument)"
            ),
            format!("munmap({address:#x}, 100) = 0"),
            r#"shm_unlink("/m") = 0"#.into(),
            "removed shared memory /m".into(),
            r#"shm_unlink("/m") = -1 ENOENT (No such file or directory)"#.into(),
        ];
        assert_eq!(all, want);
    });
}
