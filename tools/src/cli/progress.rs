//! How far a long task is: a bar on a terminal, elsewhere a line for each part that is done.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ipc_workbook::cli::complain;
use std::io::IsTerminal;

/// Printed on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    done: usize,
    of: usize,
}

impl Progress {
    /// Of a task with so many parts.
    #[must_use]
    pub fn new(parts: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(parts as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}  {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Progress { bar, done: 0, of: parts }
    }

    /// One more part is done: what a line says of it, and what stands beside the bar, which has
    /// less room.
    pub fn advance(&mut self, line: &str, beside_the_bar: &str) {
        self.done += 1;
        match &self.bar {
            Some(bar) => {
                bar.set_message(beside_the_bar.to_string());
                bar.inc(1);
            }
            None => complain(&format!("{}/{}  {line}", self.done, self.of)),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
