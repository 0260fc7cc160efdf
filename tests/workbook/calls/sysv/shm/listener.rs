//! The events that a listener gets about segments.

use super::*;

#[test]
fn a_listener_gets_the_calls_on_segments() {
    private(|| {
        let mut addresses = [0; 2];
        let all = heard(|| {
            let shmid = shmget(KEY, 5000, IPC_CREAT | IPC_EXCL | SHM_NORESERVE | 0o600).unwrap();
            assert_eq!(shmid, 0, "the first identifier of a new namespace");
            shmget(KEY, 5001, IPC_CREAT | 0o600).unwrap_err();
            let memory = shmat(shmid, None, 0).unwrap();
            let again = shmat(shmid, None, SHM_RDONLY).unwrap();
            addresses = [memory.address(), again.address()];
            shmat(shmid, at(0x1234_5678), SHM_REMAP | SHM_RND).unwrap_err();
            memory.write(0, b"unheard").unwrap();
            let ds = shmctl(shmid, IPC_STAT).unwrap();
            shmctl(shmid, IPC_SET(&ds)).unwrap();
            shmctl(shmid, SHM_LOCK).unwrap();
            shmctl(shmid, SHM_UNLOCK).unwrap();
            shmctl(shmid, IPC_RMID).unwrap();
            shmdt(again).unwrap();
            drop(memory);
            shmctl(shmid, IPC_RMID).unwrap_err();
        });
        let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
        let pid = pid();
        let [memory, again] = addresses;
        let want = format!(
            "creating
created Shm(0)
shmget(0x5ca1ab1e, 5000, IPC_CREAT|IPC_EXCL|SHM_NORESERVE|0600) = 0
settled
creating
shmget(0x5ca1ab1e, 5001, IPC_CREAT|0600) = -1 EINVAL (Invalid argument)
settled
shmat(0, NULL, 0) = {memory:#x}
shmat(0, NULL, SHM_RDONLY) = {again:#x}
shmat(0, 0x12345678, SHM_RND|SHM_REMAP) = -1 EINVAL (Invalid argument)
shmctl(0, IPC_STAT, {{shm_perm={{uid={uid}, gid={gid}, mode=0600, key=0x5ca1ab1e, ...}}, shm_segsz=5000, shm_cpid={pid}, shm_lpid={pid}, shm_nattch=2, ...}}) = 0
shmctl(0, IPC_SET, {{shm_perm={{uid={uid}, gid={gid}, mode=0600}}}}) = 0
shmctl(0, SHM_LOCK, NULL) = 0
shmctl(0, SHM_UNLOCK, NULL) = 0
shmctl(0, IPC_RMID, NULL) = 0
removed Shm(0)
shmdt({again:#x}) = 0
shmctl(0, IPC_RMID, NULL) = -1 EINVAL (Invalid argument)"
        );
        assert_eq!(all.join("\n"), want);
    });
}
