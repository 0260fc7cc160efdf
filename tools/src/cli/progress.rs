//! How far a long task is: a bar on a terminal, elsewhere a line for each part that is done.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ipc_workbook::cli::complain;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// What is over sooner shows no bar.
const SOON: Duration = Duration::from_secs(1);

/// Printed on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    /// Whether a line is printed for each part where there is no terminal.
    has_lines: bool,
    done: usize,
    of: usize,
    started: Instant,
}

impl Progress {
    /// Of a task with so many parts.
    #[must_use]
    pub fn new(parts: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(parts as u64), ProgressDrawTarget::hidden());
            // What does not fit is cut off at the right.
            let style = ProgressStyle::with_template("{bar:20} {pos}/{len}  {elapsed}  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Progress { bar, has_lines: true, done: 0, of: parts, started: Instant::now() }
    }

    /// As [`Progress::new`], for a task of which nothing is printed where there is no terminal.
    #[must_use]
    pub fn on_terminal(parts: usize) -> Self {
        Progress { has_lines: false, ..Progress::new(parts) }
    }

    /// One more part is done: what a line says of it, and what stands beside the bar, which has
    /// less room.
    pub fn advance(&mut self, line: &str, beside_the_bar: &str) {
        self.at(self.done + 1, beside_the_bar);
        if self.bar.is_none() && self.has_lines {
            complain(&format!("{}/{}  {line}", self.done, self.of));
        }
    }

    /// So many parts are done, and this goes on now.
    pub fn at(&mut self, done: usize, beside_the_bar: &str) {
        self.done = done;
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.set_message(beside_the_bar.to_string());
        }
        self.tick();
    }

    /// How many parts are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Shows that it still goes on: the time beside the bar.
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

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
