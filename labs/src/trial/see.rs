//! Makes the command with which students can see for themselves what was observed. A lab writes it with words
//! in capitals, which are replaced for each program:
//!
//! | word | replaced by |
//! | --- | --- |
//! | `CALLS` | the noticeable calls that the program made |
//! | `CALL`, `WHEN` | the call before which the grader killed it, or that it made fail; and the number of that call among those of the same name |
//! | `PROGRAM` | the program's path; replaced where the command is printed |
//!
//! If the grader did not intervene, the command is used without `strace`.

use crate::sandbox::Intervention;

/// Returns the command for this program.
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
    // strace does not know `system call 999`, the name of a call that is not in the table.
    let calls: Vec<&str> = calls.iter().map(String::as_str).filter(|call| !call.contains(' ')).collect();
    if calls.is_empty() {
        let command = if command.contains("inject=CALLS:") { without_strace(&command) } else { command };
        return command.replace("-e CALLS ", "").replace("CALLS,", "");
    }
    command.replace("CALLS", &calls.join(","))
}

/// Replaces each `strace … PROGRAM` that injects into a call by `PROGRAM`.
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
