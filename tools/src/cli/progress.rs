//! Shows the progress of a long task: a bar on a terminal that can erase it, and elsewhere one line for each finished part.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ipc_workbook::cli::complain;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// A task that ends sooner shows no bar.
const SOON: Duration = Duration::from_secs(1);

/// The progress of a task, printed on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    /// Whether each part prints a line if there is no terminal.
    has_lines: bool,
    done: usize,
    of: usize,
    started: Instant,
}

impl Progress {
    /// Begins a task with so many parts.
    #[must_use]
    pub fn new(parts: usize) -> Self {
        // A dumb terminal cannot erase a bar.
        let has_bars =
            std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let bar = has_bars.then(|| {
            let bar = ProgressBar::with_draw_target(Some(parts as u64), ProgressDrawTarget::hidden());
            // A message that does not fit is cut at the right.
            let style = ProgressStyle::with_template("{bar:20} {pos}/{len}  {elapsed}  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Progress { bar, has_lines: true, done: 0, of: parts, started: Instant::now() }
    }

    /// Does the same as [`Progress::new`], but prints nothing if there is no terminal.
    #[must_use]
    pub fn on_terminal(parts: usize) -> Self {
        Progress { has_lines: false, ..Progress::new(parts) }
    }

    /// Finishes one more part. `line` describes it where there is no terminal; `beside_the_bar` must be
    /// shorter.
    pub fn advance(&mut self, line: &str, beside_the_bar: &str) {
        self.at(self.done + 1, beside_the_bar);
        if self.bar.is_none() && self.has_lines {
            complain(&format!("{}/{}  {line}", self.done, self.of));
        }
    }

    /// Sets how many parts are done, and the text beside the bar.
    pub fn at(&mut self, done: usize, beside_the_bar: &str) {
        self.done = done;
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.set_message(beside_the_bar.to_string());
        }
        self.tick();
    }

    /// Returns how many parts are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Updates the time beside the bar, which shows that the task is still running.
    pub fn tick(&self) {
        let Some(bar) = &self.bar else { return };
        if self.started.elapsed() < SOON {
            return;
        }
        if bar.is_hidden() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.tick();
    }

    /// Removes the bar.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
