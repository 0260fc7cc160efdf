//! Where and how the experiment behind a question runs.

use ipc_workbook::private::Namespace;
use ipc_workbook_tools::workbook::root;
use std::io;

/// The lesson of a run with its flags, if it is one. Other runs are console blocks, and programs
/// with a bug.
pub(crate) fn lesson(run: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    let (program, flags) = run.split_once(' ').unwrap_or((run, ""));
    let source = root().join("src/bin").join(program).with_extension("rs");
    source.exists().then(|| (program, flags.split_whitespace()))
}

/// Runs something in a private namespace with its own processes. A container may refuse a /proc
/// of one's own; then the machine's has to do.
pub(crate) fn in_a_namespace<T>(run: impl Fn(Namespace) -> io::Result<T>) -> io::Result<T> {
    run(Namespace::new().with_own_processes()).or_else(|_| run(Namespace::new()))
}
