//! The pictures that play a recorded run: a recording that contradicts its picture stops the build, and so does a
//! recording that no longer has what the picture needs.

use crate::broken::Copy;
use std::fs;

/// A change of a recording: its file, a piece of it, what replaces the piece, and words of the error.
type Change = (&'static str, &'static str, &'static str, &'static [&'static str]);

fn refused(picture: &str, page: &str, changes: &[Change]) {
    for (file, piece, by, words) in changes {
        let copy = Copy::new();
        let file = format!("lessons/{file}");
        copy.replace(&file, piece, by);
        let page = format!("lessons/{page}/README.md");
        let text = fs::read_to_string(copy.file(&page)).expect("a page");
        let line = text.lines().position(|line| line == format!("<!-- picture: {picture} -->"));
        let place = format!("{page}:{}: ", line.expect("the picture") + 1);
        copy.stops(&[&[&*place, &format!("the picture {picture}"), "scripts/record"][..], words].concat());
    }
}

#[test]
fn a_changed_order_of_messages_stops_the_build() {
    let run = "32-sending-and-receiving/output/priority_order.jsonl";
    refused(
        "queue-order",
        "32-sending-and-receiving",
        &[
            (
                run,
                r#"mq_receive(3, \"second\""#,
                r#"mq_receive(3, \"third\""#,
                &["the next message is “second”"],
            ),
            (run, "[5]) = 6", "[1]) = 6", &["its priority is 5"]),
        ],
    );
}

#[test]
fn a_changed_handover_to_a_receiver_stops_the_build() {
    let run = "32-sending-and-receiving/output/waiting_receivers.jsonl";
    refused(
        "waiting-receivers",
        "32-sending-and-receiving",
        &[
            (run, "mq_curmsgs=0}", "mq_curmsgs=1}", &["mq_curmsgs must be 0, not 1"]),
            (
                run,
                r#"mq_receive(4, \"second\""#,
                r#"mq_receive(4, \"third\""#,
                &["the next message is “second”"],
            ),
        ],
    );
}

#[test]
fn a_changed_place_of_a_sender_stops_the_build() {
    let run = "32-sending-and-receiving/output/waiting_senders.jsonl";
    refused(
        "waiting-senders",
        "32-sending-and-receiving",
        &[
            (
                run,
                "-1 EAGAIN (Resource temporarily unavailable)",
                "0",
                &["the queue is full", "EAGAIN, not success"],
            ),
            (
                run,
                "a-waiting-sender-gets-the-free-place-at-once\",\"held\":true",
                "a-waiting-sender-gets-the-free-place-at-once\",\"held\":false",
                &["a-waiting-sender-gets-the-free-place-at-once did not hold"],
            ),
        ],
    );
}

#[test]
fn a_changed_identifier_stops_the_build() {
    let run = "21-system-v-keys/output/key_vs_id.jsonl";
    let changes: &[Change] =
        &[(run, "\"msqid\":32770", "\"msqid\":32769", &["slot 1 holds an object with sequence number 0"])];
    refused("identifiers", "21-system-v-keys", changes);
    // Both figures take the length of a round from key_vs_id. The builder reports the last page with an error.
    let changes: &[Change] = &[(
        run,
        "with-32768-added\",\"held\":true,\"got\":\"32770\"",
        "with-32768-added\",\"held\":true,\"got\":\"2\"",
        &["1 rounds of the slots add 0"],
    )];
    refused("stale-identifier", "22-server-restart", changes);
    let run = "22-server-restart/output/stale_id_demo.jsonl";
    let changes: &[Change] = &[(
        run,
        "\"semid\":32768",
        "\"semid\":32769",
        &["the slot is empty, so it must return EINVAL, not success"],
    )];
    refused("stale-identifier", "22-server-restart", changes);
}

#[test]
fn a_changed_value_or_undo_stops_the_build() {
    let run = "21-system-v-keys/output/svsem_demo.jsonl";
    let changes: &[Change] = &[
        (run, "GETVAL) = 1", "GETVAL) = 0", &["the value is 1, not 0"]),
        (run, "GETALL, [0, 1]", "GETALL, [1, 1]", &["the values are [0, 1]"]),
    ];
    refused("semaphore-set", "21-system-v-keys", changes);
    let run = "21-system-v-keys/output/sem_undo.jsonl";
    let changes: &[Change] =
        &[(run, "GETVAL) = 32767", "GETVAL) = 32766", &["the value is 32767, not 32766"])];
    refused("semaphore-undo", "21-system-v-keys", changes);
}

#[test]
fn a_changed_attachment_or_signal_stops_the_build() {
    let run = "21-system-v-keys/output/svshm_demo.jsonl";
    let changes: &[Change] = &[(run, "\"nattch\":3", "\"nattch\":4", &["nattch must be 3, not 4"])];
    refused("attached-segment", "21-system-v-keys", changes);
    let run = "36-linux/output/small_dev_shm.jsonl";
    let changes: &[Change] = &[
        (run, "[killed by SIGBUS]", "[exited 0]", &["SIGBUS must end C"]),
        (
            run,
            ", 65536) = 65536",
            ", 65536) = 32768",
            &["the file system has room, so it must return success"],
        ),
    ];
    refused("sigbus", "36-linux", changes);
}

#[test]
fn a_race_that_contradicts_the_lesson_stops_the_build() {
    let run = "21-system-v-keys/output/sem_init_race.jsonl";
    let orders = "21-system-v-keys/output/orders.json";
    let taken = r#"{0, -1, IPC_NOWAIT}], 1) = 0","call":"semop","ok":true,"errno":null"#;
    let refused_call =
        r#"{0, -1, IPC_NOWAIT}], 1) = -1 EAGAIN (x)","call":"semop","ok":false,"errno":"EAGAIN""#;
    let changes: &[Change] = &[
        (run, taken, refused_call, &["orders.json contradicts the recorded run of sem_init_race", "ABAABB"]),
        (orders, "\"AAABBB\"", "\"AABABB\"", &["not all 20 orders are there"]),
    ];
    refused("initialisation-race", "21-system-v-keys", changes);
}

#[test]
fn a_cell_of_the_poster_without_its_claim_or_call_stops_the_build() {
    let names = "11-open-close-unlink/output/name_rules.jsonl";
    let claim = "a-semaphore-name-with-one-slash-opens-the-object";
    let held = format!("{claim}\",\"held\":true");
    let copy = Copy::new();
    copy.replace(&format!("lessons/{names}"), &held, &format!("{claim}\",\"held\":null"));
    copy.stops(&["lessons/README.md:", "the picture six-mechanisms", "POSIX semaphore, its name", claim]);
    let copy = Copy::new();
    let run = "lessons/11-open-close-unlink/output/demo_mq.jsonl";
    let text = fs::read_to_string(copy.file(run)).expect("a recording");
    fs::write(copy.file(run), text.replace("mq_unlink(", "mq_remove(")).expect("written");
    copy.stops(&[
        "lessons/README.md:",
        "six-mechanisms",
        "POSIX message queue, how to remove it",
        "mq_unlink",
    ]);
}
