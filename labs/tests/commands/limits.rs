//! A submission has the limits that the page for lecturers states. `proven` tests those that no program can
//! ask for, such as the memory of all processes together.

use crate::support::limits::{numbers, stated};
use crate::support::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Prints its limits: those of /proc/PID/limits on one line by their names there, then the sizes of its folders.
/// A grade shows the last five lines of standard error.
const SHOW: &str = r#"#!/bin/sh
{
	sed -En 's/^Max (cpu time|file size|processes|open files|msgqueue size) +([0-9]+) .*/\1 = \2/p' /proc/self/limits |
		tr '\n' ';'
	echo
	for folder in /dev/shm . /tmp; do
		df -k --output=size,itotal "$folder" | sed -En "s|^ *([0-9]+) +([0-9]+)$|$folder = \1;$folder files = \2|p"
	done
} >&2
exit 1
"#;

const MIB: u64 = 1 << 20;

#[test]
fn a_program_has_the_limits_of_the_page() {
    let folder = Folder::new("limits");
    let program = folder.join("show.sh");
    fs::write(&program, SHOW).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let graded = graded("exact-mode", &program).unwrap();
    let printed = graded["lines"][0]["runs"][0]["stderr"].as_array().expect("lines");
    let shown = printed.iter().filter_map(|line| line.as_str()).collect::<Vec<_>>().join(";");
    let limit = |name: &str| {
        let after = shown.split(';').find_map(|limit| limit.strip_prefix(&format!("{name} = ")));
        after.and_then(|text| numbers(text).first().copied()).unwrap_or_else(|| panic!("{name}: {shown}"))
    };
    let first = |resource| numbers(&stated(resource))[0];
    assert_eq!(limit("open files"), first("open files of a process"));
    assert_eq!(limit("cpu time"), first("processor time of a process"));
    assert_eq!(limit("file size"), first("a file, or an object in `/dev/shm`") * MIB);
    assert_eq!(limit("msgqueue size"), first("POSIX message queues"));
    // The processes that the user has outside the sandbox are added to this limit, because the kernel counts them.
    assert!(limit("processes") >= first("processes and threads together"), "{shown}");
    let folders = numbers(&stated("`/dev/shm`, the folder where it starts, and `/tmp`"));
    for folder in ["/dev/shm", ".", "/tmp"] {
        let sizes = [limit(folder) / 1024, limit(&format!("{folder} files"))];
        assert_eq!(sizes, folders[..], "{folder}: {shown}");
    }
}
