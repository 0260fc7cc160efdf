//! Finds the lesson that a question runs, and runs experiments in a private namespace.

use ipc_workbook::private::Namespace;
use ipc_workbook_tools::workbook::root;
use std::io;

/// Returns the lesson of a run, and its flags. `None` if the run is a console block or a program with a bug.
pub(crate) fn lesson(run: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    let (program, flags) = run.split_once(' ').unwrap_or((run, ""));
    let source = root().join("src/bin").join(program).with_extension("rs");
    source.exists().then(|| (program, flags.split_whitespace()))
}

/// Runs something in a private namespace with its own PID namespace and /proc. If a container refuses these,
/// it runs with those of the machine.
pub(crate) fn in_a_namespace<T>(run: impl Fn(Namespace) -> io::Result<T>) -> io::Result<T> {
    run(Namespace::new().with_own_processes()).or_else(|_| run(Namespace::new()))
}
