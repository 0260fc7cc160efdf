//! `<poll.h>`, `<sys/select.h>`, `<sys/epoll.h>`, `<sys/timerfd.h>`: waiting for several descriptors.

use super::*;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::mqueue::Mqd;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::select::{FdSet, select};
use ipc_workbook::timerfd::{ItimerSpec, timerfd_create, timerfd_settime};
use ipc_workbook::unistd::{pipe, read};
use libc::{
    CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_REALTIME_ALARM, CLOCK_THREAD_CPUTIME_ID, EPOLL_CLOEXEC,
    EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLIN, EPOLLOUT, POLLIN, POLLOUT, SYS_epoll_wait,
    SYS_poll, SYS_pselect6, SYS_select, TFD_CLOEXEC, TFD_NONBLOCK, TFD_TIMER_ABSTIME,
};
use nix::sys::time::TimeVal;
use std::os::fd::OwnedFd;

const NO_TIME: TimeSpec = TimeSpec::new(0, 0);

fn queue() -> Mqd {
    mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).expect("mq_open")
}

fn unlink() {
    mq_unlink(c"/q").expect("mq_unlink");
}

fn once(it_value: TimeSpec) -> ItimerSpec {
    ItimerSpec { it_interval: NO_TIME, it_value }
}

// poll

#[test]
fn poll_sees_whether_a_queue_has_a_message_and_room() {
    private(|| {
        let mq = queue();
        let asked = |mq: &Mqd| {
            let mut fds = [PollFd::new(mq.as_fd(), POLLIN | POLLOUT)];
            poll(&mut fds, 0).map(|number| (number, fds[0].revents()))
        };
        assert_eq!(asked(&mq), Ok((1, POLLOUT)));
        mq_send(&mq, b"x", 0).unwrap();
        assert_eq!(asked(&mq), Ok((1, POLLIN)));
        unlink();
    });
}

#[test]
fn poll_of_a_number_that_is_no_descriptor_is_pollnval() {
    private(|| {
        let number = queue().as_fd().as_raw_fd(); // the queue is closed again at the end of this line
        let mut fds = [PollFd::of_number(number, POLLIN)];
        assert_eq!(poll(&mut fds, 0), Ok(1));
        assert_eq!(fds[0].revents_text(), "POLLNVAL");
        unlink();
    });
}

#[test]
fn poll_waits_until_a_message_arrives_or_its_time_is_over() {
    private(|| {
        let mq = queue();
        let waiting = |timeout| poll(&mut [PollFd::new(mq.as_fd(), POLLIN)], timeout);
        assert_eq!(waiting(20), Ok(0));
        let send = || mq_send(&mq, b"x", 0).unwrap();
        assert_eq!(while_waiting(&[SYS_poll], || waiting(-1), send), Ok(1));
        unlink();
    });
}

#[test]
fn errnos_of_poll() {
    private(|| {
        let (reading, _writing) = pipe().unwrap();
        let asked = || poll(&mut [PollFd::new(reading.as_fd(), POLLIN)], 0);
        assert_eq!(without_descriptors(asked).unwrap_err(), Errno::EINVAL);
        for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
            let waiting = || poll(&mut [PollFd::new(reading.as_fd(), POLLIN)], -1);
            assert_eq!(interrupted(&[SYS_poll], flags, waiting).unwrap_err(), Errno::EINTR, "{flags:?}");
        }
    });
}

// select

#[test]
fn select_leaves_the_descriptors_that_are_ready() {
    private(|| {
        let (empty, ready) = (pipe().unwrap(), queue());
        let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
        readable.insert(ready.as_fd());
        readable.insert(empty.0.as_fd());
        writable.insert(ready.as_fd());
        assert_eq!(select(Some(&mut readable), Some(&mut writable), None, Some(TimeVal::new(0, 0))), Ok(1));
        assert_eq!((readable.highest().is_none(), writable.contains(ready.as_fd())), (true, true));
        readable.insert(ready.as_fd());
        let send = || mq_send(&ready, b"x", 0).unwrap();
        let waiting = || select(Some(&mut readable), None, None, None);
        assert_eq!(while_waiting(&[SYS_pselect6, SYS_select], waiting, send), Ok(1));
        assert!(readable.contains(ready.as_fd()));
        unlink();
    });
}

#[test]
fn errnos_of_select() {
    private(|| {
        let (reading, _writing) = pipe().unwrap();
        let mut set = FdSet::new();
        set.insert(reading.as_fd());
        let asked = select(Some(&mut set), None, None, Some(TimeVal::new(-1, 0)));
        assert_eq!(asked.unwrap_err(), Errno::EINVAL);
        for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
            let waiting = || select(Some(&mut set), None, None, None);
            let calls = [SYS_pselect6, SYS_select];
            assert_eq!(interrupted(&calls, flags, waiting).unwrap_err(), Errno::EINTR, "{flags:?}");
        }
    });
}

// epoll

/// Makes an epoll list with one entry.
fn list(fd: impl AsFd, events: c_int) -> OwnedFd {
    let epfd = epoll_create1(EPOLL_CLOEXEC).expect("epoll_create1");
    epoll_ctl(&epfd, EPOLL_CTL_ADD, fd, Some(EpollEvent::new(events, 7))).expect("epoll_ctl");
    epfd
}

const NONE: EpollEvent = EpollEvent::NONE;

#[test]
fn epoll_wait_returns_the_events_and_the_number_of_the_descriptor() {
    private(|| {
        let mq = queue();
        let epfd = list(&mq, EPOLLIN);
        assert!(closes_on_exec(&epfd));
        let mut events = [NONE; 4];
        assert_eq!(epoll_wait(&epfd, &mut events, 0), Ok(0));
        let send = || mq_send(&mq, b"x", 0).unwrap();
        assert_eq!(while_waiting(&[SYS_epoll_wait], || epoll_wait(&epfd, &mut events, -1), send), Ok(1));
        assert_eq!((events[0].events(), events[0].data()), (EPOLLIN, 7));
        // EPOLL_CTL_MOD replaces the events and the number.
        let room = Some(EpollEvent::new(EPOLLIN | EPOLLOUT, u64::MAX));
        epoll_ctl(&epfd, EPOLL_CTL_MOD, &mq, room).unwrap();
        mq_receive(&mq, &mut [0; 8]).unwrap();
        assert_eq!(epoll_wait(&epfd, &mut events, 0), Ok(1));
        assert_eq!((events[0].events(), events[0].data()), (EPOLLOUT, u64::MAX));
        epoll_ctl(&epfd, EPOLL_CTL_DEL, &mq, None).unwrap();
        assert_eq!(epoll_wait(&epfd, &mut events, 0), Ok(0));
        unlink();
    });
}

#[test]
fn errnos_of_epoll_create1() {
    private(|| {
        assert_eq!(epoll_create1(1).unwrap_err(), Errno::EINVAL);
        assert_eq!(without_descriptors(|| epoll_create1(0)).unwrap_err(), Errno::EMFILE);
    });
}

#[test]
fn errnos_of_epoll_ctl() {
    private(|| {
        let (reading, writing) = pipe().unwrap();
        let event = Some(EpollEvent::new(EPOLLIN, 0));
        let epfd = list(&reading, EPOLLIN);
        assert_eq!(epoll_ctl(&epfd, EPOLL_CTL_ADD, &reading, event), Err(Errno::EEXIST));
        assert_eq!(epoll_ctl(&epfd, EPOLL_CTL_MOD, &writing, event), Err(Errno::ENOENT));
        assert_eq!(epoll_ctl(&epfd, EPOLL_CTL_DEL, &writing, None), Err(Errno::ENOENT));
        assert_eq!(epoll_ctl(&epfd, EPOLL_CTL_ADD, &epfd, event), Err(Errno::EINVAL));
        assert_eq!(epoll_ctl(&reading, EPOLL_CTL_ADD, &writing, event), Err(Errno::EINVAL));
        assert_eq!(epoll_ctl(&epfd, 4, &writing, event), Err(Errno::EINVAL));
        let outer = list(&epfd, EPOLLIN);
        assert_eq!(epoll_ctl(&epfd, EPOLL_CTL_ADD, &outer, event), Err(Errno::ELOOP));
        let regular = shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap();
        shm_unlink(c"/m").unwrap();
        assert_eq!(epoll_ctl(&epfd, EPOLL_CTL_ADD, &regular, event), Err(Errno::EPERM));
    });
}

#[test]
fn errnos_of_epoll_wait() {
    private(|| {
        let (reading, _writing) = pipe().unwrap();
        let epfd = list(&reading, EPOLLIN);
        assert_eq!(epoll_wait(&epfd, &mut [], 0), Err(Errno::EINVAL));
        assert_eq!(epoll_wait(&reading, &mut [NONE], 0), Err(Errno::EINVAL));
        for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
            let waiting = || epoll_wait(&epfd, &mut [NONE], -1);
            assert_eq!(interrupted(&[SYS_epoll_wait], flags, waiting), Err(Errno::EINTR), "{flags:?}");
        }
    });
}

// timerfd

#[test]
fn a_timer_becomes_readable_and_counts_its_expirations() {
    private(|| {
        let timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK).unwrap();
        assert!(closes_on_exec(&timer));
        assert_eq!(read(&timer, &mut [0; 8]), Err(Errno::EAGAIN));
        let stopped = timerfd_settime(&timer, 0, &once(TimeSpec::new(0, 1))).unwrap();
        assert_eq!(stopped, once(NO_TIME));
        assert_eq!(poll(&mut [PollFd::new(timer.as_fd(), POLLIN)], 8000), Ok(1));
        let mut expirations = [0; 8];
        assert_eq!(read(&timer, &mut expirations), Ok(8));
        assert_eq!(u64::from_ne_bytes(expirations), 1);
    });
}

#[test]
fn a_timer_can_be_set_to_a_date_and_returns_its_previous_setting() {
    private(|| {
        let timer = timerfd_create(CLOCK_REALTIME, 0).unwrap();
        timerfd_settime(&timer, TFD_TIMER_ABSTIME, &once(from_now(Duration::from_hours(1)))).unwrap();
        let old = timerfd_settime(&timer, TFD_TIMER_ABSTIME, &once(LONG_AGO)).unwrap();
        assert!((3590..=3600).contains(&old.it_value.tv_sec()), "{old:?}");
        assert_eq!(poll(&mut [PollFd::new(timer.as_fd(), POLLIN)], 0), Ok(1));
    });
}

#[test]
fn errnos_of_timerfd_create_and_settime() {
    private(|| {
        assert_eq!(timerfd_create(CLOCK_THREAD_CPUTIME_ID, 0).unwrap_err(), Errno::EINVAL);
        assert_eq!(timerfd_create(CLOCK_MONOTONIC, 1).unwrap_err(), Errno::EINVAL);
        let create = || timerfd_create(CLOCK_MONOTONIC, 0);
        assert_eq!(without_descriptors(create).unwrap_err(), Errno::EMFILE);
        let timer = create().unwrap();
        for nanoseconds in [-1, 1_000_000_000] {
            let wrong = once(TimeSpec::new(1, nanoseconds));
            assert_eq!(timerfd_settime(&timer, 0, &wrong).unwrap_err(), Errno::EINVAL);
        }
        assert_eq!(timerfd_settime(&timer, 4, &once(NO_TIME)).unwrap_err(), Errno::EINVAL);
        let (reading, _writing) = pipe().unwrap();
        assert_eq!(timerfd_settime(&reading, 0, &once(NO_TIME)).unwrap_err(), Errno::EINVAL);
    });
}

#[test]
fn a_clock_that_wakes_the_machine_is_eperm_without_cap_wake_alarm() {
    private_as_ordinary_user(|| {
        assert_eq!(timerfd_create(CLOCK_REALTIME_ALARM, 0).unwrap_err(), Errno::EPERM);
    });
}

#[test]
fn a_listener_gets_polls_sets_lists_and_timers() {
    private(|| {
        let mq = queue();
        let (mut epfd, mut timer) = (0, 0);
        let all = heard(|| {
            poll(&mut [PollFd::new(mq.as_fd(), POLLIN | POLLOUT)], 5).unwrap();
            let mut set = FdSet::new();
            set.insert(mq.as_fd());
            select(None, Some(&mut set), None, Some(TimeVal::new(1, 5))).unwrap();
            select(None, Some(&mut set), None, Some(TimeVal::new(-1, 0))).unwrap_err();
            let list = epoll_create1(EPOLL_CLOEXEC).unwrap();
            epfd = list.as_raw_fd();
            epoll_ctl(&list, EPOLL_CTL_ADD, &mq, Some(EpollEvent::new(EPOLLOUT | EPOLLET, 9))).unwrap();
            epoll_wait(&list, &mut [NONE; 2], 0).unwrap();
            epoll_wait(&list, &mut [], 0).unwrap_err();
            epoll_ctl(&list, EPOLL_CTL_DEL, &mq, None).unwrap();
            let fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK).unwrap();
            timer = fd.as_raw_fd();
            timerfd_settime(&fd, TFD_TIMER_ABSTIME, &once(TimeSpec::new(1, 5))).unwrap();
            timerfd_settime(&fd, 4, &once(NO_TIME)).unwrap_err();
        });
        let fd = mq.as_raw_fd();
        let zero = "{it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=0}}";
        let one = "{it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=1, tv_nsec=5}}";
        let want = [
            format!("poll([{{fd={fd}, events=POLLIN|POLLOUT, revents=POLLOUT}}], 1, 5) = 1"),
            format!("select({}, NULL, [{fd}], NULL, {{tv_sec=1, tv_usec=5}}) = 1", fd + 1),
            format!(
                "select({}, NULL, [{fd}], NULL, {{tv_sec=-1, tv_usec=0}}) = -1 EINVAL (Invalid argument)",
                fd + 1
            ),
            format!("epoll_create1(EPOLL_CLOEXEC) = {epfd}"),
            format!("epoll_ctl({epfd}, EPOLL_CTL_ADD, {fd}, {{events=EPOLLOUT|EPOLLET, data=9}}) = 0"),
            format!("epoll_wait({epfd}, [{{events=EPOLLOUT, data=9}}], 2, 0) = 1"),
            format!("epoll_wait({epfd}, events, 0, 0) = -1 EINVAL (Invalid argument)"),
            format!("epoll_ctl({epfd}, EPOLL_CTL_DEL, {fd}, NULL) = 0"),
            format!("timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK) = {timer}"),
            format!("timerfd_settime({timer}, TFD_TIMER_ABSTIME, {one}, {zero}) = 0"),
            format!("timerfd_settime({timer}, 0x4, {zero}, old_value) = -1 EINVAL (Invalid argument)"),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}
