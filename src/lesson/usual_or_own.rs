//! Chooses between a lesson's usual name or key and the user's own, which is used if another user has the
//! usual one.
//!
//! The students of a class share one machine, and a lesson has the same usual name for all of them.
//! The first user gets that name. All others get the name with their uid behind it,
//! `/refcount_demo.1000`, and the lesson says so. Nobody waits for another user.
//!
//! It is not enough to look whether an object has the name: two runs may look at the same
//! time, and both may find nothing. A run therefore first locks the name among all users.
//!
//! All runs of one user must make the same choice, since a client looks for its server's object. The
//! rule is: if this user already has an object under their own name, use that name; otherwise try the
//! usual name.

use super::run_lock::{UsedBy, in_use};
use super::speak::{Lesson, Outcome};
use crate::cli::Failure;
use nix::unistd::geteuid;

/// A name or a key, by which objects are found.
pub(super) trait Usable {
    /// The word for it: `name` or `key`.
    const NOUN: &str;

    /// Returns it as people write it: `/demo`, `0x3039`.
    fn written(&self) -> String;

    /// Returns it with its noun: `the name /demo`.
    fn text(&self) -> String {
        format!("the {} {}", Self::NOUN, self.written())
    }

    /// Tells the reader how to choose another one.
    fn remedy(&self) -> &'static str;

    /// Returns who owns the object that has it.
    fn whose(&self) -> Result<Whose, Failure>;

    /// Removes an object that this user owns but may not open. Returns whether it did.
    fn remove_if_mine(&self, lesson: &Lesson) -> bool;
}

/// The owner of an object, and a description of the object.
pub(super) enum Whose {
    /// There is no such object.
    Nobodys,
    /// This user owns it.
    Mine(String),
    /// The user with this uid owns it.
    Anothers(String, u32),
    /// It exists, but this user may not look at it.
    Hidden(String),
}

impl Lesson {
    /// Returns the usual ones if this user can have all of them, and otherwise `own`. Locks them, so that
    /// no other run uses them meanwhile.
    pub(super) fn usual_or_own<T: Usable>(&self, usual: Vec<T>, own: Vec<T>) -> Result<Vec<T>, Failure> {
        let why = match left_by_me(&own)? {
            Some(why) => why,
            None => match self.lock_unless_taken(&usual)? {
                Some(why) => why,
                None => return Ok(usual),
            },
        };
        for each in &own {
            self.locks.take_among_mine(&each.text(), each.remedy())?; // no other user uses it
        }
        self.say_what_it_uses(&own, &why);
        Ok(own)
    }

    /// Makes the same choice without a lock, for a program that uses another program's object. Other runs
    /// may use it meanwhile.
    pub(super) fn usual_or_own_as_it_is<T: Usable>(&self, usual: T, own: T) -> Result<T, Failure> {
        let own = [own];
        let why = match left_by_me(&own)? {
            Some(why) => why,
            None => match usual.whose()?.why_not_mine() {
                Some(why) => why,
                None => return Ok(usual),
            },
        };
        self.say_what_it_uses(&own, &why);
        let [own] = own;
        Ok(own)
    }

    /// Locks names or keys that the reader has chosen. Returns an error if another run is using one of them.
    pub(super) fn lock<T: Usable>(&self, all: &[T]) -> Outcome {
        all.iter().try_for_each(|each| self.locks.take(&each.text(), each.remedy()))
    }

    /// Locks all of them. If one cannot be locked, locks none and returns the reason.
    fn lock_unless_taken<T: Usable>(&self, all: &[T]) -> Result<Option<String>, Failure> {
        let before = self.locks.len();
        for each in all {
            if let Some(why) = self.lock_one_unless_taken(each)? {
                self.locks.keep(before);
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    fn lock_one_unless_taken<T: Usable>(&self, one: &T) -> Result<Option<String>, Failure> {
        match self.locks.try_take(&one.text()) {
            Ok(()) => {}
            Err(UsedBy::AnotherUser) => {
                return Ok(Some(format!("a run of another user is using {}", one.text())));
            }
            // This is the reader's own run, so they can wait for it.
            Err(UsedBy::AnotherRun) => return Err(in_use(&one.text(), one.remedy())),
        }
        // This must come after the lock: another run may have created the object just before.
        match one.whose()? {
            Whose::Hidden(_) if one.remove_if_mine(self) => Ok(None),
            whose => Ok(whose.why_not_mine()),
        }
    }

    fn say_what_it_uses<T: Usable>(&self, own: &[T], why: &str) {
        let (first, rest) = why.split_at(1);
        let text = format!("{}{rest}, so this run uses {}.", first.to_uppercase(), all_of(own));
        if self.said_of_own.replace(text.clone()) != text {
            self.note(&text);
        }
    }
}

/// Lists them: `the name /demo`, or `the names /one, /two and /three`.
fn all_of<T: Usable>(all: &[T]) -> String {
    let mut written: Vec<String> = all.iter().map(Usable::written).collect();
    written.dedup(); // objects of several kinds may have one name
    let last = written.pop().unwrap_or_default();
    if written.is_empty() {
        return format!("the {} {last}", T::NOUN);
    }
    format!("the {}s {} and {last}", T::NOUN, written.join(", "))
}

/// Describes the first of them that has an object of this user; `None` if there is no such object.
fn left_by_me<T: Usable>(own: &[T]) -> Result<Option<String>, Failure> {
    for each in own {
        match each.whose()? {
            Whose::Mine(object) => return Ok(Some(format!("{object} belongs to you"))),
            // The name contains this user's uid, so the object is probably this user's.
            Whose::Hidden(object) => return Ok(Some(format!("{object} already exists"))),
            Whose::Nobodys | Whose::Anothers(..) => {}
        }
    }
    Ok(None)
}

impl Whose {
    /// Returns `Mine` or `Anothers` for an object of the user `uid`.
    pub(super) fn of(uid: u32, object: String) -> Self {
        if uid == geteuid().as_raw() { Whose::Mine(object) } else { Whose::Anothers(object, uid) }
    }

    /// Explains why this user cannot have it; `None` if the user can.
    fn why_not_mine(self) -> Option<String> {
        match self {
            Whose::Nobodys | Whose::Mine(_) => None,
            Whose::Anothers(object, uid) => Some(format!("{object} belongs to user {uid}")),
            Whose::Hidden(object) => Some(format!("{object} exists, and you may not open it")),
        }
    }
}
