//! Runs a lesson under strace, to record its calls or to make one of them fail.

use ipc_workbook_testing::calls::CALLS;
use ipc_workbook_testing::prelude::*;
use std::collections::BTreeMap;
use std::process::Output;

/// The name of the lessons' objects.
pub(super) const NAME: &str = "/usual";
const PATHS: [&str; 3] = ["/dev/shm/usual", "/dev/shm/sem.usual", "/usual"];

/// Runs the lesson undisturbed under strace, and returns the occurrences of its calls, by name.
pub(super) fn record(lesson: &str) -> BTreeMap<String, Vec<u32>> {
    let folder = Folder::new("strace");
    let file = folder.join("trace");
    let names: Vec<&str> = CALLS.iter().map(|call| call.name).chain(["rt_sigaction"]).collect();
    let mut command = command("strace");
    command.args(["-f", "-y", "-qq", "--seccomp-bpf", "-o"]).arg(&file);
    // The question mark lets strace ignore a call that this machine does not have.
    let trace: Vec<String> = names.iter().map(|name| format!("?{name}")).collect();
    command.arg("-e").arg(format!("trace={}", trace.join(",")));
    command.arg(program(lesson)).args(["--format", "json", "--name", NAME]);
    let output = limited(&mut command);
    let trace = std::fs::read_to_string(file).unwrap_or_default();
    assert!(output.status.success() && !trace.is_empty(), "strace of {lesson}: {}", describe(&output));

    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut occurrences: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let leader = trace.split_whitespace().next().expect("a pid");
    // The earlier calls belong to the loader and the runtime.
    let mut begun = false;
    let mut before: BTreeMap<&str, u32> = BTreeMap::new();
    let mut elsewhere: Vec<&str> = Vec::new();
    for line in trace.lines() {
        let Some((pid, rest)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = rest.trim_start().split_once('(') else { continue };
        begun |= name == "rt_sigaction" && arguments.starts_with("SIGINT, {sa_handler=0x");
        let Some(call) = CALLS.iter().find(|call| call.name == name) else { continue };
        if name == "futex" && !arguments.contains("FUTEX_WAIT") {
            continue; // made by a library for itself
        }
        let on_object = PATHS.iter().any(|path| {
            arguments.contains(&format!("\"{path}\"")) || arguments.contains(&format!("<{path}>"))
        });
        if call.on_objects && !on_object {
            continue;
        }
        let count = counts.entry((pid, call.name)).or_default();
        *count += 1;
        if !begun {
            before.insert(call.name, *count);
        }
        // strace counts separately in each process. A number that is small enough for a child may therefore
        // also hit a call of the loader in the first process.
        let early = name != "execve" && before.get(call.name).is_some_and(|loader| *count <= *loader);
        if begun && !early && !elsewhere.contains(&pid) {
            occurrences.entry(name.to_string()).or_default().push(*count);
        }
        if name == "execve" && pid != leader && rest.contains(" = 0") {
            elsewhere.push(pid); // the process runs another program from here on
        }
    }
    for list in occurrences.values_mut() {
        list.sort_unstable();
        list.dedup();
        *list = edges(list);
    }
    occurrences
}

/// Returns all numbers or, if there are many, the first, the last, and some in between.
fn edges(all: &[u32]) -> Vec<u32> {
    const EDGE: usize = 3;
    if all.len() <= 4 * EDGE {
        return all.to_vec();
    }
    let between = &all[EDGE..all.len() - EDGE];
    let mut some: Vec<u32> = all[..EDGE].to_vec();
    some.extend(between.iter().step_by(between.len().div_ceil(EDGE)));
    some.extend(&all[all.len() - EDGE..]);
    some
}

/// Runs the lesson while occurrence `when` of `call` fails. Returns its output and the log of strace. There is no output
/// if the failure was a lost wake-up: then a thread waits forever, and no program could notice that.
pub(super) fn injected(
    lesson: &str,
    call: &str,
    on_objects: bool,
    errno: &str,
    when: &str,
) -> (Option<Output>, String) {
    let folder = Folder::new("strace");
    let file = folder.join("trace");
    let mut command = command("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-o"]).arg(&file);
    command.arg("-e").arg(format!("trace={call}"));
    command.arg("-e").arg(format!("inject={call}:error={errno}:when={when}"));
    if on_objects {
        for path in PATHS {
            command.args(["-P", path]);
        }
    }
    command.arg(program(lesson)).args(["--format", "json", "--name", NAME]);
    // strace ends only when all processes that it follows have ended, so none is left.
    let ended = limited_or_late(&mut command);
    let trace = std::fs::read_to_string(file).unwrap_or_default();
    let injections: Vec<&str> = trace.lines().filter(|line| line.contains("(INJECTED)")).collect();
    let lost_a_wake_up = injections.iter().any(|line| line.contains("FUTEX_WAKE"));
    match ended {
        Ok(output) => (Some(output), injections.join("\n")),
        Err(_) if lost_a_wake_up => (None, injections.join("\n")),
        Err(late) => panic!("{late}"),
    }
}
