//! `<unistd.h>`, `<fcntl.h>` and `<sys/socket.h>`.

use super::*;
use ipc_workbook::fcntl::fcntl as call_fcntl;
use ipc_workbook::socket::{recvmsg, sendmsg, socketpair};
use ipc_workbook::stdio::rename;
use ipc_workbook::unistd::link;
use libc::O_NONBLOCK;
use nix::fcntl::OFlag;
use nix::sys::stat::fstat;
use std::os::fd::OwnedFd;

const RECEIVING: &[c_long] = &[libc::SYS_recvmsg];

fn object() -> OwnedFd {
    shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, 0o600).expect("shm_open")
}

fn unlink() {
    shm_unlink(c"/m").expect("shm_unlink");
}

fn set_nonblocking(fd: &OwnedFd) {
    fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("fcntl");
}

// close, dup

#[test]
fn close_frees_the_descriptor_and_leaves_the_object() {
    private(|| {
        let fd = object();
        let number = fd.as_raw_fd();
        assert!(is_open(number));
        close(fd).unwrap();
        assert!(!is_open(number) && std::path::Path::new("/dev/shm/m").exists());
        unlink();
    });
}

#[test]
fn closing_the_last_descriptor_destroys_an_unlinked_queue() {
    private(|| {
        let attr = MqAttr::new(8, 64);
        let create = |name| mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr));
        // The limit allows one queue, so the second can be created only after the first is destroyed.
        under_limit(Resource::RLIMIT_MSGQUEUE, 2000, || {
            let mq = create(c"/first").unwrap();
            let copy = dup(&mq).unwrap();
            mq_unlink(c"/first").unwrap();
            drop(mq);
            assert_eq!(create(c"/second").unwrap_err(), Errno::EMFILE);
            close(copy).unwrap();
            create(c"/second").unwrap();
        });
        mq_unlink(c"/second").unwrap();
    });
}

#[test]
fn dup_returns_another_descriptor_of_the_same_description() {
    private(|| {
        let fd = object();
        let copy = dup(&fd).unwrap();
        assert_ne!(copy.as_raw_fd(), fd.as_raw_fd());
        assert_eq!(fstat(&copy).unwrap().st_ino, fstat(&fd).unwrap().st_ino);
        // The flag belongs to the description, so it is visible through both descriptors.
        set_nonblocking(&copy);
        assert_eq!(status_flags(&fd) & O_NONBLOCK, O_NONBLOCK);
        close(fd).unwrap();
        assert!(is_open(copy.as_raw_fd()));
        unlink();
    });
}

#[test]
fn dup_without_a_free_descriptor_is_emfile() {
    private(|| {
        let fd = object();
        assert_eq!(without_descriptors(|| dup(&fd)).unwrap_err(), Errno::EMFILE);
        dup(&fd).unwrap();
        unlink();
    });
}

#[test]
fn a_listener_gets_dup_and_close() {
    private(|| {
        let fd = object();
        let mut copy = 0;
        let all = heard(|| {
            without_descriptors(|| dup(&fd)).unwrap_err();
            let second = dup(&fd).unwrap();
            copy = second.as_raw_fd();
            close(second).unwrap();
        });
        let fd = fd.as_raw_fd();
        let want = [
            format!("dup({fd}) = -1 EMFILE (Too many open files)"),
            format!("dup({fd}) = {copy}"),
            format!("close({copy}) = 0"),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}

// socketpair, sendmsg, recvmsg

#[test]
fn socketpair_makes_two_ends_that_close_on_exec() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        for end in [&a, &b] {
            let link = std::fs::read_link(format!("/proc/self/fd/{}", end.as_raw_fd())).unwrap();
            assert!(link.to_string_lossy().starts_with("socket:["), "{link:?}");
            assert!(closes_on_exec(end));
        }
        assert_eq!(nix::unistd::write(&a, b"forth"), Ok(5));
        assert_eq!(nix::unistd::write(&b, b"back"), Ok(4));
        let mut buffer = [0; 8];
        assert_eq!(recvmsg(&b, &mut buffer).map(|(length, fds)| (length, fds.len())), Ok((5, 0)));
        assert_eq!(&buffer[..5], b"forth");
        assert_eq!(recvmsg(&a, &mut buffer).map(|(length, fds)| (length, fds.len())), Ok((4, 0)));
        assert_eq!(&buffer[..4], b"back");
    });
}

#[test]
fn a_socketpair_without_free_descriptors_is_emfile() {
    private(|| assert_eq!(without_descriptors(socketpair).unwrap_err(), Errno::EMFILE));
}

#[test]
fn a_received_descriptor_refers_to_the_description_of_the_sent_one() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        let fd = object();
        assert_eq!(sendmsg(&a, b"here", &[fd.as_fd()]), Ok(4));
        let mut buffer = [0; 8];
        let (length, received) = recvmsg(&b, &mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"here");
        let [received] = <[OwnedFd; 1]>::try_from(received).unwrap();
        assert_ne!(received.as_raw_fd(), fd.as_raw_fd());
        assert!(closes_on_exec(&received));
        set_nonblocking(&received);
        assert_eq!(status_flags(&fd) & O_NONBLOCK, O_NONBLOCK);
        unlink();
    });
}

#[test]
fn a_queue_in_flight_survives_and_works_when_received() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        mq_send(&mq, b"aboard", 0).unwrap();
        sendmsg(&a, b"q", &[mq.as_fd()]).unwrap();
        mq_unlink(c"/q").unwrap();
        drop(mq);
        let (_, mut received) = recvmsg(&b, &mut [0; 8]).unwrap();
        let mq = ipc_workbook::mqueue::Mqd::from_fd(received.pop().unwrap());
        assert_eq!(mq_receive(&mq, &mut [0; 8]), Ok((6, 0)));
    });
}

#[test]
fn four_descriptors_travel_in_one_message() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        let fd = object();
        assert_eq!(sendmsg(&a, b"4", &[fd.as_fd(); 4]), Ok(1));
        let (_, received) = recvmsg(&b, &mut [0; 8]).unwrap();
        let inode = fstat(&fd).unwrap().st_ino;
        assert_eq!(received.len(), 4);
        assert!(received.iter().all(|fd| fstat(fd).unwrap().st_ino == inode));
        let numbers: Vec<_> = received.iter().map(AsRawFd::as_raw_fd).collect();
        drop(received);
        assert!(numbers.iter().all(|fd| !is_open(*fd)), "received descriptors close when dropped");
        unlink();
    });
}

#[test]
fn sending_to_a_closed_end_is_epipe() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        close(b).unwrap();
        assert_eq!(sendmsg(&a, b"x", &[]).unwrap_err(), Errno::EPIPE);
    });
}

#[test]
fn more_descriptors_in_flight_than_rlimit_nofile_are_etoomanyrefs() {
    private_as_ordinary_user(|| {
        let (a, b) = socketpair().unwrap();
        let fd = object();
        sendmsg(&a, b"1", &[fd.as_fd()]).unwrap();
        let second = || sendmsg(&a, b"2", &[fd.as_fd()]);
        assert_eq!(under_limit(Resource::RLIMIT_NOFILE, 0, second).unwrap_err(), Errno::ETOOMANYREFS);
        assert_eq!(second(), Ok(1));
        drop(b);
        unlink();
    });
}

#[test]
fn receiving_from_an_empty_nonblocking_socket_is_eagain() {
    private(|| {
        let (_a, b) = socketpair().unwrap();
        set_nonblocking(&b);
        assert_eq!(recvmsg(&b, &mut [0; 8]).unwrap_err(), Errno::EAGAIN);
    });
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_recvmsg_eintr() {
    private(|| {
        let (_a, b) = socketpair().unwrap();
        let result = interrupted(RECEIVING, SaFlags::empty(), || recvmsg(&b, &mut [0; 8]));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_recvmsg_waiting() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        let send = || assert_eq!(sendmsg(&a, b"late", &[]), Ok(4));
        let (length, fds) = restarted(RECEIVING, || recvmsg(&b, &mut [0; 8]), send).unwrap();
        assert_eq!((length, fds.len()), (4, 0));
    });
}

#[test]
fn a_listener_gets_sockets_and_their_data() {
    private(|| {
        let fd = object();
        let (mut a, mut b, mut copy) = (0, 0, 0);
        let all = heard(|| {
            let (one, other) = socketpair().unwrap();
            (a, b) = (one.as_raw_fd(), other.as_raw_fd());
            set_nonblocking(&other);
            sendmsg(&one, b"here", &[fd.as_fd()]).unwrap();
            copy = recvmsg(&other, &mut [0; 8]).unwrap().1[0].as_raw_fd();
            recvmsg(&other, &mut [0; 8]).unwrap_err();
            drop(other);
            sendmsg(&one, b"x", &[]).unwrap_err();
        });
        let fd = fd.as_raw_fd();
        let want = [
            format!("socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [{a}, {b}]) = 0"),
            format!(r#"sendmsg({a}, {{msg_iov=["here"], SCM_RIGHTS, cmsg_data=[{fd}]}}, 0) = 4"#),
            format!(
                r#"recvmsg({b}, {{msg_iov=["here"], SCM_RIGHTS, cmsg_data=[{copy}]}}, MSG_CMSG_CLOEXEC) = 4"#
            ),
            format!("recvmsg({b}, msg, MSG_CMSG_CLOEXEC) = -1 EAGAIN (Resource temporarily unavailable)"),
            format!(
                r#"sendmsg({a}, {{msg_iov=["x"], SCM_RIGHTS, cmsg_data=[]}}, 0) = -1 EPIPE (Broken pipe)"#
            ),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}

#[test]
fn the_largest_number_of_descriptors_in_a_message_arrives() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        let fd = object();
        let many: Vec<_> = (0..253).map(|_| fd.as_fd()).collect();
        sendmsg(&a, b"x", &many).unwrap();
        assert_eq!(recvmsg(&b, &mut [0]).unwrap().1.len(), 253);
        let more: Vec<_> = (0..254).map(|_| fd.as_fd()).collect();
        assert_eq!(sendmsg(&a, b"x", &more).unwrap_err(), Errno::EINVAL);
        unlink();
    });
}

#[test]
fn a_receiver_without_a_free_descriptor_gets_fewer_and_loses_none() {
    private(|| {
        let (a, b) = socketpair().unwrap();
        let fd = object();
        sendmsg(&a, b"x", &[fd.as_fd(), fd.as_fd(), fd.as_fd()]).unwrap();
        let free = nix::unistd::dup(&fd).unwrap().as_raw_fd();
        let room_for_two = u64::try_from(free).unwrap() + 2;
        let received = under_limit(Resource::RLIMIT_NOFILE, room_for_two, || recvmsg(&b, &mut [0]));
        assert_eq!(received.unwrap().1.len(), 2);
        assert_eq!(nix::unistd::dup(&fd).unwrap().as_raw_fd(), free, "a descriptor is left open");
        unlink();
    });
}

// fcntl

#[test]
fn fcntl_reads_and_sets_the_flag_of_one_descriptor() {
    private(|| {
        let fd = object();
        let copy = dup(&fd).unwrap();
        assert_eq!(call_fcntl(&fd, libc::F_GETFD, 0), Ok(libc::FD_CLOEXEC));
        assert_eq!(call_fcntl(&copy, libc::F_GETFD, 0), Ok(0));
        call_fcntl(&fd, libc::F_SETFD, 0).unwrap();
        call_fcntl(&copy, libc::F_SETFD, libc::FD_CLOEXEC).unwrap();
        assert_eq!(call_fcntl(&fd, libc::F_GETFD, 0), Ok(0));
        assert_eq!(call_fcntl(&copy, libc::F_GETFD, 0), Ok(libc::FD_CLOEXEC));
        unlink();
    });
}

#[test]
fn fcntl_sets_the_flags_of_the_description_for_all_its_descriptors() {
    private(|| {
        let fd = object();
        let copy = dup(&fd).unwrap();
        call_fcntl(&fd, libc::F_SETFL, O_NONBLOCK).unwrap();
        assert_eq!(call_fcntl(&copy, libc::F_GETFL, 0).unwrap() & O_NONBLOCK, O_NONBLOCK);
        unlink();
    });
}

#[test]
fn fcntl_refuses_commands_with_pointers_or_new_descriptors() {
    private(|| {
        let fd = object();
        for op in [libc::F_GETLK, libc::F_DUPFD, libc::F_DUPFD_CLOEXEC, -1] {
            assert_eq!(call_fcntl(&fd, op, 0), Err(Errno::EINVAL), "{op}");
        }
        unlink();
    });
}

#[test]
fn fcntl_of_a_flag_that_a_queue_cannot_have_is_einval() {
    private(|| {
        let mq = mq_open(c"/f", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 1))).unwrap();
        assert_eq!(call_fcntl(&mq, libc::F_SETFL, libc::O_DIRECT), Err(Errno::EINVAL));
        mq_unlink(c"/f").unwrap();
    });
}

#[test]
fn fcntl_sets_the_process_that_gets_sigio() {
    private(|| {
        let (end, _other) = socketpair().unwrap();
        let me = nix::unistd::getpid().as_raw();
        assert_eq!(call_fcntl(&end, libc::F_SETOWN, me), Ok(0));
        assert_eq!(call_fcntl(&end, libc::F_SETOWN, libc::pid_t::MAX), Err(Errno::ESRCH));
        call_fcntl(&end, libc::F_SETFL, libc::O_ASYNC).unwrap();
        assert_eq!(call_fcntl(&end, libc::F_GETFL, 0).unwrap() & libc::O_ASYNC, libc::O_ASYNC);
        call_fcntl(&end, libc::F_SETFL, 0).unwrap(); // or the close of the other end would send SIGIO
    });
}

// link, rename

fn inode(path: &str) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::symlink_metadata(path).ok().map(|meta| meta.ino())
}

#[test]
fn link_gives_a_file_a_second_name() {
    private(|| {
        drop(object());
        link(c"/dev/shm/m", c"/dev/shm/n").unwrap();
        assert!(inode("/dev/shm/m").is_some() && inode("/dev/shm/m") == inode("/dev/shm/n"));
        assert_eq!(link(c"/dev/shm/m", c"/dev/shm/n"), Err(Errno::EEXIST));
        assert_eq!(link(c"/dev/shm/none", c"/dev/shm/o"), Err(Errno::ENOENT));
        assert_eq!(link(c"/dev/shm/m", c"/dev/shm/none/o"), Err(Errno::ENOENT));
        assert_eq!(link(c"/dev/shm/m", c"/dev/shm/m/o"), Err(Errno::ENOTDIR));
        assert_eq!(link(c"/dev/shm", c"/dev/shm/o"), Err(Errno::EPERM));
        assert_eq!(link(c"/dev/shm/m", c"/tmp/ipc-workbook.another-file-system"), Err(Errno::EXDEV));
        std::fs::remove_file("/dev/shm/n").unwrap();
        unlink();
    });
}

#[test]
fn rename_gives_a_file_another_path() {
    private(|| {
        drop(object());
        let before = inode("/dev/shm/m");
        rename(c"/dev/shm/m", c"/dev/shm/n").unwrap();
        assert!(inode("/dev/shm/m").is_none() && inode("/dev/shm/n") == before);
        assert_eq!(rename(c"/dev/shm/m", c"/dev/shm/n"), Err(Errno::ENOENT));
        assert_eq!(rename(c"/dev/shm/n", c"/dev/shm/none/o"), Err(Errno::ENOENT));
        assert_eq!(rename(c"/dev/shm/n", c"/dev/shm/n/o"), Err(Errno::ENOTDIR));
        std::fs::create_dir("/dev/shm/d").unwrap();
        assert_eq!(rename(c"/dev/shm/n", c"/dev/shm/d"), Err(Errno::EISDIR));
        std::fs::remove_dir("/dev/shm/d").unwrap();
        assert_eq!(rename(c"/dev/shm/n", c"/tmp/o"), Err(Errno::EXDEV));
        rename(c"/dev/shm/n", c"/dev/shm/m").unwrap();
        unlink();
    });
}
