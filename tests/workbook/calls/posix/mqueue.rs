//! `<mqueue.h>`.

use super::*;
use ipc_workbook::mqueue::*;
use libc::{O_NONBLOCK, O_RDONLY, O_WRONLY, SYS_mq_timedreceive, SYS_mq_timedsend};
use nix::sys::signal::{SigEvent, SigevNotify};
use std::ffi::CStr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const Q: &CStr = c"/q";
const FILE: &str = "/dev/mqueue/q";

/// A new queue of two messages of eight bytes.
fn queue(flags: c_int) -> Mqd {
    mq_open(Q, O_CREAT | O_EXCL | O_RDWR | flags, 0o600, Some(&MqAttr::new(2, 8))).expect("mq_open")
}

fn unlink() {
    mq_unlink(Q).expect("mq_unlink");
}

/// A handle that leads to no queue.
fn no_queue() -> Mqd {
    Mqd::from_fd(std::fs::File::open("/dev/null").expect("/dev/null").into())
}

/// The kernel's own line about the queue: `QSIZE:5 NOTIFY:0 SIGNO:0 NOTIFY_PID:0`.
/// Read through the descriptor, since closing another would remove a registration.
fn status(mq: &Mqd) -> String {
    let mut line = [0; 128];
    let length = nix::sys::uio::pread(mq, &mut line, 0).expect("the status line");
    let line = String::from_utf8_lossy(&line[..length]).into_owned();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn bytes_queued(mq: &Mqd) -> String {
    status(mq).split_once(' ').expect("fields").0.replace("QSIZE:", "")
}

fn notified_pid(mq: &Mqd) -> String {
    status(mq).rsplit_once("NOTIFY_PID:").expect("fields").1.into()
}

fn my_pid() -> String {
    std::process::id().to_string()
}

fn limit(name: &str) -> c_long {
    let text = std::fs::read_to_string(format!("/proc/sys/fs/mqueue/{name}")).expect("a limit");
    text.trim().parse().expect("a number")
}

fn signal_event(signal: Signal) -> SigEvent {
    SigEvent::new(SigevNotify::SigevSignal { signal, si_value: 0 })
}

fn silent_event() -> SigEvent {
    SigEvent::new(SigevNotify::SigevNone)
}

// mq_open

#[test]
fn mq_open_creates_a_queue_with_name_owner_and_masked_mode() {
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_retain(0o027));
        let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o666, Some(&MqAttr::new(4, 100))).unwrap();
        let file = std::fs::metadata(FILE).unwrap();
        assert_eq!(file.mode() & 0o7777, 0o640);
        assert_eq!(file.uid(), nix::unistd::geteuid().as_raw());
        assert_eq!(file.gid(), nix::unistd::getegid().as_raw());
        assert_eq!(file.ino(), nix::sys::stat::fstat(&mq).unwrap().st_ino);
        assert!(closes_on_exec(&mq));
        assert_eq!(mq_getattr(&mq), Ok(MqAttr::new(4, 100)));
        unlink();
    });
}

#[test]
fn a_queue_without_attributes_has_the_systems_defaults() {
    private(|| {
        let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, None).unwrap();
        let defaults = MqAttr::new(limit("msg_default"), limit("msgsize_default"));
        assert!(defaults.mq_maxmsg > 0 && defaults.mq_msgsize > 0);
        assert_eq!(mq_getattr(&mq), Ok(defaults));
        unlink();
    });
}

#[test]
fn o_creat_opens_an_existing_queue_and_ignores_mode_and_attributes() {
    private(|| {
        let first = queue(0);
        let second = mq_open(Q, O_CREAT | O_RDWR, 0o777, Some(&MqAttr::new(5, 50))).unwrap();
        assert_eq!(std::fs::metadata(FILE).unwrap().mode() & 0o7777, 0o600);
        mq_send(&first, b"same", 0).unwrap();
        assert_eq!(bytes_queued(&second), "4");
        assert_eq!(mq_getattr(&second).unwrap().mq_maxmsg, 2);
        unlink();
    });
}

#[test]
fn queues_work_where_dev_mqueue_is_not_mounted() {
    private_as(User::Me, Mqueue::Absent, || {
        let mq = queue(0);
        assert!(queue_exists("/q") && !Path::new(FILE).exists());
        mq_send(&mq, b"unseen", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "6");
        unlink();
        assert!(!queue_exists("/q"));
    });
}

#[test]
fn a_queue_whose_mode_refuses_is_eacces() {
    let Some(user) = ordinary() else { return };
    private_as(user, Mqueue::Mounted, || {
        drop(mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o400, None).unwrap());
        mq_open(Q, O_RDONLY, 0, None).unwrap();
        assert_eq!(mq_open(Q, O_WRONLY, 0, None).unwrap_err(), Errno::EACCES);
        assert_eq!(mq_open(Q, O_RDWR, 0, None).unwrap_err(), Errno::EACCES);
        unlink();
    });
}

#[test]
fn a_second_slash_in_a_queue_name_is_eacces() {
    private(|| {
        for name in [c"/a/b", c"//a", c"/a/", c"//"] {
            assert_eq!(mq_open(name, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::EACCES, "{name:?}");
            assert_eq!(mq_unlink(name).unwrap_err(), Errno::EACCES, "{name:?}");
        }
    });
}

#[test]
fn a_queue_named_dot_or_dot_dot_is_eacces() {
    private(|| {
        for name in [c"/.", c"/.."] {
            assert_eq!(mq_open(name, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::EACCES, "{name:?}");
            assert_eq!(mq_unlink(name).unwrap_err(), Errno::EACCES, "{name:?}");
        }
    });
}

#[test]
fn creating_an_existing_queue_exclusively_is_eexist() {
    private(|| {
        let _mq = queue(0);
        assert_eq!(mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, None).unwrap_err(), Errno::EEXIST);
        unlink();
    });
}

#[test]
fn a_queue_name_without_a_leading_slash_is_einval() {
    private(|| {
        for name in [c"q", c"", c"q/"] {
            assert_eq!(mq_open(name, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::EINVAL, "{name:?}");
            assert_eq!(mq_unlink(name).unwrap_err(), Errno::EINVAL, "{name:?}");
        }
    });
}

#[test]
fn queue_attributes_out_of_range_are_einval() {
    private(|| {
        // The last two exceed even what CAP_SYS_RESOURCE allows.
        for (maxmsg, msgsize) in [(0, 8), (-1, 8), (2, 0), (2, -1), (65537, 8), (2, 16_777_217)] {
            let attr = MqAttr::new(maxmsg, msgsize);
            let result = mq_open(Q, O_CREAT | O_RDWR, 0o600, Some(&attr));
            assert_eq!(result.unwrap_err(), Errno::EINVAL, "{attr:?}");
        }
        assert!(!queue_exists("/q"));
    });
}

#[test]
fn the_greatest_queue_attributes_are_the_two_limits() {
    let Some(user) = ordinary() else { return };
    private_as(user, Mqueue::Mounted, || {
        let (maxmsg, msgsize) = (limit("msg_max"), limit("msgsize_max"));
        let create =
            |maxmsg, msgsize| mq_open(Q, O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(maxmsg, msgsize)));
        assert_eq!(create(maxmsg + 1, 1).unwrap_err(), Errno::EINVAL);
        assert_eq!(create(1, msgsize + 1).unwrap_err(), Errno::EINVAL);
        create(maxmsg, 1).unwrap();
        unlink();
        create(1, msgsize).unwrap();
        unlink();
    });
}

#[test]
fn opening_a_queue_write_only_and_read_write_at_once_is_einval() {
    private(|| {
        let _mq = queue(0);
        for flags in [O_WRONLY | O_RDWR, O_WRONLY | O_RDWR | O_CREAT] {
            assert_eq!(mq_open(Q, flags, 0o600, None).unwrap_err(), Errno::EINVAL, "{flags:#o}");
        }
        unlink();
    });
}

#[test]
fn creating_a_queue_write_only_and_read_write_at_once_works_but_the_descriptor_does_neither() {
    private(|| {
        let mq = mq_open(Q, O_WRONLY | O_RDWR | O_CREAT, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        assert_eq!(mq_getattr(&mq), Ok(MqAttr::new(1, 8)));
        assert_eq!(mq_send(&mq, b"x", 0).unwrap_err(), Errno::EBADF);
        assert_eq!(mq_receive(&mq, &mut [0; 8]).unwrap_err(), Errno::EBADF);
        unlink();
    });
}

#[test]
fn a_queue_without_a_descriptor_to_have_is_emfile_and_is_not_created() {
    private(|| {
        let result = without_descriptors(|| mq_open(Q, O_CREAT | O_RDWR, 0o600, None));
        assert_eq!(result.unwrap_err(), Errno::EMFILE);
        assert!(!queue_exists("/q"));
    });
}

#[test]
fn queues_that_exceed_rlimit_msgqueue_are_emfile_though_descriptors_are_free() {
    private(|| {
        // 8 messages of 64 bytes are charged 8 * (64 + 96) = 1280 bytes.
        let attr = MqAttr::new(8, 64);
        under_limit(Resource::RLIMIT_MSGQUEUE, 2000, || {
            let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).unwrap();
            let second = mq_open(c"/second", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr));
            assert_eq!(second.unwrap_err(), Errno::EMFILE);
            dup(&mq).unwrap();
        });
        unlink();
    });
}

#[test]
fn a_queue_name_of_more_than_255_bytes_is_enametoolong() {
    private(|| {
        let (longest, longer) = (long_name(255), long_name(256));
        drop(mq_open(&longest, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 1))).unwrap());
        assert!(Path::new(&format!("/dev/mqueue{}", longest.to_str().unwrap())).exists());
        mq_unlink(&longest).unwrap();
        assert_eq!(mq_open(&longer, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::ENAMETOOLONG);
        assert_eq!(mq_unlink(&longer).unwrap_err(), Errno::ENAMETOOLONG);
    });
}

#[test]
fn a_missing_queue_is_enoent() {
    private(|| {
        assert_eq!(mq_open(Q, O_RDWR, 0, None).unwrap_err(), Errno::ENOENT);
        assert_eq!(mq_unlink(Q).unwrap_err(), Errno::ENOENT);
    });
}

#[test]
fn a_queue_named_slash_is_enoent_even_to_create() {
    private(|| {
        assert_eq!(mq_open(c"/", O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::ENOENT);
        assert_eq!(mq_unlink(c"/").unwrap_err(), Errno::ENOENT);
    });
}

#[test]
fn one_queue_more_than_queues_max_is_enospc() {
    let Some(user) = ordinary() else { return };
    private_as(user, Mqueue::Mounted, || {
        let attr = MqAttr::new(1, 1);
        let name = |n| CString::new(format!("/{n}")).unwrap();
        let create = |n| mq_open(&name(n), O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).map(drop);
        let max = limit("queues_max");
        for n in 0..max {
            create(n).unwrap();
        }
        assert_eq!(create(max).unwrap_err(), Errno::ENOSPC);
        mq_unlink(&name(0)).unwrap();
        create(max).unwrap();
        (1..=max).for_each(|n| mq_unlink(&name(n)).unwrap());
    });
}

// mq_close, and closing by drop

#[test]
fn mq_close_frees_the_descriptor_and_leaves_the_queue_its_messages() {
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
        mq_notify(&mq, Some(&silent_event())).unwrap();
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
fn a_queue_handle_made_of_a_dup_is_the_same_open_queue() {
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
fn mq_unlink_takes_the_name_at_once_and_leaves_the_open_queue() {
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
fn unlinking_another_users_queue_is_eacces_where_the_kernel_says_eperm() {
    if !two_users() {
        return;
    }
    private(|| {
        let _mq = queue(0);
        std::fs::set_permissions(FILE, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        assert_eq!(as_nobody(|| mq_open(Q, O_RDWR, 0, None)), Ok(()));
        assert_eq!(as_nobody(|| mq_unlink(Q)), Err(Errno::EACCES));
        // SAFETY: the name ends in a NUL.
        let raw = || Errno::result(unsafe { libc::syscall(libc::SYS_mq_unlink, c"q".as_ptr()) });
        assert_eq!(as_nobody(raw), Err(Errno::EPERM));
        assert!(Path::new(FILE).exists());
        unlink();
    });
}

// mq_send

#[test]
fn mq_send_queues_the_bytes() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"hello", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "5");
        mq_send(&mq, b"", 0).unwrap();
        assert_eq!((bytes_queued(&mq).as_str(), mq_getattr(&mq).unwrap().mq_curmsgs), ("5", 2));
        unlink();
    });
}

#[test]
fn mq_send_waits_while_the_queue_is_full() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"1", 0).unwrap();
        mq_send(&mq, b"2", 0).unwrap();
        let make_room = |_| assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        while_waiting(SYS_mq_timedsend, make_room, || mq_send(&mq, b"three", 0)).unwrap();
        assert_eq!(bytes_queued(&mq), "6");
        unlink();
    });
}

#[test]
fn sending_to_a_full_nonblocking_queue_is_eagain() {
    private(|| {
        let mq = queue(O_NONBLOCK);
        mq_send(&mq, b"1", 0).unwrap();
        mq_send(&mq, b"2", 0).unwrap();
        assert_eq!(mq_send(&mq, b"3", 0).unwrap_err(), Errno::EAGAIN);
        assert_eq!(bytes_queued(&mq), "2");
        unlink();
    });
}

#[test]
fn sending_through_a_read_only_descriptor_is_ebadf() {
    private(|| {
        let mq = queue(0);
        let reader = mq_open(Q, O_RDONLY, 0, None).unwrap();
        assert_eq!(mq_send(&reader, b"x", 0).unwrap_err(), Errno::EBADF);
        let writer = mq_open(Q, O_WRONLY, 0, None).unwrap();
        mq_send(&writer, b"x", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "1");
        unlink();
    });
}

#[test]
fn sending_to_what_is_no_queue_is_ebadf() {
    private(|| assert_eq!(mq_send(&no_queue(), b"x", 0).unwrap_err(), Errno::EBADF));
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_mq_send_eintr() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"1", 0).unwrap();
        mq_send(&mq, b"2", 0).unwrap();
        let result = interrupted(SYS_mq_timedsend, SaFlags::empty(), || (), || mq_send(&mq, b"3", 0));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        assert_eq!(bytes_queued(&mq), "2");
        unlink();
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_mq_send_waiting() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"1", 0).unwrap();
        mq_send(&mq, b"2", 0).unwrap();
        let make_room = || assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        interrupted(SYS_mq_timedsend, SaFlags::SA_RESTART, make_room, || mq_send(&mq, b"3", 0)).unwrap();
        assert_eq!(mq_getattr(&mq).unwrap().mq_curmsgs, 2);
        unlink();
    });
}

#[test]
fn a_priority_of_32768_is_einval_and_one_less_is_not() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 32767).unwrap();
        for priority in [32768, u32::MAX] {
            assert_eq!(mq_send(&mq, b"x", priority).unwrap_err(), Errno::EINVAL);
        }
        assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 32767)));
        unlink();
    });
}

#[test]
fn a_message_longer_than_mq_msgsize_is_emsgsize() {
    private(|| {
        let mq = queue(0);
        assert_eq!(mq_send(&mq, b"123456789", 0).unwrap_err(), Errno::EMSGSIZE);
        mq_send(&mq, b"12345678", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "8");
        unlink();
    });
}

// mq_receive

#[test]
fn mq_receive_takes_the_oldest_message_of_the_highest_priority() {
    private(|| {
        let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 8))).unwrap();
        for (message, priority) in [("low", 1), ("first", 7), ("second", 7), ("lowest", 0)] {
            mq_send(&mq, message.as_bytes(), priority).unwrap();
        }
        let mut buffer = [b'.'; 10];
        assert_eq!(mq_receive(&mq, &mut buffer), Ok((5, 7)));
        assert_eq!(&buffer, b"first.....");
        assert_eq!(bytes_queued(&mq), "15");
        for (message, priority) in [("second", 7), ("low", 1), ("lowest", 0)] {
            assert_eq!(mq_receive(&mq, &mut buffer), Ok((message.len(), priority)));
            assert_eq!(&buffer[..message.len()], message.as_bytes());
        }
        assert_eq!(bytes_queued(&mq), "0");
        unlink();
    });
}

#[test]
fn mq_receive_waits_while_the_queue_is_empty() {
    private(|| {
        let mq = queue(0);
        let mut buffer = [0; 8];
        let send = |_| mq_send(&mq, b"late", 3).unwrap();
        let result = while_waiting(SYS_mq_timedreceive, send, || mq_receive(&mq, &mut buffer));
        assert_eq!(result, Ok((4, 3)));
        assert_eq!(&buffer[..4], b"late");
        unlink();
    });
}

#[test]
fn receiving_from_an_empty_nonblocking_queue_is_eagain() {
    private(|| {
        let mq = queue(O_NONBLOCK);
        assert_eq!(mq_receive(&mq, &mut [0; 8]).unwrap_err(), Errno::EAGAIN);
        unlink();
    });
}

#[test]
fn receiving_through_a_write_only_descriptor_is_ebadf() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        let writer = mq_open(Q, O_WRONLY, 0, None).unwrap();
        assert_eq!(mq_receive(&writer, &mut [0; 8]).unwrap_err(), Errno::EBADF);
        let reader = mq_open(Q, O_RDONLY, 0, None).unwrap();
        assert_eq!(mq_receive(&reader, &mut [0; 8]), Ok((1, 0)));
        unlink();
    });
}

#[test]
fn receiving_from_what_is_no_queue_is_ebadf() {
    private(|| assert_eq!(mq_receive(&no_queue(), &mut [0; 8]).unwrap_err(), Errno::EBADF));
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_mq_receive_eintr() {
    private(|| {
        let mq = queue(0);
        let mut buffer = [0; 8];
        let result =
            interrupted(SYS_mq_timedreceive, SaFlags::empty(), || (), || mq_receive(&mq, &mut buffer));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        unlink();
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_mq_receive_waiting() {
    private(|| {
        let mq = queue(0);
        let mut buffer = [0; 8];
        let send = || mq_send(&mq, b"late", 0).unwrap();
        let result =
            interrupted(SYS_mq_timedreceive, SaFlags::SA_RESTART, send, || mq_receive(&mq, &mut buffer));
        assert_eq!(result, Ok((4, 0)));
        unlink();
    });
}

#[test]
fn a_buffer_smaller_than_mq_msgsize_is_emsgsize_however_short_the_message() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        assert_eq!(mq_receive(&mq, &mut [0; 7]).unwrap_err(), Errno::EMSGSIZE);
        assert_eq!(bytes_queued(&mq), "1");
        assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((1, 0)));
        unlink();
    });
}

// mq_getattr, mq_setattr

#[test]
fn mq_getattr_counts_messages_and_shows_o_nonblock() {
    private(|| {
        let mq = queue(O_NONBLOCK);
        mq_send(&mq, b"x", 0).unwrap();
        let attr = MqAttr { mq_flags: O_NONBLOCK.into(), mq_maxmsg: 2, mq_msgsize: 8, mq_curmsgs: 1 };
        assert_eq!(mq_getattr(&mq), Ok(attr));
        assert_eq!(mq_getattr(&mq_open(Q, O_RDONLY, 0, None).unwrap()).unwrap().mq_flags, 0);
        unlink();
    });
}

#[test]
fn the_attributes_of_what_is_no_queue_are_ebadf() {
    private(|| {
        assert_eq!(mq_getattr(&no_queue()).unwrap_err(), Errno::EBADF);
        assert_eq!(mq_setattr(&no_queue(), &MqAttr::default()).unwrap_err(), Errno::EBADF);
    });
}

#[test]
fn mq_setattr_changes_o_nonblock_alone_and_returns_what_was() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        let old = MqAttr { mq_flags: 0, mq_maxmsg: 2, mq_msgsize: 8, mq_curmsgs: 1 };
        let wish = MqAttr { mq_flags: O_NONBLOCK.into(), mq_maxmsg: 9, mq_msgsize: 9, mq_curmsgs: 9 };
        assert_eq!(mq_setattr(&mq, &wish), Ok(old));
        assert_eq!(status_flags(&mq) & O_NONBLOCK, O_NONBLOCK);
        let new = MqAttr { mq_flags: O_NONBLOCK.into(), ..old };
        assert_eq!(mq_setattr(&mq, &MqAttr::default()), Ok(new));
        assert_eq!(status_flags(&mq) & O_NONBLOCK, 0);
        unlink();
    });
}

#[test]
fn a_queue_flag_other_than_o_nonblock_is_einval() {
    private(|| {
        let mq = queue(0);
        let wish = MqAttr { mq_flags: (O_NONBLOCK | libc::O_APPEND).into(), ..MqAttr::default() };
        assert_eq!(mq_setattr(&mq, &wish).unwrap_err(), Errno::EINVAL);
        assert_eq!(status_flags(&mq) & O_NONBLOCK, 0);
        unlink();
    });
}

// mq_notify

#[test]
fn mq_notify_signals_once_when_a_message_reaches_the_empty_queue() {
    private(|| {
        count_signals(SaFlags::SA_RESTART);
        let mq = queue(0);
        mq_notify(&mq, Some(&signal_event(Signal::SIGUSR1))).unwrap();
        let line = format!("QSIZE:0 NOTIFY:0 SIGNO:{} NOTIFY_PID:{}", libc::SIGUSR1, my_pid());
        assert_eq!(status(&mq), line);
        mq_send(&mq, b"x", 0).unwrap();
        while HANDLED.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_micros(200));
        }
        assert_eq!(notified_pid(&mq), "0");
        unlink();
    });
}

#[test]
fn mq_notify_without_an_event_withdraws_the_registration() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&silent_event())).unwrap();
        assert_eq!(status(&mq), format!("QSIZE:0 NOTIFY:1 SIGNO:0 NOTIFY_PID:{}", my_pid()));
        mq_notify(&mq, None).unwrap();
        assert_eq!(status(&mq), "QSIZE:0 NOTIFY:0 SIGNO:0 NOTIFY_PID:0");
        unlink();
    });
}

#[test]
fn a_second_process_that_wants_notification_gets_ebusy() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&silent_event())).unwrap();
        assert_eq!(in_child(|| mq_notify(&mq, Some(&silent_event()))), Err(Errno::EBUSY));
        assert_eq!(notified_pid(&mq), my_pid());
        mq_notify(&mq, None).unwrap();
        assert_eq!(in_child(|| mq_notify(&mq, Some(&silent_event()))), Ok(()));
        unlink();
    });
}

#[test]
fn a_process_that_is_registered_already_gets_ebusy_itself() {
    private(|| {
        let mq = queue(0);
        mq_notify(&mq, Some(&silent_event())).unwrap();
        assert_eq!(mq_notify(&mq, Some(&signal_event(Signal::SIGUSR1))).unwrap_err(), Errno::EBUSY);
        unlink();
    });
}

#[test]
fn notification_of_what_is_no_queue_is_ebadf() {
    private(|| assert_eq!(mq_notify(&no_queue(), Some(&silent_event())).unwrap_err(), Errno::EBADF));
}

#[test]
fn an_unknown_kind_of_notification_is_einval() {
    private(|| {
        let mq = queue(0);
        // Legal for timers, unknown to queues.
        let thread = SigevNotify::SigevThreadId { signal: Signal::SIGUSR1, thread_id: 1, si_value: 0 };
        assert_eq!(mq_notify(&mq, Some(&SigEvent::new(thread))).unwrap_err(), Errno::EINVAL);
        assert_eq!(notified_pid(&mq), "0");
        unlink();
    });
}

#[test]
fn notification_by_signal_65_is_einval() {
    private(|| {
        let mq = queue(0);
        let mut event = signal_event(Signal::SIGUSR1).sigevent();
        event.sigev_signo = 65;
        assert_eq!(mq_notify(&mq, Some(&SigEvent::from(&event))).unwrap_err(), Errno::EINVAL);
        event.sigev_signo = 64;
        mq_notify(&mq, Some(&SigEvent::from(&event))).unwrap();
        unlink();
    });
}

// What a listener is told

#[test]
fn a_listener_is_told_of_a_queue_from_its_creation_to_its_end() {
    private(|| {
        let mut fd = 0;
        let all = heard(|| {
            let attr = MqAttr::new(4, 8192);
            let mq = mq_open(c"/x", O_RDWR | O_CREAT | O_EXCL, 0o600, Some(&attr)).unwrap();
            fd = mq.as_raw_fd();
            mq_open(c"/x", O_RDWR | O_CREAT | O_EXCL, 0o640, None).unwrap_err();
            mq_open(c"/x", O_RDONLY | O_NONBLOCK, 0o777, Some(&attr)).unwrap();
            mq_open(c"/y\n", O_WRONLY, 0, None).unwrap_err();
            mq_unlink(c"/x").unwrap();
            mq_unlink(c"/x").unwrap_err();
            mq_close(mq).unwrap();
        });
        let second = fd + 1;
        let want = [
            "creating".into(),
            "created queue /x".into(),
            format!(r#"mq_open("/x", O_RDWR|O_CREAT|O_EXCL, 0600, {{mq_maxmsg=4, mq_msgsize=8192}}) = {fd}"#),
            "settled".into(),
            "creating".into(),
            r#"mq_open("/x", O_RDWR|O_CREAT|O_EXCL, 0640, NULL) = -1 EEXIST (File exists)"#.into(),
            "settled".into(),
            "creating".into(),
            format!(r#"mq_open("/x", O_RDONLY|O_NONBLOCK) = {second}"#),
            "settled".into(),
            "creating".into(),
            r#"mq_open("/y\n", O_WRONLY) = -1 ENOENT (No such file or directory)"#.into(),
            "settled".into(),
            r#"mq_unlink("/x") = 0"#.into(),
            "removed queue /x".into(),
            r#"mq_unlink("/x") = -1 ENOENT (No such file or directory)"#.into(),
            format!("mq_close({fd}) = 0"),
        ];
        assert_eq!(all, want);
    });
}

#[test]
fn a_listener_is_not_told_that_an_open_created_what_it_may_have_found() {
    private(|| {
        let all = heard(|| drop(mq_open(Q, O_RDWR | O_CREAT, 0o600, Some(&MqAttr::new(1, 1))).unwrap()));
        assert!(all.len() == 3 && all[0] == "creating" && all[2] == "settled", "{all:#?}");
        unlink();
    });
}

#[test]
fn a_listener_sees_messages_lengths_and_priorities() {
    private(|| {
        let mq =
            mq_open(Q, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(1, 40))).unwrap();
        let all = heard(|| {
            mq_send(&mq, b"a \"quoted\"\n\0", 5).unwrap();
            mq_send(&mq, b"", 32768).unwrap_err();
            mq_receive(&mq, &mut [0; 40]).unwrap();
            mq_receive(&mq, &mut [0; 40]).unwrap_err();
            mq_send(&mq, &[b'n'; 33], 0).unwrap();
        });
        let fd = mq.as_raw_fd();
        let want = [
            format!(r#"mq_send({fd}, "a \"quoted\"\n\0", 12, 5) = 0"#),
            format!(r#"mq_send({fd}, "", 0, 32768) = -1 EINVAL (Invalid argument)"#),
            format!(r#"mq_receive({fd}, "a \"quoted\"\n\0", 40, [5]) = 12"#),
            format!("mq_receive({fd}, buffer, 40, NULL) = -1 EAGAIN (Resource temporarily unavailable)"),
            format!(r#"mq_send({fd}, "{}"..., 33, 0) = 0"#, "n".repeat(32)),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}

#[test]
fn a_listener_sees_attributes_and_notifications() {
    private(|| {
        let mq = queue(0);
        let all = heard(|| {
            mq_getattr(&mq).unwrap();
            mq_setattr(&mq, &MqAttr { mq_flags: O_NONBLOCK.into(), ..MqAttr::default() }).unwrap();
            mq_setattr(&mq, &MqAttr { mq_flags: 1, ..MqAttr::default() }).unwrap_err();
            mq_getattr(&mq).unwrap();
            mq_notify(&mq, Some(&signal_event(Signal::SIGUSR1))).unwrap();
            mq_notify(&mq, Some(&silent_event())).unwrap_err();
            mq_notify(&mq, None).unwrap();
        });
        let fd = mq.as_raw_fd();
        let want = [
            format!("mq_getattr({fd}, {{mq_flags=0, mq_maxmsg=2, mq_msgsize=8, mq_curmsgs=0}}) = 0"),
            format!("mq_setattr({fd}, {{mq_flags=O_NONBLOCK}}, {{mq_flags=0}}) = 0"),
            format!("mq_setattr({fd}, {{mq_flags=1}}, oldattr) = -1 EINVAL (Invalid argument)"),
            format!("mq_getattr({fd}, {{mq_flags=O_NONBLOCK, mq_maxmsg=2, mq_msgsize=8, mq_curmsgs=0}}) = 0"),
            format!("mq_notify({fd}, {{sigev_notify=SIGEV_SIGNAL, sigev_signo={}}}) = 0", libc::SIGUSR1),
            format!("mq_notify({fd}, {{sigev_notify=SIGEV_NONE}}) = -1 EBUSY (Device or resource busy)"),
            format!("mq_notify({fd}, NULL) = 0"),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}
