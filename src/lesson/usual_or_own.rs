//! The usual name or key of a lesson, or one of this user's own where another user has it.
//!
//! A class shares one machine, and each lesson has the same usual name for all of them.
//! Whoever comes first uses it. Everybody else uses the name with their uid behind it,
//! `/refcount_demo.1000`, and the lesson says so. Nobody waits for another user.
//!
//! To look whether an object has the name is not enough: two runs may look at the same
//! time, and both find nothing. So a run first locks the name among all users.
//!
//! Runs of one user have to decide alike, for a client looks for what its server has made. So
//! what this user has left under a name of their own comes first, and then the usual name.

use super::run_lock::{UsedBy, in_use};
use super::speak::{Lesson, Outcome};
use crate::cli::Failure;
use nix::unistd::geteuid;

/// A name or a key of objects.
pub(super) trait Usable {
    /// `name`, or `key`.
    const NOUN: &str;

    /// As it is written: `/demo`, `0x3039`.
    fn written(&self) -> String;

    /// `the name /demo`
    fn text(&self) -> String {
        format!("the {} {}", Self::NOUN, self.written())
    }

    /// How the reader chooses another one.
    fn remedy(&self) -> &'static str;

    /// Whose the object is that has it.
    fn whose(&self) -> Result<Whose, Failure>;

    /// Removes an object that may not be looked at, if it is this user's. Whether it did.
    fn remove_if_mine(&self, lesson: &Lesson) -> bool;
}

/// Whose an object is; with it, what to call the object.
pub(super) enum Whose {
    /// There is no such object.
    Nobodys,
    /// This user's.
    Mine(String),
    /// That of the user with this uid.
    Anothers(String, u32),
    /// It exists, and may not be looked at.
    Hidden(String),
}

impl Lesson {
    /// The usual ones, if this user can have all of them, or else `own`. No other run may
    /// use them meanwhile.
    pub(super) fn usual_or_own<T: Usable>(&self, usual: Vec<T>, own: Vec<T>) -> Result<Vec<T>, Failure> {
        let why = match left_by_me(&own)? {
            Some(why) => why,
            None => match self.lock_unless_taken(&usual)? {
                Some(why) => why,
                None => return Ok(usual),
            },
        };
        for each in &own {
            self.locks.take_among_mine(&each.text(), each.remedy())?; // no other user has a use for it
        }
        self.say_what_it_uses(&own, &why);
        Ok(own)
    }

    /// The same for a role that meets what another one has made, or will make: other runs
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

    /// From now on no other run uses these, which the reader has chosen; an error if one does already.
    pub(super) fn lock<T: Usable>(&self, all: &[T]) -> Outcome {
        all.iter().try_for_each(|each| self.locks.take(&each.text(), each.remedy()))
    }

    /// Locks all of them; or none, and returns why this user cannot have them.
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
                return Ok(Some(format!("a run of another user uses {} just now", one.text())));
            }
            // The reader's own run, which they can wait for.
            Err(UsedBy::AnotherRun) => return Err(in_use(&one.text(), one.remedy())),
        }
        // Only now: what another run was about to make is made.
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

/// `the name /demo`, or `the names /one, /two and /three`
fn all_of<T: Usable>(all: &[T]) -> String {
    let mut written: Vec<String> = all.iter().map(Usable::written).collect();
    written.dedup(); // objects of several kinds may have one name
    let last = written.pop().unwrap_or_default();
    if written.is_empty() {
        return format!("the {} {last}", T::NOUN);
    }
    format!("the {}s {} and {last}", T::NOUN, written.join(", "))
}

/// Which of them this user has made already, in words.
fn left_by_me<T: Usable>(own: &[T]) -> Result<Option<String>, Failure> {
    for each in own {
        match each.whose()? {
            Whose::Mine(object) => return Ok(Some(format!("{object} is yours"))),
            // It has this user's uid in its name, so it is hardly another's.
            Whose::Hidden(object) => return Ok(Some(format!("{object} is there"))),
            Whose::Nobodys | Whose::Anothers(..) => {}
        }
    }
    Ok(None)
}

impl Whose {
    /// Whose the object of the user `uid` is.
    pub(super) fn of(uid: u32, object: String) -> Self {
        if uid == geteuid().as_raw() { Whose::Mine(object) } else { Whose::Anothers(object, uid) }
    }

    /// Why this user cannot have it, in words.
    fn why_not_mine(self) -> Option<String> {
        match self {
            Whose::Nobodys | Whose::Mine(_) => None,
            Whose::Anothers(object, uid) => Some(format!("{object} belongs to user {uid}")),
            Whose::Hidden(object) => Some(format!("{object} is there, and you may not look at it")),
        }
    }
}
