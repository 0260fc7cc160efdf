//! `<time.h>`: clocks. No test sets a clock: all programs of the machine share it.

use super::*;
use ipc_workbook::time::{clock_gettime, clock_nanosleep, clock_settime};
use libc::{CLOCK_MONOTONIC, CLOCK_REALTIME};

const NO_CLOCK: libc::clockid_t = 99;
const NO_TIME: TimeSpec = TimeSpec::new(0, 1_000_000_000);

#[test]
fn clock_gettime_returns_the_seconds_since_1970_and_since_the_start_of_the_machine() {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let between = clock_gettime(CLOCK_REALTIME).unwrap().tv_sec() - since_1970.as_secs().cast_signed();
    assert!((0..=60).contains(&between), "{between}");
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
    let monotonic = Duration::from(clock_gettime(CLOCK_MONOTONIC).unwrap()).as_secs_f64();
    // /proc/uptime counts the time in which the machine slept, too.
    assert!(monotonic > 0.0 && monotonic < uptime + 60.0, "{monotonic} {uptime}");
}

#[test]
fn a_clock_that_does_not_exist_is_einval() {
    assert_eq!(clock_gettime(NO_CLOCK).unwrap_err(), Errno::EINVAL);
    assert_eq!(clock_settime(NO_CLOCK, &NO_TIME).unwrap_err(), Errno::EINVAL);
    assert_eq!(clock_nanosleep(NO_CLOCK, &TimeSpec::new(0, 0)).unwrap_err(), Errno::EINVAL);
}

#[test]
fn clock_settime_of_a_clock_or_a_time_that_nobody_can_set_is_einval() {
    assert_eq!(clock_settime(CLOCK_MONOTONIC, &TimeSpec::new(1, 0)).unwrap_err(), Errno::EINVAL);
    assert_eq!(clock_settime(CLOCK_REALTIME, &NO_TIME).unwrap_err(), Errno::EINVAL);
}

#[test]
fn clock_nanosleep_returns_after_its_time() {
    let until = clock_gettime(CLOCK_MONOTONIC).unwrap() + TimeSpec::from(Duration::from_millis(20));
    clock_nanosleep(CLOCK_MONOTONIC, &until).unwrap();
    assert!(clock_gettime(CLOCK_MONOTONIC).unwrap() >= until);
}

#[test]
fn clock_nanosleep_until_no_time_is_einval() {
    for time in [NO_TIME, TimeSpec::new(0, -1), TimeSpec::new(-1, 0)] {
        assert_eq!(clock_nanosleep(CLOCK_MONOTONIC, &time).unwrap_err(), Errno::EINVAL, "{time:?}");
    }
}

#[test]
fn a_handler_makes_clock_nanosleep_eintr_whatever_its_flags() {
    let later = clock_gettime(CLOCK_MONOTONIC).unwrap() + TimeSpec::from(Duration::from_secs(8));
    for flags in [SaFlags::empty(), SaFlags::SA_RESTART] {
        let slept =
            interrupted(&[libc::SYS_clock_nanosleep], flags, || clock_nanosleep(CLOCK_MONOTONIC, &later));
        assert_eq!(slept.unwrap_err(), Errno::EINTR);
    }
}
