//! A picture that no longer fits its recorded run stops the build.

use crate::broken::Copy;

#[test]
fn a_name_that_comes_back_by_itself_stops_the_build() {
    let copy = Copy::new();
    let recording = "lessons/13-refcount/output/refcount_demo.jsonl";
    copy.replace(recording, "\"st_nlink\":0,\"mq_curmsgs\":1", "\"st_nlink\":1,\"mq_curmsgs\":1");
    copy.stops(&["refcount_demo, event", "a call removed the name of the queue /refcount_demo"]);
}

#[test]
fn a_reference_that_no_call_made_stops_the_build() {
    let copy = Copy::new();
    let recording = "lessons/13-refcount/output/what_counts.jsonl";
    // Two opens have made two open file descriptions, and the snapshot says that they share one.
    copy.replace(
        recording,
        "\"open_file_descriptions\":2,\"mappings\":0,\"holders\":[{\"process\":\"A\",\"pid\":\"PID-1\",\"fd\":3,\"description\":0},{\"process\":\"A\",\"pid\":\"PID-1\",\"fd\":4,\"description\":1}",
        "\"open_file_descriptions\":1,\"mappings\":0,\"holders\":[{\"process\":\"A\",\"pid\":\"PID-1\",\"fd\":3,\"description\":0},{\"process\":\"A\",\"pid\":\"PID-1\",\"fd\":4,\"description\":0}",
    );
    copy.stops(&["what_counts, event", "which descriptors share an open file description"]);
}

#[test]
fn a_count_that_its_holders_contradict_stops_the_build() {
    let copy = Copy::new();
    let recording = "lessons/13-refcount/output/what_counts.jsonl";
    copy.replace(recording, "\"open_file_descriptions\":2", "\"open_file_descriptions\":3");
    copy.stops(&["what_counts, event", "a snapshot has open_file_descriptions 3"]);
}

#[test]
fn a_picture_of_a_removal_that_tells_something_else_stops_the_build() {
    let copy = Copy::new();
    let recording = "lessons/22-server-restart/output/removed_while_waiting.jsonl";
    copy.replace(
        recording,
        "1, 0) = -1 EIDRM (Identifier removed)",
        "1, 0) = -1 EINTR (Interrupted system call)",
    );
    copy.stops(&["22-server-restart/README.md:", "the picture removal", "has no msgsnd with EIDRM"]);
}

#[test]
fn a_tree_that_decides_otherwise_than_the_recorded_run_stops_the_build() {
    let copy = Copy::new();
    let recording = "lessons/12-permissions/output/mode_bits.jsonl";
    copy.replace(
        recording,
        "mq_open(\\\"/mode_bits\\\", O_WRONLY) = 5\",\"call\":\"mq_open\",\"ok\":true",
        "mq_open(\\\"/mode_bits\\\", O_WRONLY) = 5\",\"call\":\"mq_open\",\"ok\":false",
    );
    copy.stops(&[
        "12-permissions/README.md:",
        "with mode 0020, the tree decides true for a member of the group",
    ]);
}

#[test]
fn an_unknown_picture_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add("lessons/13-refcount/README.md", "\n<!-- picture: moon -->") + 1;
    copy.stops(&[&format!("13-refcount/README.md:{line}"), "there is no picture moon"]);
}
