//! The lesson as a listener of calls: it reports each call, and records the objects that calls create.

use super::seen::Seen;
use super::speak::Lesson;
use super::{cleanup, refusal, signals, waits};
use crate::call::{Call, Listener, Object, Wait};
use crate::observe::sysvipc::Table;

impl Listener for Lesson {
    fn announced(&self, text: &str) {
        self.note(text);
    }
    fn called(&self, call: Call) {
        if let Some(deferred) = self.deferred.borrow_mut().as_mut() {
            return deferred.push(call);
        }
        if !self.muted.get() {
            self.narrator.call(&call);
        }
        refusal::remember(call);
    }
    fn wants_successes(&self) -> bool {
        !self.muted.get() || self.deferred.borrow().is_some()
    }
    fn creating(&self) {
        signals::hold();
    }
    fn created(&self, object: Object<'_>) {
        cleanup::created(object);
        let mut last = self.last_seen.borrow_mut();
        // `--pause` can suggest to look at the new object, even if the lesson never looks at it.
        match object {
            Object::Msg(id) => *last = Some(Seen::SystemV(Table::Msg, id)),
            Object::Sem(id) => *last = Some(Seen::SystemV(Table::Sem, id)),
            Object::Shm(id) => *last = Some(Seen::SystemV(Table::Shm, id)),
            Object::File(path) if last.is_none() => *last = Some(Seen::File(path.to_string_lossy().into())),
            _ => {}
        }
    }
    fn settled(&self) {
        signals::let_in();
    }
    fn removed(&self, object: Object<'_>) {
        cleanup::removed(object);
    }
    fn may_wait(&self, wait: &'static Wait) {
        waits::begin(wait, 0);
    }
    fn waits_no_more(&self) {
        waits::end();
    }
}
