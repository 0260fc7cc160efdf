//! The events that a listener gets about shared memory.

use super::*;

#[test]
fn a_listener_gets_the_calls_on_shared_memory() {
    private(|| {
        let (mut fd, mut address) = (0, 0);
        let all = heard(|| {
            let object = shm_open(M, O_RDWR | O_CREAT | O_EXCL, 0o600).unwrap();
            fd = object.as_raw_fd();
            shm_open(M, O_RDWR | O_CREAT | O_EXCL, 0o640).unwrap_err();
            ftruncate(&object, 4096).unwrap();
            ftruncate(&object, -1).unwrap_err();
            let memory = mmap(None, 100, PROT_READ | PROT_WRITE, MAP_SHARED, &object, 0).unwrap();
            address = memory.address();
            let wish = NonZeroUsize::new(address);
            mmap(wish, 100, PROT_READ, MAP_PRIVATE, &object, 7).unwrap_err();
            memory.write(0, b"quiet").unwrap();
            munmap(memory).unwrap();
            shm_unlink(M).unwrap();
            shm_unlink(M).unwrap_err();
        });
        let want = [
            "creating".into(),
            "created shared memory /m".into(),
            format!(r#"shm_open("/m", O_RDWR|O_CREAT|O_EXCL, 0600) = {fd}"#),
            "settled".into(),
            "creating".into(),
            r#"shm_open("/m", O_RDWR|O_CREAT|O_EXCL, 0640) = -1 EEXIST (File exists)"#.into(),
            "settled".into(),
            format!("ftruncate({fd}, 4096) = 0"),
            format!("ftruncate({fd}, -1) = -1 EINVAL (Invalid argument)"),
            format!("mmap(NULL, 100, PROT_READ|PROT_WRITE, MAP_SHARED, {fd}, 0) = {address:#x}"),
            format!(
                "mmap({address:#x}, 100, PROT_READ, MAP_PRIVATE, {fd}, 7) = -1 EINVAL (Invalid argument)"
            ),
            format!("munmap({address:#x}, 100) = 0"),
            r#"shm_unlink("/m") = 0"#.into(),
            "removed shared memory /m".into(),
            r#"shm_unlink("/m") = -1 ENOENT (No such file or directory)"#.into(),
        ];
        assert_eq!(all, want);
    });
}
