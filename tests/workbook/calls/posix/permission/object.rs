//! The mode, the owner and the ACL of an object, and who may change or remove it.

use super::*;

#[test]
fn umask_clears_bits_of_new_modes_and_returns_the_old_mask() {
    private(|| {
        umask(0o022);
        assert_eq!(umask(0o027), 0o022);
        let fd = object(0o666);
        assert_eq!(mode(), 0o640);
        assert_eq!(umask(0o7022), 0o027);
        assert_eq!(umask(0), 0o022, "umask ignores other bits");
        gone(fd);
    });
}

#[test]
fn an_octal_number_of_nine_bits_is_a_mode() {
    assert_eq!(an_octal("640").as_deref(), Ok("0640"));
    assert_eq!(an_octal("0777").as_deref(), Ok("0777"));
    for wrong in ["", "8", "01000", "-1", "+7", "0x1", "rw", "0o640", " 7", "99999999999"] {
        assert!(an_octal(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn fchmod_sets_the_mode_whatever_the_umask() {
    private(|| {
        umask(0o777);
        let fd = object(0o666);
        assert_eq!(mode(), 0);
        fchmod(&fd, 0o666).unwrap();
        assert_eq!(mode(), 0o666);
        drop(fd);
        read_only(|fd| assert_eq!(fchmod(fd, 0o600), Err(Errno::EROFS)));
        unlink(C_PATH).unwrap();
    });
}

#[test]
fn another_users_object_cannot_be_changed_given_away_or_removed() {
    private(|| {
        if !two_users() {
            return;
        }
        let fd = object(0o600);
        let acl = Acl { user_obj: 6, user: (NOBODY, 6), group_obj: 0, mask: 6, other: 0 };
        assert_eq!(as_nobody(|| fchmod(&fd, 0o666)), Err(Errno::EPERM));
        assert_eq!(as_nobody(|| fchown(&fd, NOBODY, None)), Err(Errno::EPERM));
        assert_eq!(as_nobody(|| fsetxattr(&fd, &acl)), Err(Errno::EPERM));
        assert_eq!(as_nobody(|| setxattr(C_PATH, &acl)), Err(Errno::EPERM));
        assert_eq!(as_nobody(|| unlink(C_PATH)), Err(Errno::EPERM));
        gone(fd);
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o666, Some(&MqAttr::new(1, 8))).unwrap();
        assert_eq!(as_nobody(|| sys_mq_unlink(c"q")), Err(Errno::EPERM));
        assert_eq!(as_nobody(|| mq_unlink(c"/q")), Err(Errno::EACCES));
        drop(mq);
        sys_mq_unlink(c"q").unwrap();
    });
}

#[test]
fn stat_and_fstat_show_mode_and_owner() {
    private(|| {
        umask(0);
        let fd = object(0o2751);
        let meta = std::fs::metadata(PATH).expect("the object");
        for seen in [fstat(&fd).unwrap(), stat(C_PATH).unwrap()] {
            assert_eq!((seen.st_mode, seen.st_uid, seen.st_gid), (meta.mode(), meta.uid(), meta.gid()));
            assert_eq!(seen.mode(), "2751");
        }
        gone(fd);
        assert_eq!(stat(C_PATH), Err(Errno::ENOENT));
        assert_eq!(stat(c"/dev/null/m"), Err(Errno::ENOTDIR));
        assert_eq!(stat(&long_path()), Err(Errno::ENAMETOOLONG));
    });
}

#[test]
fn a_directory_without_search_permission_is_eacces() {
    private_as_ordinary_user(|| {
        std::fs::create_dir("/dev/shm/shut").expect("a directory");
        let mode = |mode| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions("/dev/shm/shut", mode).expect("a mode");
        };
        mode(0);
        assert_eq!(stat(c"/dev/shm/shut/m"), Err(Errno::EACCES));
        assert_eq!(unlink(c"/dev/shm/shut/m"), Err(Errno::EACCES));
        mode(0o700);
        std::fs::remove_dir("/dev/shm/shut").expect("an empty directory");
    });
}

#[test]
fn fchown_changes_the_owner_and_refuses_unmapped_ids() {
    private(|| {
        let fd = object(0o600);
        let me = nix::unistd::geteuid().as_raw();
        fchown(&fd, me, Some(nix::unistd::getegid().as_raw())).unwrap();
        if two_users() {
            fchown(&fd, NOBODY, None).unwrap();
            let meta = std::fs::metadata(PATH).expect("the object");
            assert_eq!((meta.uid(), meta.gid()), (NOBODY, nix::unistd::getegid().as_raw()));
        } else {
            // This namespace maps only this user.
            assert_eq!(fchown(&fd, me.wrapping_sub(1), None), Err(Errno::EINVAL));
        }
        drop(fd);
        read_only(|fd| assert_eq!(fchown(fd, me, None), Err(Errno::EROFS)));
        unlink(C_PATH).unwrap();
    });
}

#[test]
fn unlink_removes_a_name_and_its_errnos() {
    private(|| {
        let fd = object(0o600);
        unlink(C_PATH).unwrap();
        assert!(!std::path::Path::new(PATH).exists());
        drop(fd);
        assert_eq!(unlink(C_PATH), Err(Errno::ENOENT));
        std::fs::create_dir("/dev/shm/directory").unwrap();
        assert_eq!(unlink(c"/dev/shm/directory"), Err(Errno::EISDIR));
        std::fs::remove_dir("/dev/shm/directory").unwrap();
        assert_eq!(unlink(&long_path()), Err(Errno::ENAMETOOLONG));
        drop(object(0o600));
        read_only(|_| assert_eq!(unlink(C_PATH), Err(Errno::EROFS)));
        unlink(C_PATH).unwrap();
    });
}

#[test]
fn an_acl_changes_the_mode_and_queues_have_no_acl() {
    private(|| {
        let fd = object(0o600);
        let me = nix::unistd::geteuid().as_raw();
        let acl = Acl { user_obj: 6, user: (me, 6), group_obj: 0, mask: 4, other: 1 };
        fsetxattr(&fd, &acl).unwrap();
        assert_eq!(mode(), 0o641);
        setxattr(C_PATH, &Acl { mask: 7, ..acl }).unwrap();
        assert_eq!(mode(), 0o671);
        // No user namespace can map this uid.
        let unknown = Acl { user: (u32::MAX, 6), ..acl };
        assert_eq!(fsetxattr(&fd, &unknown), Err(Errno::EINVAL));
        assert_eq!(setxattr(C_PATH, &unknown), Err(Errno::EINVAL));
        drop(fd);
        read_only(|fd| {
            assert_eq!(fsetxattr(fd, &acl), Err(Errno::EROFS));
            assert_eq!(setxattr(C_PATH, &acl), Err(Errno::EROFS));
        });
        unlink(C_PATH).unwrap();
        assert_eq!(setxattr(C_PATH, &acl), Err(Errno::ENOENT));
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        assert_eq!(fsetxattr(&mq, &acl), Err(Errno::EOPNOTSUPP));
        assert_eq!(setxattr(c"/dev/mqueue/q", &acl), Err(Errno::EOPNOTSUPP));
        mq_unlink(c"/q").unwrap();
    });
}

#[test]
fn a_listener_gets_modes_owners_and_acls() {
    private(|| {
        umask(0o022);
        let (uid, gid) = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
        let fd = object(0o600);
        let acl = Acl { user_obj: 6, user: (uid, 4), group_obj: 0, mask: 7, other: 0 };
        let all = heard(|| {
            umask(0o027);
            fchmod(&fd, 0o640).unwrap();
            fstat(&fd).unwrap();
            stat(c"/dev/shm/none").unwrap_err();
            fsetxattr(&fd, &acl).unwrap();
            capset(0).unwrap();
            setfsuid(uid);
            unlink(c"/dev/shm/none").unwrap_err();
        });
        let n = fd.as_raw_fd();
        let want = [
            "umask(0027) = 0022".to_string(),
            format!("fchmod({n}, 0640) = 0"),
            format!("fstat({n}, {{st_mode=S_IFREG|0640, st_uid={uid}, st_gid={gid}, ...}}) = 0"),
            r#"stat("/dev/shm/none", statbuf) = -1 ENOENT (No such file or directory)"#.into(),
            format!(
                r#"fsetxattr({n}, "system.posix_acl_access", u::rw-,u:{uid}:r--,g::---,m::rwx,o::---) = 0"#
            ),
            "capset({effective=0}) = 0".into(),
            format!("setfsuid({uid}) = {uid}"),
            r#"unlink("/dev/shm/none") = -1 ENOENT (No such file or directory)"#.into(),
        ];
        assert_eq!(all, want);
        unreported(|| gone(fd));
    });
}
