//! `lab doctor`: says whether this machine can grade, and what to do if it cannot. It does not trust
//! version numbers: it tries each feature in a separate process.

use super::probe::{self, is};
use crate::compile::Tools;
use crate::sandbox::Limits;
use crate::submission::Source;
use crate::supervisor::{self, enter_namespace};
use crate::worker::{Answer, Job};
use clap::{ArgMatches, Command};
use colored::Colorize;
use ipc_workbook::lesson::kernel_release;
use ipc_workbook_tools::cli::{Failure, escape, format_flag, show, show_verbatim, wants_json};
use ipc_workbook_tools::temporary::Temporary;
use ipc_workbook_tools::workbook::labs;
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit};
use serde::Serialize;
use std::fmt::Write;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Stdio};

const CODES: &str = "\
Exit codes:
  0    this machine can grade
  2    wrong usage
  3    it cannot grade, or not everything; the remedy is printed below each failure";

pub(super) fn command() -> Command {
    Command::new("doctor")
        .about("Check whether this machine can grade, and print what to do if it cannot")
        .after_help(CODES)
        .arg(format_flag("Print text, or one JSON object"))
}

/// One feature that was tried.
#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    works: bool,
    /// Whether grading needs it. Root, for example, can grade without a user namespace.
    needed: bool,
    /// The error, if it failed.
    seen: Option<String>,
    remedies: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Diagnosis {
    can_grade: bool,
    kernel: String,
    checks: Vec<Check>,
}

/// Where a probe runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In an ordinary process.
    Here,
    /// In the namespaces that a submission is graded in.
    Namespace,
}

const PROBES: [(&str, &str, Place); 8] = [
    ("a user namespace", "user", Place::Here),
    ("an IPC namespace", "ipc", Place::Here),
    ("a mount namespace", "mount", Place::Here),
    ("a PID namespace", "pid", Place::Here),
    ("a network namespace", "net", Place::Here),
    (
        "a sandbox: a file tree of its own, and the limits of a submission and of a compiler",
        "sandbox",
        Place::Namespace,
    ),
    ("a schedule: seccomp notifications", "seccomp", Place::Namespace),
    ("a message queue of the usual size", "queue", Place::Namespace),
];

pub(super) fn run(args: &ArgMatches, root: &Path) -> Result<u8, Failure> {
    let mut checks = Vec::new();
    for (what, probe, place) in PROBES {
        checks.push(check(what, try_out(probe, place)?, place == Place::Namespace));
    }
    let has_sandbox = checks.iter().all(|check| check.works || !check.needed);
    checks.push(check(
        "a submission in C: cc",
        builds(root, has_sandbox, "main.c", "int main(void) { return 1; }\n"),
        true,
    ));
    let rust = "fn main() {\n    std::process::exit(1)\n}\n";
    checks.push(check(
        "a submission in Rust: rustc, cargo",
        builds(root, has_sandbox, "main.rs", rust),
        true,
    ));
    // A missing namespace does not matter if the sandbox works.
    for check in &mut checks {
        check.needed |= !has_sandbox;
    }
    let can_grade = checks.iter().all(|check| check.works || !check.needed);
    let diagnosis = Diagnosis { can_grade, kernel: kernel_release(), checks };
    if wants_json(args) {
        show_verbatim(&format!("{}\n", serde_json::to_string_pretty(&diagnosis).unwrap_or_default()))?;
    } else {
        show(&as_text(&diagnosis))?;
    }
    Ok(3 * u8::from(!can_grade))
}

fn check(what: &'static str, seen: Result<(), String>, needed: bool) -> Check {
    let seen = seen.err().map(|why| escape::lines(&why));
    let remedies = seen.as_deref().map(|why| remedies(what, why)).unwrap_or_default();
    Check { what, works: seen.is_none(), needed, seen, remedies }
}

fn as_text(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    let mut said: Vec<&String> = Vec::new();
    for check in &diagnosis.checks {
        let Some(seen) = &check.seen else {
            let _ = writeln!(text, "{} {}", "✔".green(), check.what);
            continue;
        };
        let (mark, note) =
            if check.needed { ("✘".red(), "") } else { ("-".normal(), " (grading does not need it)") };
        let _ =
            writeln!(text, "{mark} {}{note}\n    {}", check.what, seen.trim_end().replace('\n', "\n    "));
        for remedy in check.remedies.iter().filter(|_| check.needed) {
            if !said.contains(&remedy) {
                let _ = writeln!(text, "    {} {remedy}", "→".bold());
                said.push(remedy);
            }
        }
    }
    text + if diagnosis.can_grade {
        "This machine can grade.\n"
    } else {
        "This machine cannot grade everything; lines without ✔ show what is missing.\n"
    }
}

/// Runs one probe. The inner error says what failed.
fn try_out(what: &str, place: Place) -> Result<Result<(), String>, Failure> {
    let mut command = process::Command::new(std::env::current_exe()?);
    command.arg0(probe::NAME).arg(what).stdin(Stdio::null());
    if place == Place::Namespace {
        enter_namespace(&mut command, false);
    }
    let output = match command.output() {
        Ok(output) => output,
        // This says which step of creating the namespaces was refused.
        Err(error) => {
            return Ok(Err(match ipc_workbook::private::available() {
                Err(refused) => refused.to_string(),
                Ok(()) => format!("a PID namespace with a /proc of its own: {error}"),
            }));
        }
    };
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().trim_start_matches("lab: ");
    Ok(Err(if said.is_empty() { format!("the probe ended with {}", output.status) } else { said.into() }))
}

/// Builds and grades a small program, like any submission.
fn builds(root: &Path, has_sandbox: bool, name: &str, text: &str) -> Result<(), String> {
    if !has_sandbox {
        return Err("not tried: there is no sandbox to build it in".into());
    }
    let as_text = |failure: Failure| failure.to_string();
    let folder = Temporary::new(&std::env::temp_dir(), "lab-doctor-")
        .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
    let file = folder.path().join(name);
    fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    let source = Source::find(&file)?;
    let job = Job {
        root: root.into(),
        lab: labs::labs(root).map_err(as_text)?.swap_remove(0).name,
        submission: name.into(),
        tools: Tools::find(root, [&source]).map_err(as_text)?,
        source,
        show: vec![],
        shared: false,
        seed: Some(0),
        trace: false,
    };
    match supervisor::grade(&job, |_| {}).map_err(as_text)? {
        Answer::Graded(graded) => graded.refused.map_or(Ok(()), Err),
        Answer::Fault(why) => Err(why),
    }
}

/// Returns what to do about a failure.
fn remedies(what: &str, why: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut add = |remedy: &str| all.push(remedy.into());
    if why.starts_with("not tried") {
        return all;
    }
    if what.starts_with("a submission in C") {
        add("install a C compiler as /usr/bin/cc: apt-get install gcc libc6-dev, dnf install gcc");
        return all;
    }
    if what.starts_with("a submission in Rust") {
        add("install Rust, so that rustc and cargo are in PATH: https://rustup.rs");
        return all;
    }
    let low = low_limits();
    if why.starts_with("under the limits") && !low.is_empty() {
        return low;
    }
    let denied = is(why, Errno::EPERM)
        || is(why, Errno::EACCES)
        || why.contains("EPERM")
        || why.contains("os error 1)");
    if denied && sysctl("kernel/apparmor_restrict_unprivileged_userns") == Some(1) {
        add("as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
    }
    if denied && sysctl("kernel/unprivileged_userns_clone") == Some(0) {
        add("as root: sysctl -w kernel.unprivileged_userns_clone=1");
    }
    for (name, namespace) in
        [("user", "user"), ("ipc", "IPC"), ("mnt", "mount"), ("pid", "PID"), ("net", "network")]
    {
        let file = format!("user/max_{name}_namespaces");
        if sysctl(&file) == Some(0)
            || (why.contains("ENOSPC") && what.contains(&format!(" {namespace} namespace")))
        {
            add(&format!("as root: sysctl -w user.max_{name}_namespaces=15000"));
        }
    }
    if denied && in_container() {
        add(
            "start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined",
        );
    }
    if is(why, Errno::EMFILE) {
        add(
            "raise the limit on the bytes of message queues: ulimit -q 819200 (RLIMIT_MSGQUEUE; in a container --ulimit msgqueue=819200)",
        );
    }
    if is(why, Errno::EAGAIN) {
        add("raise the limit on processes with ulimit -u 4096, or end some processes");
    }
    if is(why, Errno::ENOSYS) || is(why, Errno::EINVAL) || is(why, Errno::ENODEV) {
        add(
            "use Linux 5.19 or later, built with CONFIG_USER_NS, CONFIG_IPC_NS, CONFIG_PID_NS, CONFIG_NET_NS, CONFIG_POSIX_MQUEUE, CONFIG_SYSVIPC, CONFIG_SECCOMP_FILTER",
        );
    }
    if why.contains("/tmp") {
        add("create /tmp: mkdir -m 1777 /tmp");
    }
    if all.is_empty() {
        let remedy = if in_container() {
            "start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined, or grade outside the container"
        } else {
            "try again as root; if it still fails, check whether a container, SELinux, AppArmor or a seccomp filter forbids it"
        };
        all.push(remedy.into());
    }
    all
}

fn sysctl(name: &str) -> Option<u64> {
    fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?.trim().parse().ok()
}

fn in_container() -> bool {
    ["/.dockerenv", "/run/.containerenv"].iter().any(|file| Path::new(file).exists())
        || std::env::var_os("container").is_some()
}

/// Returns a remedy for each hard limit that is lower than what a sandbox gives its programs.
fn low_limits() -> Vec<String> {
    let Limits { addresses, processes, file, cpu, .. } = Limits::BUILD;
    let addresses = addresses.unwrap_or(0);
    let limits = [
        (Resource::RLIMIT_AS, addresses, addresses >> 10, "v"),
        (Resource::RLIMIT_NPROC, processes, processes, "u"),
        (Resource::RLIMIT_FSIZE, file, file >> 10, "f"),
        (Resource::RLIMIT_CPU, cpu, cpu, "t"),
        (Resource::RLIMIT_NOFILE, 256, 256, "n"),
    ];
    let low = limits
        .into_iter()
        .filter(|(resource, wanted, ..)| getrlimit(*resource).is_ok_and(|(_, hard)| hard < *wanted));
    low.map(|(_, _, shown, flag)| format!("raise a hard limit that is too low: ulimit -H{flag} {shown}"))
        .collect()
}
