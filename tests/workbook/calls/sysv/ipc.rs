//! `<sys/ipc.h>`: `ftok`. The tests of each mechanism include its `IPC_…` commands.

use super::*;
use ipc_workbook::call::Errno::*;
use ipc_workbook::sysv::ipc::*;
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

/// A file in /dev/shm, because each namespace has its own.
const FILE: &str = "/dev/shm/file";

fn key(path: &str, proj_id: c_int) -> Result<key_t> {
    ftok(&CString::new(path).expect("no NUL"), proj_id)
}

#[test]
fn ftok_makes_the_key_of_project_device_and_inode() {
    private(|| {
        fs::write(FILE, "").unwrap();
        let file = fs::metadata(FILE).unwrap();
        for proj_id in [0, 1, 0x41, 0xff] {
            let want = i64::from(proj_id) << 24
                | i64::try_from((file.dev() & 0xff) << 16 | file.ino() & 0xffff).unwrap();
            let got = key(FILE, proj_id).unwrap();
            assert_eq!(i64::from(got.cast_unsigned()), want, "{proj_id}");
        }
        fs::remove_file(FILE).unwrap();
    });
}

#[test]
fn ftok_uses_only_8_bits_of_the_project() {
    private(|| {
        fs::write(FILE, "").unwrap();
        let a = key(FILE, 0x41).unwrap();
        assert_eq!((key(FILE, 0x141), key(FILE, 0x41 - 256)), (Ok(a), Ok(a)));
        assert_ne!(key(FILE, 0x42), Ok(a));
        fs::remove_file(FILE).unwrap();
    });
}

#[test]
fn ftok_follows_the_file_not_its_name() {
    private(|| {
        fs::write(FILE, "").unwrap();
        let before = key(FILE, 1);
        fs::hard_link(FILE, "/dev/shm/hard").unwrap();
        symlink(FILE, "/dev/shm/soft").unwrap();
        assert_eq!((key("/dev/shm/hard", 1), key("/dev/shm/soft", 1)), (before, before));
        fs::write("/dev/shm/new", "").unwrap();
        fs::rename("/dev/shm/new", FILE).unwrap();
        assert_ne!(key(FILE, 1), before);
        for path in [FILE, "/dev/shm/hard", "/dev/shm/soft"] {
            fs::remove_file(path).unwrap();
        }
    });
}

#[test]
fn ftok_needs_search_permission_but_no_read_permission() {
    private_as_ordinary_user(|| {
        let mode = |path: &str, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        fs::create_dir("/dev/shm/folder").unwrap();
        fs::write("/dev/shm/folder/file", "").unwrap();
        mode("/dev/shm/folder/file", 0);
        assert!(key("/dev/shm/folder/file", 1).is_ok());
        mode("/dev/shm/folder", 0o600);
        assert_eq!(key("/dev/shm/folder/file", 1), Err(EACCES));
        mode("/dev/shm/folder", 0o700);
        fs::remove_dir_all("/dev/shm/folder").unwrap();
    });
}

#[test]
fn ftok_of_too_many_symbolic_links_is_eloop() {
    private(|| {
        symlink("/dev/shm/loop", "/dev/shm/loop").unwrap();
        assert_eq!(key("/dev/shm/loop", 1), Err(ELOOP));
        fs::remove_file("/dev/shm/loop").unwrap();
    });
}

#[test]
fn ftok_of_too_long_a_path_is_enametoolong() {
    assert!(key(&"/".repeat(4095), 1).is_ok());
    assert_eq!(key(&"/".repeat(4096), 1), Err(ENAMETOOLONG));
    assert_eq!(key(&format!("/{}", "n".repeat(255)), 1), Err(ENOENT));
    assert_eq!(key(&format!("/{}", "n".repeat(256)), 1), Err(ENAMETOOLONG));
}

#[test]
fn ftok_of_no_file_or_an_empty_path_is_enoent() {
    assert_eq!(key("/proc/self/none", 1), Err(ENOENT));
    assert_eq!(key("", 1), Err(ENOENT));
}

#[test]
fn ftok_below_a_file_is_enotdir() {
    assert_eq!(key("/proc/self/status/none", 1), Err(ENOTDIR));
}

#[test]
fn a_listener_gets_ftok() {
    let mut got = 0;
    let all = heard(|| {
        got = key("/", c_int::from(b'A')).unwrap();
        key("/none\n", 7).unwrap_err();
    });
    let found = format!(r#"ftok("/", 'A') = {got:#x}"#);
    assert_eq!(all, [found.as_str(), r#"ftok("/none\n", 7) = -1 ENOENT (No such file or directory)"#]);
}

#[test]
fn one_key_names_a_queue_a_set_and_a_segment() {
    use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
    private(|| {
        let queue = msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600).unwrap();
        let set = semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0o600).unwrap();
        let segment = shmget(KEY, 1, IPC_CREAT | IPC_EXCL | 0o600).unwrap();
        for (kind, id) in [("msg", queue), ("sem", set), ("shm", segment)] {
            assert_eq!(shown(kind, id, "key"), i64::from(KEY));
        }
        msgctl(queue, IPC_RMID).unwrap();
        semctl(set, 0, IPC_RMID).unwrap();
        shmctl(segment, IPC_RMID).unwrap();
    });
}

#[test]
fn an_identifier_is_its_sequence_number_and_its_slot() {
    use ipc_workbook::sysv::msg::*;
    private(|| {
        for _ in 0..100 {
            let queue = msgget(IPC_PRIVATE, 0o600).unwrap();
            let seq = msgctl(queue, IPC_STAT).unwrap().msg_perm.seq;
            assert_eq!(queue.cast_unsigned() / 32768, seq);
            msgctl(queue, IPC_RMID).unwrap();
        }
    });
}
