//! The processes that wait on a queue, and the one that is registered for its notification.

use super::*;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_notify, mq_open, mq_receive, mq_send};
use ipc_workbook::observe::command_of;
use ipc_workbook::signal::{SigEvent, SigVal};
use ipc_workbook_testing::child::Forked;
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CStr;
use std::time::Duration;

/// Creates a queue with room for one message.
fn small_queue(name: &CStr) -> Mqd {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 8))).expect("mq_open")
}

/// Lists until the queue has this many waiters.
fn list_with_waiters(shell: &Shell, queue: &str, waiters: usize) -> Value {
    for _ in 0..100 {
        let list = shell.list();
        if object(&list, "mq", queue)["waiting"].as_array().map(Vec::len) == Some(waiters) {
            return list;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{}: not {waiters} waiters: {:#}", shell.program, shell.list());
}

#[test]
fn a_process_that_waits_on_a_queue_is_listed_with_its_call() {
    private(|| {
        let (empty, full, idle) = (small_queue(c"/empty"), small_queue(c"/full"), small_queue(c"/idle"));
        mq_send(&full, b"first", 0).expect("mq_send");
        let receiver = Forked::start(|| mq_receive(&empty, &mut [0; 8]));
        let sender = Forked::start(|| mq_send(&full, b"second", 0));
        for shell in shells() {
            list_with_waiters(&shell, "/empty", 1);
            let list = list_with_waiters(&shell, "/full", 1);
            for (queue, pid, call) in
                [("/empty", receiver.pid(), "mq_receive"), ("/full", sender.pid(), "mq_send")]
            {
                let command = command_of(pid).expect("a name");
                let want = json!([{"pid": pid, "command": command, "call": call}]);
                assert_eq!(object(&list, "mq", queue)["waiting"], want, "{}", shell.program);
                let table = text(&run(&mut shell.script("list_ipc.sh"), 0).stdout);
                let line = format!("waiting: {queue}: {pid} ({command}) in {call}\n");
                assert!(table.contains(&line), "{}: {table}", shell.program);
            }
            assert_eq!(object(&list, "mq", "/idle")["waiting"], json!([]), "{}", shell.program);
        }
        drop((receiver, sender)); // this kills them
        list_with_waiters(&a_shell(), "/empty", 0);
        drop((empty, full, idle));
        remove_all();
    });
}

#[test]
fn the_registered_process_of_a_queue_is_listed() {
    private(|| {
        let mq = queue("/queue");
        let me = std::process::id();
        let command = command_of(me.cast_signed()).expect("a name");
        let by_signal = SigEvent::Signal { sigev_signo: libc::SIGUSR1, sigev_value: SigVal::new(0) };
        for shell in shells() {
            assert_eq!(object(&shell.list(), "mq", "/queue")["notify"], Value::Null, "{}", shell.program);
            for (event, how, words) in
                [(by_signal, "signal 10", "signal 10"), (SigEvent::None, "none", "without a notification")]
            {
                mq_notify(&mq, Some(&event)).expect("mq_notify");
                let want = json!({"pid": me, "command": command, "how": how});
                assert_eq!(object(&shell.list(), "mq", "/queue")["notify"], want, "{}", shell.program);
                let table = text(&run(&mut shell.script("list_ipc.sh"), 0).stdout);
                let line = format!("registered: /queue: {me} ({command}), {words}\n");
                assert!(table.contains(&line), "{}: {table}", shell.program);
                mq_notify(&mq, None).expect("mq_notify");
            }
        }
        drop(mq);
        remove_all();
    });
}
