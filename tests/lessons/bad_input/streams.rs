//! Standard input, output and error that are closed, full or broken.

use super::*;
use std::fs::File;
use std::process::Stdio;

pub(super) fn no_input(lesson: &str) {
    let output = refused(workbook(lesson).arg("--predict"), 3, &["--predict", "terminal"]);
    did_nothing(&output, "--predict");
    let output =
        refused(workbook(lesson).args(["--predict", "--format", "json"]), 2, &["--predict", "--format"]);
    did_nothing(&output, "--predict for a program");
    // Input that is at its end (/dev/null), closed by the shell, or closed after one Enter.
    refused(workbook(lesson).arg("--pause"), 3, &["--pause", "standard input"]);
    nothing_left("input at its end");
    refused(&mut shell(lesson, "\"$0\" --pause <&-"), 3, &["--pause", "standard input"]);
    nothing_left("input closed");
    let mut paused = Paused::start(lesson, &[]);
    paused.enter(1);
    paused.prompts(2);
    let output = paused.close_input();
    assert_eq!(output.status.code(), Some(3), "{}", describe(&output));
    assert_eq!(complaints(&output).len(), 1, "{}", describe(&output));
    nothing_left("input closed after one Enter");
    // A directory cannot be read.
    refused(&mut shell(lesson, "\"$0\" --pause </"), 3, &["--pause", "standard input"]);
    nothing_left("input a directory");
}

pub(super) fn no_output(lesson: &str) {
    for format in ["text", "json"] {
        refused(&mut shell(lesson, &format!("\"$0\" --format {format} >&-")), 3, &["standard output"]);
        nothing_left("output closed");
        let full = format!("\"$0\" --format {format} >/dev/full");
        refused(&mut shell(lesson, &full), 3, &["standard output"]);
        nothing_left("output full");
    }
    for n in sample(vec![0, 1, 2, 5, 8, 13, 21], &format!("{lesson}: lines read"), 3) {
        // The reader takes n lines and exits.
        let (reader, writer) = nix::unistd::pipe().expect("a pipe");
        let mark = mark();
        let mut command = workbook(lesson);
        command.stdout(Stdio::from(writer)).stderr(Stdio::piped()).env(MARK, &mark);
        if n == 0 {
            drop(reader);
        } else {
            std::thread::spawn(move || {
                let lines = std::io::BufRead::lines(std::io::BufReader::new(File::from(reader)));
                lines.take(n).count()
            });
        }
        let child = command.spawn().expect("a lesson");
        drop(command); // closes this process's copy of the writing end
        let output = end_of(child, lesson);
        let when = format!("the reader exits after {n} lines");
        // The lesson may have written everything before the reader exited.
        let code = output.status.code();
        assert!(code == Some(141) || (n > 0 && code == Some(0)), "{when}: {}", describe(&output));
        assert!(output.stderr.is_empty(), "{when}: {}", describe(&output));
        nothing_left(&when);
        no_process_left(&mark, &when);
    }
}

pub(super) fn no_error_output(lesson: &str) {
    for (args, code) in [("", 0), ("--name wrong", 2), ("--pause </dev/null", 3), ("--nonsense", 2)] {
        for stderr in ["2>&-", "2>/dev/full"] {
            let output = limited(&mut shell(lesson, &format!("\"$0\" {args} {stderr}")));
            assert_eq!(output.status.code(), Some(code), "{args} {stderr}: {}", describe(&output));
            nothing_left(stderr);
        }
        let (reader, writer) = nix::unistd::pipe().expect("a pipe");
        drop(reader);
        let mut command = shell(lesson, &format!("\"$0\" {args}"));
        let output = limited_as_it_is(command.stdout(Stdio::piped()).stderr(Stdio::from(writer)));
        assert_eq!(output.status.code(), Some(code), "{args}, standard error broken: {}", describe(&output));
        nothing_left("standard error broken");
    }
}
