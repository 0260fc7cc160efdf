//! "Prove it": runs the experiment behind an answer, narrated, in a private
//! namespace, and returns.

use crate::bank::Question;
use ipc_workbook::lesson::{Stop, stop::complain};
use ipc_workbook::private::Room;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::fmt::Write;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The workbook's folder. (Cargo names this package's own, which lies in it.)
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.ancestors().find(|folder| folder.join("lessons").is_dir()).unwrap_or(&here).into()
}

/// Runs it. What goes wrong with it is said, and ends nothing: the answer is stored already.
pub(crate) fn prove(question: &Question) -> Result<(), Stop> {
    let root = root();
    let mut words = question.run.split(' ');
    let program = words.next().unwrap_or_default();
    outlive_ctrl_c(true);
    // The answers that are still to come are not for the experiment.
    let run = |mut command: Command| command.stdin(Stdio::null()).status();
    let status = if root.join("src/bin").join(program).with_extension("rs").exists() {
        let mut lesson = Command::new(build(&root, program)?);
        lesson.args(words).arg("--private");
        run(lesson)
    } else {
        let script = script(&root, question)?;
        // A container may refuse a /proc of one's own; the whole machine's will do.
        run(shell(&root, &script, Room::new().with_own_processes()))
            .or_else(|_| run(shell(&root, &script, Room::new())))
    };
    outlive_ctrl_c(false);
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => complain(&format!("interview: {} ended with {status}", question.run)),
        Err(error) => complain(&format!("interview: {} cannot run: {error}", question.run)),
    }
    Ok(())
}

/// The lesson's program, freshly built: `cargo run --bin interview` has built this one alone.
fn build(root: &Path, lesson: &str) -> Result<PathBuf, Stop> {
    let here = std::env::current_exe()?;
    let folder = here.parent().map(PathBuf::from).unwrap_or_default();
    // target/debug holds the profile called dev.
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "ipc-workbook", "--bin", lesson, "--profile", profile])
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"))
        .stdin(Stdio::null())
        .status();
    let program = folder.join(lesson);
    match built {
        Ok(status) if status.success() => Ok(program),
        // Without cargo, what was built before will do.
        Err(_) if program.exists() => Ok(program),
        Ok(status) => Err(Stop::Machine(format!("cargo build failed ({status}); its message is above"))),
        Err(error) => {
            Err(Stop::Machine(format!("cannot run cargo to build {lesson}: {error}; is it in PATH?")))
        }
    }
}

/// The console block with the question's command, and before it, unseen, the blocks that
/// it builds on. Each is a shell of its own, as it is where the tests run them.
fn script(root: &Path, question: &Question) -> Result<String, Stop> {
    let text = fs::read_to_string(root.join("lessons").join(&question.chapter).join("README.md"))?;
    let mut script = String::new();
    for block in text.split("<!-- console: ").skip(1) {
        let (mark, rest) = block.split_once(" -->\n").unwrap_or_default();
        // Such a block takes a second user.
        if mark.ends_with(", as root") {
            continue;
        }
        let body = rest.split("\n```").next().unwrap_or_default();
        let typed: Vec<&str> = body.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
        if !typed.iter().any(|typed| typed.starts_with(&question.run)) {
            let _ = writeln!(script, "(\n{}\n) >/dev/null 2>&1", typed.join("\n"));
            continue;
        }
        script.push_str("exec 2>&1\n");
        for typed in typed {
            let _ = writeln!(script, "printf '%s\\n' '$ {}'\n{typed}", typed.replace('\'', r"'\''"));
        }
        return Ok(script);
    }
    let what = format!("{} is neither a lesson nor in a console block of its chapter", question.run);
    Err(Stop::Machine(what))
}

/// A shell in a room of its own.
#[allow(unsafe_code)]
fn shell(root: &Path, script: &str, room: Room) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(root).env("LC_ALL", "C");
    // SAFETY: `enter` allocates nothing.
    unsafe { command.pre_exec(move || room.enter().map_err(|refused| refused.errno.into())) };
    command
}

/// The terminal sends Ctrl-C to the experiment too, which cleans up; this program waits
/// for it. A handler, unlike SIG_IGN, is not inherited.
#[allow(unsafe_code)]
fn outlive_ctrl_c(outlive: bool) {
    extern "C" fn nothing(_: i32) {}
    let handler = if outlive { SigHandler::Handler(nothing) } else { SigHandler::SigDfl };
    let action = SigAction::new(handler, SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler does nothing.
    let _ = unsafe { sigaction(Signal::SIGINT, &action) };
}
