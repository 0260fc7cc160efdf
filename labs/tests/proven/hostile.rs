//! Hostile submissions get the grade that they deserve, and leave the machine as it was.
//!
//! Each is graded in a private namespace, which plays the machine for `lab`. A shell beside it lists objects,
//! processes, files, mounts and limits before and after.

use crate::support::limits::{numbers, stated};
use crate::support::*;
use crate::{Group, Named};
use ipc_workbook_testing::harness::Failed;
use serde_json::Value;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};

pub(crate) fn groups() -> Vec<Group> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile"));
    vec![Group { label: "hostile", enough: 1, trials: files(folder).into_iter().map(trial).collect() }]
}

fn trial(file: PathBuf) -> Named {
    let what = name(&file).trim_end_matches(".c").replace('-', "_");
    // Some of them use up RLIMIT_MSGQUEUE, which limits the queues of all programs that this user runs.
    Named::new(format!("what_{what}_gains_nothing_and_harms_nobody"), move || hostile(&file)).alone()
}

/// Sets up things that could be harmed, and lists them. `$1` is the program, `$2` a folder with a result,
/// `$3` the lab.
const BESIDE: &str = r#"
listing() {
    ls -la --time-style=+ /dev/shm /dev/mqueue "$2"
    df /dev/shm
    cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm /proc/self/mounts
    for process in /proc/[0-9]*; do
        name=$(cat "$process/comm" 2>/dev/null) && case $name in sh | ls | cat) ;; *) echo "process $name" ;; esac
    done
    ulimit -a; cat /proc/sys/user/max_user_namespaces "$2"/*
}
echo precious >/dev/shm/precious
ulimit -Sn 1024 # as after a login
before=$(listing "$@")
"$LAB" check "$3" --format json --program "$1" >"$2.graded"
code=$?
after=$(listing "$@")
[ "$before" = "$after" ] || { echo "$before" >"$2.before"; echo "$after" | diff "$2.before" - >&2; exit 99; }
cat "$2.graded"
exit $code
"#;

/// Returns the lab that a program is submitted to: the one named on its first line, or exact-mode.
fn lab_of(file: &Path) -> Result<String, Failed> {
    let text = std::fs::read_to_string(file)?;
    let named = text.lines().next().and_then(|line| line.split_once("lab: ")?.1.split_whitespace().next());
    Ok(named.unwrap_or("exact-mode").into())
}

fn hostile(file: &Path) -> Result<(), Failed> {
    let scratch = Folder::new(&name(file));
    let results = scratch.join("results");
    std::fs::create_dir(&results)?;
    std::fs::write(results.join("results.json"), "as it was\n")?;
    // Two sockets outside the sandbox; no submission may reach them.
    let tcp = TcpListener::bind("127.0.0.1:0")?;
    let abstract_name = format!("hostile-{}-{}", std::process::id(), name(file));
    let unix = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&abstract_name)?)?;
    let program = scratch.join("program");
    let mut cc = cc_submission(file, &program);
    cc.arg(format!("-DPORT={}", tcp.local_addr()?.port())).arg(format!("-DSOCKET=\"{abstract_name}\""));
    run(&mut cc, 0);

    let mut beside = command("sh");
    beside.args(["-c", BESIDE, "sh"]).args([&program, &results]).arg(lab_of(file)?);
    beside.env("LAB", env!("CARGO_BIN_EXE_lab")).env("LC_ALL", "C");
    enter_with_own_processes(&mut beside, User::Me, Mqueue::Mounted);
    let output = beside.output()?;
    let graded: Value =
        serde_json::from_slice(&output.stdout).map_err(|_| format!("no grade: {}", describe(&output)))?;
    let points: u64 =
        lines(&graded).filter(|line| line["passed"] == true).filter_map(|line| line["points"].as_u64()).sum();
    let text = graded.to_string();
    names_the_limits_of_the_page(&text);
    let nobody_came = [tcp.set_nonblocking(true), unix.set_nonblocking(true)].iter().all(Result::is_ok)
        && tcp.accept().is_err()
        && unix.accept().is_err();
    if output.status.code() == Some(1) && points == 0 && !text.contains("/escaped-") && nobody_came {
        Ok(())
    } else {
        Err(format!("{points} points, {graded:#}\n{}", describe(&output)).into())
    }
}

/// Panics if a grade names a limit that the page for lecturers does not state.
fn names_the_limits_of_the_page(graded: &str) {
    const RESOURCES: [(&str, &str); 3] = [
        ("MiB of memory", "memory of all processes and objects together"),
        ("files open", "open files of all processes together"),
        ("MiB", "standard output, and standard error"),
    ];
    for message in graded.split("more than ").skip(1) {
        let Some((number, unit)) = message.split_once(' ') else { continue };
        if let (Ok(number), Some((_, resource))) =
            (number.parse::<u64>(), RESOURCES.iter().find(|(known, _)| unit.starts_with(known)))
        {
            assert_eq!(numbers(&stated(resource)), [number], "{resource}");
        }
    }
}
