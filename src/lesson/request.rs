//! The texts that the clients and the server of `request_reply` exchange: a request such as
//! `client B pid 0004711 id 7`, and its reply `id 7 ticket 3`.

/// A request, as the server reads it.
#[derive(Debug)]
pub struct Request {
    /// The client's own name, such as `B`.
    pub client: String,
    /// The client's process.
    pub pid: i32,
    /// The client chooses it. When it sends the request again, it chooses the same one.
    pub id: String,
}

impl Request {
    /// Reads the text of a request. Anything else is not answered.
    #[must_use]
    pub fn parse(text: &str) -> Option<Request> {
        let words: Vec<&str> = text.split(' ').collect();
        let ["client", client, "pid", pid, "id", id] = words[..] else { return None };
        Some(Request { client: client.into(), pid: pid.parse().ok()?, id: id.into() })
    }

    /// Returns the text that [`Request::parse`] reads.
    #[must_use]
    pub fn text(&self) -> String {
        let Request { client, pid, id } = self;
        format!("client {client} pid {pid:07} id {id}") // no pid has more digits
    }
}

/// Reads `id 7 ticket 3`.
pub(super) fn read_reply(reply: &str) -> Option<(&str, &str, u32)> {
    let words: Vec<&str> = reply.split(' ').collect();
    let [first, id, "ticket", ticket] = words[..] else { return None };
    Some((first, id, ticket.parse().ok()?))
}
