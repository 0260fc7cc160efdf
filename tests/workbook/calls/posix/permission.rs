//! `<sys/stat.h>`, `<sys/xattr.h>`, `<sched.h>`, process credentials, and the calls of `<unistd.h>` that
//! check permissions.

use super::*;
use ipc_workbook::capability::{CAP_DAC_OVERRIDE, CAP_FOWNER, capset, permitted};
use ipc_workbook::credentials::{setfsgid, setfsuid, setgroups};
use ipc_workbook::mqueue::{sys_mq_open, sys_mq_unlink};
use ipc_workbook::sched::{setns, unshare};
use ipc_workbook::stat::{an_octal, fchmod, fstat, stat, umask};
use ipc_workbook::unistd::{execv, execve, fchown, setresgid, setresuid, unlink};
use ipc_workbook::xattr::{Acl, fsetxattr, setxattr};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;

const PATH: &str = "/dev/shm/m";
const C_PATH: &std::ffi::CStr = c"/dev/shm/m";

fn object(mode: libc::mode_t) -> OwnedFd {
    shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, mode).expect("shm_open")
}

fn gone(fd: OwnedFd) {
    drop(fd);
    shm_unlink(c"/m").expect("shm_unlink");
}

fn mode() -> u32 {
    std::fs::metadata(PATH).expect("the object").mode() & 0o7777
}

fn long_path() -> CString {
    CString::new(format!("/dev/shm{}", "/n".repeat(4096))).expect("no NUL")
}

/// Mounts /dev/shm read-only, runs `calls` with the object open for reading, and makes /dev/shm writable
/// again. The object must not be open for writing.
fn read_only(calls: impl FnOnce(&OwnedFd)) {
    use nix::mount::{MsFlags, mount};
    let none: Option<&str> = None;
    let remount = |more| mount(none, "/dev/shm", none, MsFlags::MS_REMOUNT | MsFlags::MS_BIND | more, none);
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    if let Err(errno) = remount(safe | MsFlags::MS_RDONLY) {
        return skip(&format!("a read-only file system: mount fails with {errno:?}"));
    }
    let fd = shm_open(c"/m", libc::O_RDONLY, 0).expect("shm_open");
    calls(&fd);
    drop(fd);
    remount(safe).expect("mount");
}

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
fn sys_mq_unlink_takes_the_name_without_its_slash() {
    private(|| {
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0, Some(&MqAttr::new(1, 8))).unwrap();
        assert_eq!(sys_mq_unlink(c"/q"), Err(Errno::EACCES));
        sys_mq_unlink(c"q").unwrap();
        assert_eq!(sys_mq_unlink(c"q"), Err(Errno::ENOENT));
        assert_eq!(sys_mq_unlink(c""), Err(Errno::ENOENT));
        let long = CString::new("n".repeat(256)).expect("no NUL");
        assert_eq!(sys_mq_unlink(&long), Err(Errno::ENAMETOOLONG));
        drop(mq);
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
fn a_listener_gets_execv_before_the_call() {
    let all = heard(|| {
        execv(c"/nowhere", &[c"nowhere", c"-x"]).unwrap_err();
    });
    let text = r#"execv("/nowhere", ["nowhere", "-x"])"#;
    let failed = format!("{text} = -1 ENOENT (No such file or directory)");
    assert_eq!(all, [format!("announced {text}"), failed]);
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

#[test]
fn sys_mq_open_takes_the_name_without_its_slash() {
    private(|| {
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        drop(sys_mq_open(c"q", libc::O_RDONLY).unwrap());
        assert_eq!(sys_mq_open(c"/q", libc::O_RDONLY).err(), Some(Errno::EACCES));
        assert_eq!(sys_mq_open(c"q", libc::O_WRONLY | O_RDWR).err(), Some(Errno::EINVAL));
        assert_eq!(sys_mq_open(c"", libc::O_RDONLY).err(), Some(Errno::ENOENT));
        assert_eq!(sys_mq_open(c"other", libc::O_RDONLY).err(), Some(Errno::ENOENT));
        let long = CString::new("n".repeat(256)).expect("no NUL");
        assert_eq!(sys_mq_open(&long, libc::O_RDONLY).err(), Some(Errno::ENAMETOOLONG));
        drop(mq);
        sys_mq_unlink(c"q").unwrap();
    });
}

#[test]
fn setfsgid_sets_the_group_of_new_files_and_returns_the_old_one() {
    private(|| {
        let me = nix::unistd::getegid().as_raw();
        if !two_users() {
            assert_eq!((setfsgid(me), setfsgid(me)), (me, me));
            return;
        }
        assert_eq!((setfsgid(NOBODY), setfsgid(NOBODY)), (me, NOBODY));
        let fd = object(0o600);
        assert_eq!(std::fs::metadata(PATH).expect("the object").gid(), NOBODY);
        assert_eq!(setfsgid(me), NOBODY);
        gone(fd);
    });
}

#[test]
fn setfsuid_sets_the_owner_of_new_files_and_returns_the_old_one() {
    private(|| {
        let me = nix::unistd::geteuid().as_raw();
        if !two_users() {
            assert_eq!((setfsuid(me), setfsuid(me)), (me, me));
            return;
        }
        assert_eq!((setfsuid(NOBODY), setfsuid(NOBODY)), (me, NOBODY));
        let fd = object(0o600);
        assert_eq!(std::fs::metadata(PATH).expect("the object").uid(), NOBODY);
        assert_eq!(setfsuid(me), NOBODY);
        gone(fd);
    });
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
