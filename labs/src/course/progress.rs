//! How far the grading has come: a bar on a terminal, a line for each submission elsewhere.

use super::report;
use super::results::SubmissionResult;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ipc_workbook::cli::complain;
use std::io::IsTerminal;

#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    done: usize,
    of: usize,
}

impl Progress {
    pub(super) fn new(tasks: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(tasks as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}  {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Progress { bar, done: 0, of: tasks }
    }

    pub(super) fn tell(&mut self, result: &SubmissionResult, of_another_run: bool) {
        self.done += 1;
        let grade = report::grade_of(result);
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} {} {grade}", result.student, result.lab));
            bar.inc(1);
        } else {
            let known = if of_another_run { ", as before" } else { "" };
            let (student, lab) = (&result.student, &result.lab);
            complain(&format!("{}/{}  {student}  {lab}  {grade}{known}", self.done, self.of));
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
