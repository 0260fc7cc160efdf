//! `shmget`: creates and finds segments.

use super::*;

#[test]
fn shmget_creates_a_segment_of_zeros_with_the_given_mode() {
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
fn shmget_of_a_segment_that_does_not_grant_the_permissions_is_eacces() {
    private_as_ordinary_user(|| {
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
fn shmget_of_huge_pages_of_an_unsupported_size_is_einval() {
    if !huge_pages() {
        return;
    }
    private(|| {
        let of_8_kib = 13 << libc::MAP_HUGE_SHIFT;
        assert_eq!(shmget(IPC_PRIVATE, 1, SHM_HUGETLB | of_8_kib | 0o600), Err(EINVAL));
    });
}

#[test]
fn shmget_of_a_missing_segment_without_ipc_creat_is_enoent() {
    private(|| {
        assert_eq!(shmget(KEY, 1, 0o600), Err(ENOENT));
        assert_eq!(shmget(KEY, 0, 0), Err(ENOENT));
    });
}

#[test]
fn shmget_of_more_than_memory_and_swap_is_enomem_without_shm_noreserve() {
    let overcommit = std::fs::read_to_string("/proc/sys/vm/overcommit_memory").unwrap_or_default();
    if overcommit.trim() != "0" {
        skip("vm.overcommit_memory is not 0, and a test must not change it for the whole machine");
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
        skip("this user is in the group vm.hugetlb_shm_group, which may use huge pages");
        return;
    }
    private_as_ordinary_user(|| {
        assert_eq!(shmget(IPC_PRIVATE, 1, SHM_HUGETLB | 0o600), Err(EPERM));
    });
}
