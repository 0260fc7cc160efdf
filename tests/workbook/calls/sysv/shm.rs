//! `<sys/shm.h>`: segments, and the memory attached.

use super::*;
use ipc_workbook::call::Errno::*;
use ipc_workbook::sysv::shm::*;
use nix::sys::resource::{Resource, setrlimit};
use std::num::NonZeroUsize;

/// A new segment with the key [`KEY`].
fn segment(size: usize, mode: c_int) -> c_int {
    shmget(KEY, size, IPC_CREAT | IPC_EXCL | mode).expect("shmget")
}

fn attach(shmid: c_int) -> Attached {
    shmat(shmid, None, 0).expect("shmat")
}

fn attached(shmid: c_int) -> i64 {
    shown("shm", shmid, "nattch")
}

fn set_mode(shmid: c_int, mode: u32) {
    let mut ds = shmctl(shmid, IPC_STAT).expect("IPC_STAT");
    ds.shm_perm.mode = mode;
    shmctl(shmid, IPC_SET(&ds)).expect("IPC_SET");
}

fn remove(shmid: c_int) {
    shmctl(shmid, IPC_RMID).expect("IPC_RMID");
}

/// The line of /proc/self/maps that begins at this address.
fn map_at(address: usize) -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc/self/maps");
    maps.lines().find(|line| line.starts_with(&format!("{address:08x}-"))).map(String::from)
}

/// Where the segment has just been, and where nothing is now.
fn free_address(shmid: c_int) -> usize {
    attach(shmid).address()
}

fn at(address: usize) -> Option<NonZeroUsize> {
    NonZeroUsize::new(address)
}

fn page() -> usize {
    // SAFETY: asks for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a size")
}

/// Whether the kernel has huge pages at all; says so if not.
fn huge_pages() -> bool {
    let has = std::fs::exists("/proc/sys/vm/nr_hugepages").unwrap_or(false);
    if !has {
        skip("this kernel has no huge pages");
    }
    has
}

// shmget

#[test]
fn shmget_creates_a_segment_of_zeros_with_the_mode_asked_for() {
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_retain(0o077));
        let shmid = segment(5000, 0o644);
        let field = |name| shown("shm", shmid, name);
        assert_eq!((field("key"), field("perms"), field("size")), (i64::from(KEY), 0o644, 5000));
        assert_eq!((field("nattch"), field("cpid"), field("lpid")), (0, pid().into(), 0));
        assert_eq!((field("atime"), field("dtime")), (0, 0));
        assert_eq!(field("cuid"), i64::from(nix::unistd::geteuid().as_raw()));
        assert!((0..=2).contains(&(now() - field("ctime"))));
        let mut bytes = [1; 5000];
        attach(shmid).read(0, &mut bytes).unwrap();
        assert_eq!(bytes, [0; 5000]);
        remove(shmid);
    });
}

#[test]
fn shmget_with_ipc_private_always_creates() {
    private(|| {
        let segments =
            [0o600, IPC_CREAT | 0o600, SHM_NORESERVE].map(|flags| shmget(IPC_PRIVATE, 1, flags).unwrap());
        let mut listed = listed("shm");
        listed.sort_unstable();
        assert_eq!(listed, segments);
        for shmid in segments {
            remove(shmid);
        }
    });
}

#[test]
fn shmget_finds_the_segment_with_the_key() {
    private(|| {
        let shmid = segment(5000, 0o600);
        for (size, shmflg) in [(0, 0), (4999, 0), (5000, 0o600), (5000, IPC_CREAT | 0o600), (1, IPC_EXCL)] {
            assert_eq!(shmget(KEY, size, shmflg), Ok(shmid), "{size} {shmflg:#o}");
        }
        assert_eq!(listed("shm"), [shmid]);
        remove(shmid);
    });
}

#[test]
fn shmget_of_a_segment_that_does_not_grant_the_mode_asked_for_is_eacces() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let shmid = segment(1, 0o400);
        assert_eq!(shmget(KEY, 1, 0o600), Err(EACCES));
        assert_eq!((shmget(KEY, 1, 0o400), shmget(KEY, 1, 0)), (Ok(shmid), Ok(shmid)));
        remove(shmid);
    });
}

#[test]
fn shmget_creating_an_existing_segment_exclusively_is_eexist() {
    private(|| {
        let shmid = segment(1, 0o600);
        assert_eq!(shmget(KEY, 1, IPC_CREAT | IPC_EXCL | 0o600), Err(EEXIST));
        remove(shmid);
    });
}

#[test]
fn shmget_of_an_impossible_size_is_einval() {
    private(|| {
        assert_eq!(shmget(IPC_PRIVATE, 0, 0o600), Err(EINVAL));
        assert_eq!(shmget(IPC_PRIVATE, usize::MAX, 0o600), Err(EINVAL));
        let shmid = segment(5000, 0o600);
        assert_eq!(shmget(KEY, 5001, 0), Err(EINVAL));
        remove(shmid);
    });
}

#[test]
fn shmget_of_more_than_shmmax_bytes_is_einval() {
    if !changeable_limits() {
        return;
    }
    private(|| {
        set_limit("shmmax", "100");
        assert_eq!(shmget(IPC_PRIVATE, 101, 0o600), Err(EINVAL));
        remove(shmget(IPC_PRIVATE, 100, 0o600).unwrap());
    });
}

#[test]
fn shmget_of_huge_pages_of_a_size_that_there_is_not_is_einval() {
    if !huge_pages() {
        return;
    }
    private(|| {
        let of_8_kib = 13 << libc::MAP_HUGE_SHIFT;
        assert_eq!(shmget(IPC_PRIVATE, 1, SHM_HUGETLB | of_8_kib | 0o600), Err(EINVAL));
    });
}

#[test]
fn shmget_of_no_segment_without_ipc_creat_is_enoent() {
    private(|| {
        assert_eq!(shmget(KEY, 1, 0o600), Err(ENOENT));
        assert_eq!(shmget(KEY, 0, 0), Err(ENOENT));
    });
}

#[test]
fn shmget_of_more_than_memory_and_swap_is_enomem_without_shm_noreserve() {
    let overcommit = std::fs::read_to_string("/proc/sys/vm/overcommit_memory").unwrap_or_default();
    if overcommit.trim() != "0" {
        skip("vm.overcommit_memory is not 0, and is the whole machine's to set");
        return;
    }
    private(|| {
        let exbibyte = 1 << 60;
        assert_eq!(shmget(IPC_PRIVATE, exbibyte, 0o600), Err(ENOMEM));
        remove(shmget(IPC_PRIVATE, exbibyte, SHM_NORESERVE | 0o600).unwrap());
    });
}

#[test]
fn shmget_of_more_huge_pages_than_there_are_is_enomem() {
    if !huge_pages() {
        return;
    }
    let got = with_real_capability("CAP_IPC_LOCK", 14, || shmget(IPC_PRIVATE, 1 << 50, SHM_HUGETLB | 0o600));
    assert!(matches!(got, None | Some(Err(ENOMEM))), "{got:?}");
}

#[test]
fn shmget_beyond_shmmni_segments_is_enospc() {
    if !changeable_limits() {
        return;
    }
    private(|| {
        set_limit("shmmni", "1");
        let shmid = segment(1, 0o600);
        assert_eq!(shmget(IPC_PRIVATE, 1, 0), Err(ENOSPC));
        remove(shmid);
    });
}

#[test]
fn shmget_beyond_shmall_pages_is_enospc() {
    if !changeable_limits() {
        return;
    }
    private(|| {
        set_limit("shmall", "2");
        assert_eq!(shmget(IPC_PRIVATE, 2 * page() + 1, 0), Err(ENOSPC));
        remove(shmget(IPC_PRIVATE, 2 * page(), 0).unwrap());
    });
}

#[test]
fn shmget_of_huge_pages_without_cap_ipc_lock_is_eperm() {
    let group = std::fs::read_to_string("/proc/sys/vm/hugetlb_shm_group").unwrap_or_default();
    let groups = nix::unistd::getgroups().unwrap_or_default();
    if !huge_pages()
        || !nix::unistd::geteuid().is_root() && groups.iter().any(|g| g.to_string() == group.trim())
    {
        skip("nobody to be refused huge pages");
        return;
    }
    private_as(ordinary(), Mqueue::Mounted, || {
        assert_eq!(shmget(IPC_PRIVATE, 1, SHM_HUGETLB | 0o600), Err(EPERM));
    });
}

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
        assert_eq!(in_child(|| other.write(0, b"child")), 0);
        let mut bytes = [0; 5];
        one.read(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"child");
        drop((one, other));
        remove(shmid);
    });
}

#[test]
fn shmat_takes_the_rights_asked_for() {
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
fn shmat_of_a_segment_that_goes_with_its_last_attachment_goes_on() {
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
    private_as(ordinary(), Mqueue::Mounted, || {
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
    private_as(ordinary(), Mqueue::Mounted, || {
        let shmid = segment(2 << 20, 0o600);
        let status = in_child(|| {
            setrlimit(Resource::RLIMIT_MEMLOCK, 1 << 16, 1 << 16)?;
            // SAFETY: takes a number.
            Errno::result(unsafe { libc::mlockall(libc::MCL_FUTURE) })?;
            shmat(shmid, None, 0).map(drop)
        });
        assert_eq!((libc::WEXITSTATUS(status), attached(shmid)), (EAGAIN as c_int, 0));
        remove(shmid);
    });
}

#[test]
fn shmat_of_no_segment_is_einval() {
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
        skip("vm.mmap_min_addr leaves no page to try");
        return;
    }
    private_as(ordinary(), Mqueue::Mounted, || {
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
fn attached_memory_is_read_and_written_within_its_bounds_alone() {
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
fn dropping_what_is_attached_detaches_and_removes_nothing() {
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
fn writing_to_what_is_attached_for_reading_is_a_fault() {
    private(|| {
        let shmid = segment(1, 0o600);
        let memory = shmat(shmid, None, SHM_RDONLY).unwrap();
        let status = in_child(|| {
            setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
            memory.write(0, b"x")
        });
        assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV, "{status:#x}");
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
fn shmdt_of_what_was_detached_behind_its_back_is_einval() {
    private(|| {
        let shmid = segment(1, 0o600);
        let memory = attach(shmid);
        // SAFETY: the memory is not touched any more.
        assert_eq!(unsafe { libc::shmdt(memory.address() as *const libc::c_void) }, 0);
        assert_eq!(shmdt(memory), Err(EINVAL));
        remove(shmid);
    });
}

// shmctl

#[test]
fn shmctl_ipc_stat_tells_what_the_kernel_shows() {
    private(|| {
        let shmid = segment(5000, 0o640);
        let times =
            || shmctl(shmid, IPC_STAT).map(|ds| (ds.shm_atime > 0, ds.shm_dtime > 0, ds.shm_ctime > 0));
        assert_eq!(times(), Ok((false, false, true)));
        let memory = attach(shmid);
        assert_eq!(times(), Ok((true, false, true)));
        assert_eq!(in_child(|| shmat(shmid, None, 0).and_then(shmdt)), 0);
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
    if !second_user() {
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
fn shmctl_ipc_rmid_removes_a_segment_that_nobody_has_attached() {
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
fn shmctl_shm_lock_and_shm_unlock_set_and_clear_the_mark() {
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
    private_as(ordinary(), Mqueue::Mounted, || {
        let shmid = segment(1, 0o200);
        assert_eq!(shmctl(shmid, IPC_STAT), Err(EACCES));
        remove(shmid);
    });
}

#[test]
fn shmctl_of_no_segment_is_einval() {
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
fn shmctl_ipc_set_of_an_owner_who_cannot_be_is_einval() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let shmid = segment(1, 0o600);
        let ds = shmctl(shmid, IPC_STAT).unwrap();
        // Of all users, the namespace of one who is not root knows that one alone.
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
    private_as(ordinary(), Mqueue::Mounted, || {
        let shmid = segment(4 * page(), 0o600);
        let limit = page().try_into().unwrap();
        let got = under_limit(Resource::RLIMIT_MEMLOCK, limit, || shmctl(shmid, SHM_LOCK));
        assert_eq!((got, shown("shm", shmid, "perms")), (Err(ENOMEM), 0o600));
        remove(shmid);
    });
}

#[test]
fn shmctl_shm_lock_where_rlimit_memlock_is_0_is_eperm() {
    private_as(ordinary(), Mqueue::Mounted, || {
        let shmid = segment(1, 0o600);
        under_limit(Resource::RLIMIT_MEMLOCK, 0, || {
            assert_eq!(shmctl(shmid, SHM_LOCK), Err(EPERM));
            assert_eq!(shmctl(shmid, SHM_UNLOCK), Ok(()));
        });
        remove(shmid);
    });
}

#[test]
fn shmctl_that_changes_anything_by_a_stranger_is_eperm() {
    if !second_user() {
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
        });
        remove(shmid);
    });
}

// What a listener hears

#[test]
fn a_listener_hears_of_segments() {
    private(|| {
        let mut addresses = [0; 2];
        let all = heard(|| {
            let shmid = shmget(KEY, 5000, IPC_CREAT | IPC_EXCL | SHM_NORESERVE | 0o600).unwrap();
            assert_eq!(shmid, 0, "the first identifier of a new namespace");
            shmget(KEY, 5001, IPC_CREAT | 0o600).unwrap_err();
            let memory = shmat(shmid, None, 0).unwrap();
            let again = shmat(shmid, None, SHM_RDONLY).unwrap();
            addresses = [memory.address(), again.address()];
            shmat(shmid, at(0x1234_5678), SHM_REMAP | SHM_RND).unwrap_err();
            memory.write(0, b"unheard").unwrap();
            let ds = shmctl(shmid, IPC_STAT).unwrap();
            shmctl(shmid, IPC_SET(&ds)).unwrap();
            shmctl(shmid, SHM_LOCK).unwrap();
            shmctl(shmid, SHM_UNLOCK).unwrap();
            shmctl(shmid, IPC_RMID).unwrap();
            shmdt(again).unwrap();
            drop(memory);
            shmctl(shmid, IPC_RMID).unwrap_err();
        });
        let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
        let pid = pid();
        let [memory, again] = addresses;
        let want = format!(
            "creating
created Shm(0)
shmget(0x5ca1ab1e, 5000, IPC_CREAT|IPC_EXCL|SHM_NORESERVE|0600) = 0
settled
creating
shmget(0x5ca1ab1e, 5001, IPC_CREAT|0600) = -1 EINVAL (Invalid argument)
settled
shmat(0, NULL, 0) = {memory:#x}
shmat(0, NULL, SHM_RDONLY) = {again:#x}
shmat(0, 0x12345678, SHM_RND|SHM_REMAP) = -1 EINVAL (Invalid argument)
shmctl(0, IPC_STAT, {{shm_perm={{uid={uid}, gid={gid}, mode=0600, key=0x5ca1ab1e, ...}}, shm_segsz=5000, shm_cpid={pid}, shm_lpid={pid}, shm_nattch=2, ...}}) = 0
shmctl(0, IPC_SET, {{shm_perm={{uid={uid}, gid={gid}, mode=0600}}}}) = 0
shmctl(0, SHM_LOCK, NULL) = 0
shmctl(0, SHM_UNLOCK, NULL) = 0
shmctl(0, IPC_RMID, NULL) = 0
removed Shm(0)
shmdt({again:#x}) = 0
shmctl(0, IPC_RMID, NULL) = -1 EINVAL (Invalid argument)"
        );
        assert_eq!(all.join("\n"), want);
    });
}
