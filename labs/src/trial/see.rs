//! The command with which a student sees for himself what was observed. A lab writes it with words in
//! capitals, in whose place comes what this program has done:
//!
//! | word | in its place |
//! | --- | --- |
//! | `CALLS` | the calls that it has made, of those that others may notice |
//! | `CALL`, `WHEN` | the call before which the grader killed it or had fail, and which of this name it was |
//! | `PROGRAM` | the program's path; whoever prints the command knows it |
//!
//! Where the grader did nothing to the program, the command is the one without `strace`.

use crate::sandbox::Intervention;

/// The command for this program.
pub(super) fn command(template: &str, calls: &[String], intervention: Option<&Intervention>) -> String {
    let mut command = template.to_string();
    if command.contains("CALL:") {
        command = match intervention {
            Some(Intervention { call, when }) => {
                command.replace("CALL:", &format!("{call}:")).replace("WHEN", &when.to_string())
            }
            None => without_strace(&command),
        };
    }
    // strace does not know what the sandbox has no name for.
    let calls: Vec<&str> = calls.iter().map(String::as_str).filter(|call| !call.contains(' ')).collect();
    if calls.is_empty() {
        let command = if command.contains("inject=CALLS:") { without_strace(&command) } else { command };
        return command.replace("-e CALLS ", "").replace("CALLS,", "");
    }
    command.replace("CALLS", &calls.join(","))
}

/// Of each `strace … PROGRAM` in which a call is injected, `PROGRAM`.
fn without_strace(command: &str) -> String {
    let mut rest = command;
    let mut plain = String::new();
    while let Some((before, traced)) = rest.split_once("strace ") {
        plain.push_str(before);
        let (options, program) = traced.split_at(traced.find("PROGRAM").unwrap_or(0));
        if !options.contains("inject=") {
            plain.push_str("strace ");
            plain.push_str(options);
        }
        rest = program;
    }
    plain + rest
}
