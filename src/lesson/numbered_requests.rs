//! A client and a server that exchange numbered requests. svmsg_restart_load kills one server after another.

use super::speak::Outcome;
use super::take_over::replace_queue;
use super::turn::Turn;
use crate::call::Errno;
use crate::sysv::msg::{IPC_NOWAIT, IPC_STAT, key_t, msgctl, msgget, msgrcv, msgsnd};
use crate::sysv::shm::Attached;
use nix::errno::Errno::EINVAL;
use std::ffi::c_long;
use std::ops::Range;

const REQUEST: c_long = 1;
const ANSWER: c_long = 2;

// ANCHOR: client
/// A client that outlives its servers. It counts its requests and answers.
#[derive(Debug)]
pub struct Client {
    key: key_t,
    msqid: i32,
    /// Requests sent.
    pub sent: u64,
    /// Answers received.
    pub received: u64,
}

impl Client {
    /// Looks up the queue that has the key.
    pub fn connect(key: key_t) -> Outcome<Client> {
        Ok(Client { key, msqid: msgget(key, 0)?, sent: 0, received: 0 })
    }

    /// Sends the requests with these numbers.
    pub fn send(&mut self, requests: Range<u16>) -> Outcome {
        for request in requests {
            let send = |msqid| msgsnd(msqid, REQUEST, &request.to_le_bytes(), IPC_NOWAIT);
            if let Err(errno) = send(self.msqid) {
                self.reconnect(errno)?;
                send(self.msqid)?; // the first attempt sent nothing
            }
            self.sent += 1;
        }
        Ok(())
    }

    /// Receives so many answers. An answer that was removed with its queue is not counted.
    pub fn receive(&mut self, answers: u16) -> Outcome {
        for _ in 0..answers {
            match msgrcv(self.msqid, &mut [0; 2], ANSWER, IPC_NOWAIT) {
                Ok(_) => self.received += 1,
                Err(errno) => self.reconnect(errno)?,
            }
        }
        Ok(())
    }

    /// Looks up the queue again. EINVAL means a restart, if another queue has the key now.
    fn reconnect(&mut self, errno: Errno) -> Outcome {
        let msqid = msgget(self.key, 0)?;
        if errno != EINVAL || msqid == self.msqid {
            return Err(errno.into());
        }
        self.msqid = msqid;
        Ok(())
    }
}
// ANCHOR_END: client

/// The server: takes over the key, and counts in `work` how often it has done each request. One that
/// `knows_ids` looks there first, and does no request twice.
///
/// In each turn it answers all requests that wait. If only one waits, it takes the request, does the
/// work and answers in three separate turns, so that it can be killed between any two of these.
pub fn serve(turn: &mut Turn, key: key_t, work: &Attached, knows_ids: bool) -> Outcome {
    let msqid = replace_queue(key)?;
    let (mut request, mut times) = ([0; 2], [0]);
    loop {
        turn.finish()?;
        let waiting = msgctl(msqid, IPC_STAT)?.msg_qnum;
        let finish_turn = |turn: &mut Turn| if waiting == 1 { turn.finish() } else { Ok(()) };
        for _ in 0..waiting {
            msgrcv(msqid, &mut request, REQUEST, IPC_NOWAIT)?;
            finish_turn(turn)?;
            let number = u16::from_le_bytes(request).into();
            work.read(number, &mut times)?;
            if times == [0] || !knows_ids {
                work.write(number, &[times[0] + 1])?; // the work and the note of it are one step
            }
            finish_turn(turn)?;
            msgsnd(msqid, ANSWER, &request, 0)?;
        }
    }
}
