//! The events that a listener gets about semaphores.

use super::*;

#[test]
fn a_listener_gets_the_calls_on_semaphores() {
    private(|| {
        let mut address = std::ptr::null_mut();
        let all = heard(|| {
            let sem = sem_open(S, O_CREAT | O_EXCL, 0o640, 1).unwrap();
            address = sem.as_ptr();
            sem_open(S, O_CREAT | O_EXCL | O_RDWR, 0o640, 1).unwrap_err();
            sem_open(S, 0, 0, 0).unwrap();
            sem_wait(&sem).unwrap();
            sem_trywait(&sem).unwrap_err();
            sem_timedwait(&sem, &TimeSpec::new(1, 5)).unwrap_err();
            sem_post(&sem).unwrap();
            sem_getvalue(&sem).unwrap();
            sem_unlink(S).unwrap();
            sem_unlink(S).unwrap_err();
            sem_close(sem).unwrap();
        });
        let want = [
            "creating".into(),
            "created semaphore /s".into(),
            format!(r#"sem_open("/s", O_CREAT|O_EXCL, 0640, 1) = {address:p}"#),
            "settled".into(),
            "creating".into(),
            r#"sem_open("/s", O_CREAT|O_EXCL|O_RDWR, 0640, 1) = -1 EEXIST (File exists)"#.into(),
            "settled".into(),
            "creating".into(),
            format!(r#"sem_open("/s", 0) = {address:p}"#),
            "settled".into(),
            format!("sem_wait({address:p}) = 0"),
            format!("sem_trywait({address:p}) = -1 EAGAIN (Resource temporarily unavailable)"),
            format!(
                "sem_timedwait({address:p}, {{tv_sec=1, tv_nsec=5}}) = -1 ETIMEDOUT (Connection timed out)"
            ),
            format!("sem_post({address:p}) = 0"),
            format!("sem_getvalue({address:p}, [1]) = 0"),
            r#"sem_unlink("/s") = 0"#.into(),
            "removed semaphore /s".into(),
            r#"sem_unlink("/s") = -1 ENOENT (No such file or directory)"#.into(),
            format!("sem_close({address:p}) = 0"),
        ];
        assert_eq!(all, want);
    });
}
