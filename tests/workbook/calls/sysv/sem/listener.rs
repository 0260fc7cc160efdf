//! The events that a listener gets about sets.

use super::*;

#[test]
fn a_listener_gets_the_calls_on_sets() {
    private(|| {
        let all = heard(|| {
            let semid = semget(IPC_PRIVATE, 2, 0o600).unwrap();
            assert_eq!(semid, 0, "the first identifier of a new namespace");
            semget(KEY, 2, IPC_CREAT | IPC_EXCL | 0o600).unwrap();
            semget(KEY, 0, 0).unwrap();
            semop(0, &[Sembuf::new(0, 2, SEM_UNDO), Sembuf::new(1, 0, IPC_NOWAIT)]).unwrap();
            semop(0, &[Sembuf::new(1, -1, SEM_UNDO | IPC_NOWAIT)]).unwrap_err();
            semctl(0, 1, SETVAL(3)).unwrap();
            semctl(0, 1, GETVAL).unwrap();
            semctl(0, 0, GETALL).unwrap();
            semctl(0, 0, SETALL(&[7, 8])).unwrap();
            semctl(0, 0, GETNCNT).unwrap();
            semctl(0, 0, GETZCNT).unwrap();
            semctl(0, 0, GETPID).unwrap();
            semctl(0, 9, GETVAL).unwrap_err();
            let ds = semctl(1, 0, IPC_STAT).unwrap();
            semctl(1, 0, IPC_SET(&ds)).unwrap();
            semctl(0, 0, IPC_RMID).unwrap();
            semctl(1, 0, IPC_RMID).unwrap();
            semctl(1, 0, GETALL).unwrap_err();
        });
        let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
        let pid = pid();
        let want = format!(
            "creating
created Sem(0)
semget(IPC_PRIVATE, 2, 0600) = 0
settled
creating
created Sem(1)
semget(0x5ca1ab1e, 2, IPC_CREAT|IPC_EXCL|0600) = 1
settled
creating
semget(0x5ca1ab1e, 0, 0) = 1
settled
semop(0, [{{0, 2, SEM_UNDO}}, {{1, 0, IPC_NOWAIT}}], 2) = 0
semop(0, [{{1, -1, SEM_UNDO|IPC_NOWAIT}}], 1) = -1 EAGAIN (Resource temporarily unavailable)
semctl(0, 1, SETVAL, 3) = 0
semctl(0, 1, GETVAL) = 3
semctl(0, 0, GETALL, [2, 3]) = 0
semctl(0, 0, SETALL, [7, 8]) = 0
semctl(0, 0, GETNCNT) = 0
semctl(0, 0, GETZCNT) = 0
semctl(0, 0, GETPID) = {pid}
semctl(0, 9, GETVAL) = -1 EINVAL (Invalid argument)
semctl(1, 0, IPC_STAT, {{sem_perm={{uid={uid}, gid={gid}, mode=0600, key=0x5ca1ab1e, ...}}, sem_otime=0, sem_nsems=2, ...}}) = 0
semctl(1, 0, IPC_SET, {{sem_perm={{uid={uid}, gid={gid}, mode=0600}}}}) = 0
semctl(0, 0, IPC_RMID) = 0
removed Sem(0)
semctl(1, 0, IPC_RMID) = 0
removed Sem(1)
semctl(1, 0, GETALL, array) = -1 EINVAL (Invalid argument)"
        );
        assert_eq!(all.join("\n"), want);
    });
}
