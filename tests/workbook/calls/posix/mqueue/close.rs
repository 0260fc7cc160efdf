//! `mq_close` and `mq_unlink`: close and unlink queues.

use super::*;

// mq_close, and closing by drop

#[test]
fn mq_close_frees_the_descriptor_and_keeps_the_messages() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"stays", 0).unwrap();
        let fd = mq.as_raw_fd();
        assert!(is_open(fd));
        mq_close(mq).unwrap();
        assert!(!is_open(fd));
        assert_eq!(bytes_queued(&mq_open(Q, O_RDONLY, 0, None).unwrap()), "5");
        unlink();
    });
}

#[test]
fn mq_close_removes_a_registration_made_through_another_descriptor() {
    private(|| {
        let mq = queue(0);
        let other = mq_open(Q, O_RDWR, 0, None).unwrap();
        mq_notify(&mq, Some(&SigEvent::None)).unwrap();
        assert_eq!(notified_pid(&mq), my_pid());
        mq_close(other).unwrap();
        assert_eq!(notified_pid(&mq), "0");
        unlink();
    });
}

#[test]
fn a_dropped_queue_handle_closes_and_does_not_unlink() {
    private(|| {
        let mq = queue(0);
        let fd = mq.as_raw_fd();
        drop(mq);
        assert!(!is_open(fd) && Path::new(FILE).exists());
        unlink();
    });
}

#[test]
fn a_queue_handle_from_dup_refers_to_the_same_open_queue() {
    private(|| {
        let mq = queue(0);
        let copy = dup(&mq).unwrap();
        let fd = copy.as_raw_fd();
        let same = Mqd::from_fd(copy);
        assert_eq!(same.as_raw_fd(), fd);
        mq_send(&same, b"through", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "7");
        drop(same);
        assert!(!is_open(fd) && is_open(mq.as_raw_fd()));
        unlink();
    });
}

// mq_unlink

#[test]
fn mq_unlink_removes_the_name_at_once_and_leaves_the_open_queue() {
    private(|| {
        let mq = queue(0);
        mq_unlink(Q).unwrap();
        assert!(!Path::new(FILE).exists());
        assert_eq!(nix::sys::stat::fstat(&mq).unwrap().st_nlink, 0);
        mq_send(&mq, b"orphan", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "6");
    });
}

#[test]
fn unlinking_another_users_queue_is_eacces_though_the_kernel_returns_eperm() {
    if !two_users() {
        return;
    }
    private(|| {
        let _mq = queue(0);
        std::fs::set_permissions(FILE, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        assert_eq!(as_nobody(|| mq_open(Q, O_RDWR, 0, None)), Ok(()));
        assert_eq!(as_nobody(|| mq_unlink(Q)), Err(Errno::EACCES));
        // SAFETY: the name ends with a NUL.
        let raw = || Errno::result(unsafe { libc::syscall(libc::SYS_mq_unlink, c"q".as_ptr()) });
        assert_eq!(as_nobody(raw), Err(Errno::EPERM));
        assert!(Path::new(FILE).exists());
        unlink();
    });
}
