//! The system calls behind `mq_open` and `mq_unlink`, which take the name without its slash.

use super::*;

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
