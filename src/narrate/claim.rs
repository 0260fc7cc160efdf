//! A claim: a sentence about the kernel, put to the test.

use crate::call::{Errno, bytes_text, errno_text};
use crate::observe::Unseen;

/// A claim and how it fared.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// `refcount/mq_unlink-removes-the-name-at-once`.
    pub id: String,
    /// Whether it held; `None` if it could not be looked at.
    pub held: Option<bool>,
    /// What the kernel did.
    pub got: String,
    /// What the lesson says it does.
    pub want: String,
    /// Why it could not be looked at.
    pub why: Option<String>,
    /// The failed call that explains why it did not hold, with its errno.
    pub call: Option<String>,
}

impl Verdict {
    /// The claim as a sentence: the identifier without its chapter and its hyphens.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.id.rsplit('/').next().unwrap_or_default().replace('-', " ")
    }
}

/// What can be held against a claim: a value, a value that may not have been
/// seen, or the outcome of a call that should fail.
pub trait Evidence<W> {
    /// Whether it is what was claimed; `None` if it was not seen.
    fn agrees_with(&self, want: &W) -> Option<bool>;
    /// What was seen.
    fn shown(&self) -> String;
    /// Why it was not seen.
    fn why(&self) -> Option<String> {
        None
    }
}

/// How a value of a claim is written.
pub trait Value {
    /// The value as text.
    fn text(&self) -> String;
}

macro_rules! value_as_displayed {
    ($($t:ty),*) => {$(
        impl Value for $t {
            fn text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
value_as_displayed!(i32, i64, u32, u64, usize, bool, str, &str, String);

impl Value for Errno {
    fn text(&self) -> String {
        format!("{self:?}")
    }
}

/// Contents are shown as strace shows a buffer: `"hello"`.
impl<const N: usize> Value for &[u8; N] {
    fn text(&self) -> String {
        bytes_text(*self)
    }
}

/// What a message or memory holds: `lesson.claim("…", &buffer[..length], b"hello")`.
impl<const N: usize> Evidence<&[u8; N]> for &[u8] {
    fn agrees_with(&self, want: &&[u8; N]) -> Option<bool> {
        Some(*self == *want)
    }
    fn shown(&self) -> String {
        bytes_text(self)
    }
}

impl<T: PartialEq + Value> Evidence<T> for T {
    fn agrees_with(&self, want: &T) -> Option<bool> {
        Some(self == want)
    }
    fn shown(&self) -> String {
        self.text()
    }
}

impl<T: PartialEq + Value> Evidence<T> for Result<T, Unseen> {
    fn agrees_with(&self, want: &T) -> Option<bool> {
        self.as_ref().ok().map(|got| got == want)
    }
    fn shown(&self) -> String {
        self.as_ref().map_or_else(|_| "not seen".into(), Value::text)
    }
    fn why(&self) -> Option<String> {
        self.as_ref().err().map(ToString::to_string)
    }
}

/// An outcome as another process reports it, held against a word.
impl Evidence<&str> for Result<String, Unseen> {
    fn agrees_with(&self, want: &&str) -> Option<bool> {
        self.as_ref().ok().map(|got| got == want)
    }
    fn shown(&self) -> String {
        Evidence::<String>::shown(self)
    }
    fn why(&self) -> Option<String> {
        Evidence::<String>::why(self)
    }
}

impl<T> Evidence<Errno> for Result<T, Errno> {
    fn agrees_with(&self, want: &Errno) -> Option<bool> {
        match self {
            Err(errno) if errno == want => Some(true),
            Err(errno) if is_inconclusive(*errno) => None,
            _ => Some(false),
        }
    }
    fn shown(&self) -> String {
        self.as_ref().map_or_else(Value::text, |_| "success".into())
    }
    fn why(&self) -> Option<String> {
        let errno = self.as_ref().err().filter(|errno| is_inconclusive(**errno))?;
        Some(came_first(*errno))
    }
}

/// The outcome of a call that should succeed: `lesson.claim("…", &result, "success")`.
impl<T> Evidence<&str> for &Result<T, Errno> {
    fn agrees_with(&self, want: &&str) -> Option<bool> {
        match self {
            Err(errno) if is_inconclusive(*errno) => None,
            _ => Some(Evidence::<&str>::shown(self) == **want),
        }
    }
    fn shown(&self) -> String {
        Evidence::<Errno>::shown(*self)
    }
    fn why(&self) -> Option<String> {
        Evidence::<Errno>::why(*self)
    }
}

/// What a call gave, as a word that another process can report: `success`, or the errno's
/// name; not seen, if it failed before it came to what a claim could be about.
pub fn outcome<T>(result: &Result<T, Errno>) -> Result<String, Unseen> {
    match result {
        Err(errno) if is_inconclusive(*errno) => Err(Unseen(came_first(*errno))),
        result => Ok(Evidence::<Errno>::shown(result)),
    }
}

fn came_first(errno: Errno) -> String {
    format!("{} came first", errno_text(errno))
}

/// Whether a call failed before it came to what the claim is about: a limit was
/// reached, there was no room, or a signal came.
fn is_inconclusive(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::ENOSPC | Errno::EINTR | Errno::ENOSYS
    )
}
