//! A server of `request_reply` that makes one step in each turn, so that a lesson can kill it between any two.

use super::name::Name;
use super::process::Process;
use super::request_reply::Server;
use super::speak::{Lesson, Outcome};
use crate::cli::Failure;
use crate::mqueue::mq_getattr;

/// So many different requests fit into its journal.
pub const RECORDS: usize = 64;

impl Lesson {
    // ANCHOR: server
    /// Starts a server, which takes over what the one before it has left. In each turn it makes one call, or
    /// does the work. The last turn of an answer reports what became of the reply.
    pub fn stepped_server(&self, service: &Name) -> Outcome<Process> {
        self.started("server", |turn| {
            let mut server = Server::start(service, RECORDS)?;
            let mut sent = Ok(());
            loop {
                turn.report(&sent)?;
                if self.muted(|| mq_getattr(server.requests()))?.mq_curmsgs == 0 {
                    return Err(no_request());
                }
                sent = server.answer_one(|| turn.finish())?;
            }
        })
    }
    // ANCHOR_END: server
}

/// Makes the failure for a server that would wait forever.
fn no_request() -> Failure {
    Failure::Contradicted("no request is in the queue, so the server cannot go on".into())
}
