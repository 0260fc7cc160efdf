//! The value of a semaphore, and the processes that wait for it.

use super::*;

// sem_wait, sem_trywait, sem_timedwait

#[test]
fn sem_wait_decrements_the_value() {
    private(|| {
        let sem = semaphore(2);
        sem_wait(&sem).unwrap();
        assert_eq!(value(), 1);
        sem_wait(&sem).unwrap();
        assert_eq!(value(), 0);
        unlink();
    });
}

#[test]
fn sem_wait_waits_while_the_value_is_zero() {
    private(|| {
        let sem = semaphore(0);
        let post = || sem_post(&sem_open(S, 0, 0, 0).unwrap()).unwrap();
        while_waiting(FUTEX, || sem_wait(&sem), post).unwrap();
        assert_eq!(value(), 0);
        unlink();
    });
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_sem_wait_eintr() {
    private(|| {
        let sem = semaphore(0);
        let result = interrupted(FUTEX, SaFlags::empty(), || sem_wait(&sem));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        unlink();
    });
}

#[test]
fn a_handler_with_sa_restart_leaves_sem_wait_waiting() {
    private(|| {
        let sem = semaphore(0);
        let post = || sem_post(&sem_open(S, 0, 0, 0).unwrap()).unwrap();
        restarted(FUTEX, || sem_wait(&sem), post).unwrap();
        assert_eq!(value(), 0);
        unlink();
    });
}

#[test]
fn sem_trywait_decrements_and_at_zero_is_eagain() {
    private(|| {
        let sem = semaphore(1);
        sem_trywait(&sem).unwrap();
        assert_eq!(value(), 0);
        assert_eq!(sem_trywait(&sem).unwrap_err(), Errno::EAGAIN);
        assert_eq!(value(), 0);
        unlink();
    });
}

#[test]
fn sem_timedwait_decrements_even_after_the_timeout() {
    private(|| {
        let sem = semaphore(1);
        sem_timedwait(&sem, &LONG_AGO).unwrap();
        assert_eq!(value(), 0);
        unlink();
    });
}

#[test]
fn sem_timedwait_waits_for_a_post() {
    private(|| {
        let sem = semaphore(0);
        let post = || sem_post(&sem_open(S, 0, 0, 0).unwrap()).unwrap();
        let deadline = from_now(Duration::from_secs(8));
        while_waiting(FUTEX, || sem_timedwait(&sem, &deadline), post).unwrap();
        assert_eq!(value(), 0);
        unlink();
    });
}

#[test]
fn sem_timedwait_at_zero_is_etimedout_after_the_timeout() {
    private(|| {
        let sem = semaphore(0);
        assert_eq!(sem_timedwait(&sem, &LONG_AGO).unwrap_err(), Errno::ETIMEDOUT);
        let deadline = from_now(Duration::from_millis(30));
        assert_eq!(sem_timedwait(&sem, &deadline).unwrap_err(), Errno::ETIMEDOUT);
        assert!(from_now(Duration::ZERO) >= deadline);
        unlink();
    });
}

#[test]
fn nanoseconds_out_of_range_are_einval_even_when_the_value_is_above_zero() {
    private(|| {
        let sem = semaphore(1);
        for nanoseconds in [-1, 1_000_000_000] {
            let result = sem_timedwait(&sem, &TimeSpec::new(1, nanoseconds));
            assert_eq!(result.unwrap_err(), Errno::EINVAL, "{nanoseconds}");
        }
        assert_eq!(value(), 1);
        sem_timedwait(&sem, &TimeSpec::new(1, 999_999_999)).unwrap();
        unlink();
    });
}

#[test]
fn a_handler_without_sa_restart_makes_a_waiting_sem_timedwait_eintr() {
    private(|| {
        let sem = semaphore(0);
        let deadline = from_now(Duration::from_secs(8));
        let result = interrupted(FUTEX, SaFlags::empty(), || sem_timedwait(&sem, &deadline));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        unlink();
    });
}

#[test]
fn a_handler_even_with_sa_restart_makes_a_waiting_sem_timedwait_eintr() {
    private(|| {
        let sem = semaphore(0);
        let deadline = from_now(Duration::from_secs(8));
        let result = interrupted(FUTEX, SaFlags::SA_RESTART, || sem_timedwait(&sem, &deadline));
        assert_eq!(result.unwrap_err(), Errno::EINTR);
        unlink();
    });
}

// sem_post, sem_getvalue

#[test]
fn sem_post_increments_the_value() {
    private(|| {
        let sem = semaphore(0);
        sem_post(&sem).unwrap();
        assert_eq!(value(), 1);
        unlink();
    });
}

#[test]
fn a_post_at_sem_value_max_is_eoverflow_and_changes_nothing() {
    private(|| {
        let sem = semaphore(SEM_VALUE_MAX - 1);
        sem_post(&sem).unwrap();
        assert_eq!(sem_post(&sem).unwrap_err(), Errno::EOVERFLOW);
        assert_eq!(value(), u64::from(SEM_VALUE_MAX));
        unlink();
    });
}

#[test]
fn sem_getvalue_returns_the_value_in_the_file() {
    private(|| {
        let sem = semaphore(41);
        sem_post(&sem_open(S, 0, 0, 0).unwrap()).unwrap();
        assert_eq!((sem_getvalue(&sem), value()), (Ok(42), 42));
        unlink();
    });
}

#[test]
fn sem_getvalue_returns_zero_while_a_process_waits() {
    private(|| {
        let sem = semaphore(0);
        let look_and_post = || {
            let sem = sem_open(S, 0, 0, 0).unwrap();
            assert_eq!(sem_getvalue(&sem), Ok(0));
            sem_post(&sem).unwrap();
        };
        while_waiting(FUTEX, || sem_wait(&sem), look_and_post).unwrap();
        unlink();
    });
}
