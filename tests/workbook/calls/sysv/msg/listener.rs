//! The events that a listener gets about queues.

use super::*;

#[test]
fn a_listener_gets_the_calls_on_queues() {
    private(|| {
        let all = heard(|| {
            let msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600).unwrap();
            assert_eq!(msqid, 0, "the first identifier of a new namespace");
            msgget(KEY, IPC_CREAT | 0o600).unwrap();
            msgget(KEY + 1, 0).unwrap_err();
            msgsnd(msqid, 1, b"a\0b\n\"", IPC_NOWAIT).unwrap();
            msgsnd(msqid, 2, &[b'x'; 33], 0).unwrap();
            msgrcv(msqid, &mut [0; 8], 0, 0).unwrap();
            msgrcv(msqid, &mut [0; 8], 2, MSG_NOERROR | IPC_NOWAIT).unwrap();
            msgrcv(msqid, &mut [0; 8], -1, IPC_NOWAIT).unwrap_err();
            let mut ds = msgctl(msqid, IPC_STAT).unwrap();
            ds.msg_perm.mode = 0o40;
            msgctl(msqid, IPC_SET(&ds)).unwrap();
            msgctl(msqid, IPC_RMID).unwrap();
            msgctl(msqid, IPC_RMID).unwrap_err();
        });
        let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
        let pid = pid();
        let x32 = "x".repeat(32);
        let want = format!(
            r#"creating
created Msg(0)
msgget(0x5ca1ab1e, IPC_CREAT|IPC_EXCL|0600) = 0
settled
creating
msgget(0x5ca1ab1e, IPC_CREAT|0600) = 0
settled
creating
msgget(0x5ca1ab1f, 0) = -1 ENOENT (No such file or directory)
settled
msgsnd(0, {{mtype=1, mtext="a\0b\n\""}}, 5, IPC_NOWAIT) = 0
msgsnd(0, {{mtype=2, mtext="{x32}"...}}, 33, 0) = 0
msgrcv(0, {{mtype=1, mtext="a\0b\n\""}}, 8, 0, 0) = 5
msgrcv(0, {{mtype=2, mtext="xxxxxxxx"}}, 8, 2, MSG_NOERROR|IPC_NOWAIT) = 8
msgrcv(0, msgp, 8, -1, IPC_NOWAIT) = -1 ENOMSG (No message of desired type)
msgctl(0, IPC_STAT, {{msg_perm={{uid={uid}, gid={gid}, mode=0600, key=0x5ca1ab1e, ...}}, msg_cbytes=0, msg_qnum=0, msg_qbytes=16384, msg_lspid={pid}, msg_lrpid={pid}, ...}}) = 0
msgctl(0, IPC_SET, {{msg_perm={{uid={uid}, gid={gid}, mode=0040}}, msg_qbytes=16384}}) = 0
msgctl(0, IPC_RMID, NULL) = 0
removed Msg(0)
msgctl(0, IPC_RMID, NULL) = -1 EINVAL (Invalid argument)"#
        );
        assert_eq!(all.join("\n"), want);
    });
}
