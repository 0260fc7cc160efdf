//! An honest run of a lesson: its calls, and the claims between them.

use super::run::{HONEST, HasSites, run};
use super::site::{Site, Sites, is_narration};
use crate::calls::Call;
use crate::tracer::{After, Answers, Before, End, SystemCall};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// A call in an honest run.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) site: Site,
    pub(super) call: &'static Call,
    /// Its result. A failure is a negative errno.
    pub(super) result: i64,
    /// The call as the lesson reported it, such as `mq_send(3, "hello", 5, 0)`.
    pub(super) text: Option<String>,
}

/// A claim that held in an honest run.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) id: String,
    /// The number of calls before it.
    pub(super) after: usize,
}

#[derive(Default)]
pub(super) struct Recording {
    pub(super) calls: Vec<Recorded>,
    pub(super) claims: Vec<Claimed>,
    sites: Sites,
    /// The calls that have not returned yet, by pid.
    open: HashMap<i32, usize>,
}

impl Recording {
    pub(super) fn of(lesson: &Path) -> std::io::Result<Recording> {
        let mut recording = Recording::default();
        let ran = run(lesson, HONEST, &mut recording)?;
        if ran.end == End::Killed {
            return Err(std::io::Error::other(
                "the lesson does not end by itself, even without a lie; mend the lesson first",
            ));
        }
        Ok(recording)
    }

    /// Records the claims and calls in the lines that a process prints.
    fn narrated(&mut self, process: usize, lines: &[u8]) {
        let lines = String::from_utf8_lossy(lines).into_owned();
        for event in lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if event["event"] == "claim" && event["held"] == true {
                let id = event["id"].as_str().unwrap_or_default().to_string();
                self.claims.push(Claimed { id, after: self.calls.len() });
            }
            if let (Some(name), Some(text)) = (event["call"].as_str(), event["text"].as_str()) {
                self.reported(process, name, text);
            }
        }
    }

    /// Records the text of a call that a process reports by its C name.
    fn reported(&mut self, process: usize, name: &str, text: &str) {
        let of_process = self.calls.iter_mut().rev().filter(|recorded| recorded.site.process == process);
        let since_the_last = of_process.take_while(|recorded| recorded.text.is_none());
        // One C function may make several system calls; sem_open does.
        for recorded in since_the_last.filter(|recorded| recorded.call.c_names.contains(&name)) {
            recorded.text = Some(text.into());
        }
    }
}

impl Recorded {
    /// Whether the lesson itself makes the call. The workbook makes many of some calls: to wait for
    /// processes, to pass the turn on, to block signals.
    pub(super) fn is_the_lessons(&self) -> bool {
        const OFTEN_THE_WORKBOOKS: [&str; 13] = [
            "fcntl",
            "pipe2",
            "socket",
            "bind",
            "socketpair",
            "sendto",
            "recvfrom",
            "wait4",
            "prlimit64",
            "write",
            "rt_sigaction",
            "rt_sigprocmask",
            "rt_sigtimedwait",
        ];
        let may_be_the_workbooks = self.may_look() || OFTEN_THE_WORKBOOKS.contains(&self.site.call);
        self.text.is_some() || !may_be_the_workbooks
    }

    /// What is the same in all calls of a loop: the call, whether the lesson's first process makes it, and
    /// whether it succeeds.
    pub(super) fn does(&self) -> (&'static str, bool, bool) {
        (self.site.call, self.site.process == 0, self.result >= 0)
    }

    /// Whether the workbook makes the call only to look at something.
    pub(super) fn is_look(&self) -> bool {
        self.text.is_none() && self.may_look()
    }

    fn may_look(&self) -> bool {
        self.site.is_look || ["kcmp", "statfs", "pread64", "newfstatat", "read"].contains(&self.site.call)
    }
}

impl HasSites for Recording {
    fn sites(&self) -> &Sites {
        &self.sites
    }
}

impl Answers for Recording {
    fn before(&mut self, call: &SystemCall) -> Before {
        if let Some((site, known)) = self.sites.site(call) {
            self.open.insert(call.pid, self.calls.len());
            self.calls.push(Recorded { site, call: known, result: 0, text: None });
        }
        if is_narration(call) {
            let length = usize::try_from(call.args[2]).unwrap_or(0);
            self.narrated(call.process, &call.bytes(1, length));
        }
        Before::Make
    }

    fn after(&mut self, call: &SystemCall, result: i64) -> After {
        if let Some(open) = self.open.remove(&call.pid) {
            self.calls[open].result = result;
        }
        After::Keep
    }
}
