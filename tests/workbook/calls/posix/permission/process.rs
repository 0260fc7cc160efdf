//! The ids and the capabilities of a process, the programs that it may execute, and its namespaces.

use super::*;

#[test]
fn execve_and_execv_check_the_execute_bits_before_the_content() {
    let refused = |path: &CStr, errno| {
        assert_eq!(execve(path), Err(errno));
        assert_eq!(execv(path, &[path]), Err(errno));
    };
    private(|| {
        let fd = object(0o600);
        refused(C_PATH, Errno::EACCES);
        fchmod(&fd, 0o700).unwrap();
        refused(C_PATH, Errno::ETXTBSY);
        drop(fd);
        refused(C_PATH, Errno::ENOEXEC);
        unlink(C_PATH).unwrap();
        refused(C_PATH, Errno::ENOENT);
        refused(c"/dev/null/m", Errno::ENOTDIR);
        refused(&long_path(), Errno::ENAMETOOLONG);
        // A real program is executed: the child's exit code is that of true(1).
        let program =
            ["/usr/bin/true", "/bin/true"].into_iter().find(|path| std::path::Path::new(path).exists());
        let program = CString::new(program.expect("true(1)")).expect("no NUL");
        assert_eq!(in_child(|| execve(&program)), Ok(()));
        assert_eq!(in_child(|| execv(&program, &[c"true"])), Ok(()));
    });
}

#[test]
fn setns_enters_the_namespace_of_another_process_and_gives_others_eperm() {
    private(|| {
        let here = std::fs::File::open("/proc/self/ns/ipc").unwrap();
        if !nix::unistd::geteuid().is_root() {
            assert_eq!(setns(&here, libc::CLONE_NEWIPC), Err(Errno::EPERM));
            return;
        }
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        in_child(|| {
            unshare(libc::CLONE_NEWIPC)?;
            assert_eq!(mq_open(c"/q", O_RDWR, 0, None).unwrap_err(), Errno::ENOENT);
            setns(&here, libc::CLONE_NEWIPC)?;
            mq_open(c"/q", O_RDWR, 0, None)
        })
        .unwrap();
        mq_unlink(c"/q").unwrap();
        drop(mq);
    });
}

#[test]
fn errnos_of_setns() {
    private(|| {
        let network = std::fs::File::open("/proc/self/ns/net").unwrap();
        assert_eq!(setns(&network, libc::CLONE_NEWIPC), Err(Errno::EINVAL));
        assert_eq!(setns(std::io::stdin(), 0), Err(Errno::EINVAL));
        let user = std::fs::File::open("/proc/self/ns/user").unwrap();
        let all = heard(|| assert_eq!(setns(&user, libc::CLONE_NEWUSER), Err(Errno::EINVAL)));
        let want = format!("setns({}, CLONE_NEWUSER) = -1 EINVAL (Invalid argument)", user.as_raw_fd());
        assert_eq!(all, [want]);
    });
}

/// Where the tests of mount and umount mount something.
const PLACE: &CStr = c"/dev/shm/place";

fn mount_tmpfs(target: &CStr, data: Option<&CStr>) -> nix::Result<()> {
    mount(c"none", target, c"tmpfs", 0, data)
}

#[test]
fn mount_shows_another_file_system_until_umount() {
    private(|| {
        std::fs::create_dir("/dev/shm/place").unwrap();
        if !nix::unistd::geteuid().is_root() {
            assert_eq!(mount_tmpfs(PLACE, None), Err(Errno::EPERM));
            assert_eq!(umount(PLACE), Err(Errno::EPERM));
            return std::fs::remove_dir("/dev/shm/place").unwrap();
        }
        let device = || std::fs::metadata("/dev/shm/place").unwrap().dev();
        let before = device();
        let all = heard(|| {
            mount_tmpfs(PLACE, Some(c"size=64k")).unwrap();
            assert_ne!(device(), before);
            umount(PLACE).unwrap();
        });
        assert_eq!(device(), before);
        let place = r#""/dev/shm/place""#;
        let mounted = format!(r#"mount("none", {place}, "tmpfs", 0, "size=64k") = 0"#);
        assert_eq!(all, [mounted, format!("umount({place}) = 0")]);
        std::fs::remove_dir("/dev/shm/place").unwrap();
    });
}

#[test]
fn errnos_of_mount_and_umount() {
    private_as(User::Me, Mqueue::Mounted, || {
        if !nix::unistd::geteuid().is_root() {
            return skip("only root may mount here");
        }
        std::fs::create_dir("/dev/shm/place").unwrap();
        let file = object(0o600);
        assert_eq!(mount_tmpfs(PLACE, Some(c"sizes=1")), Err(Errno::EINVAL));
        assert_eq!(mount(c"none", PLACE, c"nofs", 0, None), Err(Errno::ENODEV));
        assert_eq!(mount_tmpfs(C_PATH, None), Err(Errno::ENOTDIR));
        assert_eq!(umount(PLACE), Err(Errno::EINVAL));
        for call in [|path: &CStr| mount_tmpfs(path, None), umount] {
            assert_eq!(call(c"/dev/shm/missing"), Err(Errno::ENOENT));
            assert_eq!(call(&long_path()), Err(Errno::ENAMETOOLONG));
        }
        mount_tmpfs(PLACE, None).unwrap();
        let inside = std::fs::File::create("/dev/shm/place/file").unwrap();
        assert_eq!(umount(PLACE), Err(Errno::EBUSY));
        drop(inside);
        umount(PLACE).unwrap();
        gone(file);
        std::fs::remove_dir("/dev/shm/place").unwrap();
    });
}

#[test]
fn mount_and_umount_need_permission_to_search_the_path() {
    private_as(User::Me, Mqueue::Mounted, || {
        if !nix::unistd::geteuid().is_root() {
            return skip("only root may mount here");
        }
        std::fs::create_dir_all("/dev/shm/closed/place").unwrap();
        std::fs::set_permissions("/dev/shm/closed", std::fs::Permissions::from_mode(0o000)).unwrap();
        let without_override = || {
            capset(CAP_SYS_ADMIN)?;
            assert_eq!(mount_tmpfs(c"/dev/shm/closed/place", None), Err(Errno::EACCES));
            assert_eq!(umount(c"/dev/shm/closed/place"), Err(Errno::EACCES));
            Ok(())
        };
        in_child(without_override).unwrap();
        std::fs::set_permissions("/dev/shm/closed", std::fs::Permissions::from_mode(0o700)).unwrap();
        std::fs::remove_dir_all("/dev/shm/closed").unwrap();
    });
}

#[test]
fn a_listener_gets_execv_before_the_call() {
    let all = heard(|| {
        execv(c"/nowhere", &[c"nowhere", c"-x"]).unwrap_err();
    });
    let text = r#"execv("/nowhere", ["nowhere", "-x"])"#;
    let failed = format!("{text} = -1 ENOENT (No such file or directory)");
    assert_eq!(all, [format!("announced {text}"), failed]);
}

#[test]
fn capset_drops_capabilities_and_regains_permitted_ones() {
    private(|| {
        let fd = object(0);
        capset(0).unwrap();
        assert_eq!(shm_open(c"/m", O_RDWR, 0).unwrap_err(), Errno::EACCES);
        if permitted().unwrap() & CAP_DAC_OVERRIDE == 0 {
            assert_eq!(capset(CAP_DAC_OVERRIDE), Err(Errno::EPERM));
        } else {
            capset(CAP_FOWNER).unwrap();
            assert_eq!(shm_open(c"/m", O_RDWR, 0).unwrap_err(), Errno::EACCES);
            capset(CAP_DAC_OVERRIDE).unwrap();
            shm_open(c"/m", O_RDWR, 0).unwrap();
        }
        gone(fd);
    });
}

#[test]
fn only_root_can_set_arbitrary_ids() {
    private(|| {
        let (uid, gid) = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
        setresuid(Some(uid), None, Some(uid)).unwrap();
        setresgid(Some(gid), None, None).unwrap();
        if !two_users() {
            assert_eq!(setgroups(&[gid]), Err(Errno::EPERM));
            return;
        }
        setgroups(&[NOBODY, gid]).unwrap();
        assert_eq!(nix::unistd::getgroups().expect("groups").len(), 2);
        assert_eq!(setgroups(&[u32::MAX]), Err(Errno::EINVAL));
        assert_eq!(as_nobody(|| setresuid(None, Some(0), None)), Err(Errno::EPERM));
        assert_eq!(as_nobody(|| setresgid(None, Some(0), None)), Err(Errno::EPERM));
        assert_eq!(as_nobody(|| setgroups(&[])), Err(Errno::EPERM));
        setresgid(None, Some(NOBODY), None).unwrap();
        setresuid(None, Some(NOBODY), None).unwrap();
        assert_eq!((nix::unistd::getuid().as_raw(), nix::unistd::geteuid().as_raw()), (uid, NOBODY));
        assert_eq!(nix::unistd::getegid().as_raw(), NOBODY);
        setresuid(None, Some(uid), None).unwrap();
    });
}

#[test]
fn root_can_give_up_its_ids_and_others_cannot_become_root() {
    private(|| {
        if !two_users() {
            return;
        }
        in_child(|| {
            setgroups(&[])?;
            setresgid(Some(NOBODY), Some(NOBODY), Some(NOBODY))?;
            setresuid(Some(NOBODY), Some(NOBODY), Some(NOBODY))?;
            assert_eq!(nix::unistd::getresuid()?.saved.as_raw(), NOBODY);
            assert_eq!(
                (setgroups(&[]), setresgid(None, Some(0), None), setresuid(None, Some(0), None)),
                (Err(Errno::EPERM), Err(Errno::EPERM), Err(Errno::EPERM))
            );
            Ok(())
        })
        .unwrap();
    });
}

/// Sets the id of the file system to another user's and back. In between, a new file has that id.
fn sets_the_id_of_new_files(set: fn(u32) -> u32, me: u32, id_of: fn(&std::fs::Metadata) -> u32) {
    if !two_users() {
        assert_eq!((set(me), set(me)), (me, me));
        return;
    }
    assert_eq!((set(NOBODY), set(NOBODY)), (me, NOBODY));
    let fd = object(0o600);
    assert_eq!(id_of(&std::fs::metadata(PATH).expect("the object")), NOBODY);
    assert_eq!(set(me), NOBODY);
    gone(fd);
}

#[test]
fn setfsgid_sets_the_group_of_new_files_and_returns_the_old_one() {
    private(|| sets_the_id_of_new_files(setfsgid, nix::unistd::getegid().as_raw(), MetadataExt::gid));
}

#[test]
fn setfsuid_sets_the_owner_of_new_files_and_returns_the_old_one() {
    private(|| sets_the_id_of_new_files(setfsuid, nix::unistd::geteuid().as_raw(), MetadataExt::uid));
}

#[test]
fn unshare_gives_root_an_empty_namespace_and_others_eperm() {
    private(|| {
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        if nix::unistd::geteuid().is_root() {
            assert_eq!(
                in_child(|| unshare(libc::CLONE_NEWIPC).and_then(|()| mq_open(c"/q", O_RDWR, 0, None))),
                Err(Errno::ENOENT)
            );
        } else {
            assert_eq!(unshare(libc::CLONE_NEWIPC), Err(Errno::EPERM));
        }
        mq_unlink(c"/q").unwrap();
        drop(mq);
    });
}
