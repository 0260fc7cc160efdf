//! Claims: sentences about the kernel, which a lesson checks.

use crate::call::{Errno, bytes_text, errno_text};
use crate::observe::Unseen;

/// A claim and its result.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// `refcount/mq_unlink-removes-the-name-at-once`.
    pub id: String,
    /// Whether it held; `None` if it could not be checked.
    pub held: Option<bool>,
    /// What the kernel did.
    pub got: String,
    /// What it does according to the lesson.
    pub want: String,
    /// Why it could not be checked.
    pub why: Option<String>,
    /// The failed call, with its errno, that explains why the claim did not hold.
    pub call: Option<String>,
}

impl Verdict {
    /// Returns the claim as a sentence: the identifier without its chapter and its hyphens.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.id.rsplit('/').next().unwrap_or_default().replace('-', " ")
    }
}

/// What a claim can be compared with: a value, a value that may not have been
/// seen, or the outcome of a call that should fail.
pub trait Evidence<W> {
    /// Returns whether it is what was claimed; `None` if it was not seen.
    fn agrees_with(&self, want: &W) -> Option<bool>;
    /// Returns what was seen, as text.
    fn shown(&self) -> String;
    /// Returns why it was not seen.
    fn why(&self) -> Option<String> {
        None
    }
}

/// A value of a claim, which can be written as text.
pub trait Value {
    /// Returns the value as text.
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

/// Bytes are shown as strace shows a buffer: `"hello"`.
impl<const N: usize> Value for &[u8; N] {
    fn text(&self) -> String {
        bytes_text(*self)
    }
}

/// The bytes of a message or of memory: `lesson.claim("…", &buffer[..length], b"hello")`.
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

/// An outcome that another process reports, compared with a word.
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

/// Returns the outcome of a call as a word that another process can report: `success`, or the errno's
/// name. The outcome is not seen if an unrelated error, such as a limit, made the call fail.
pub fn outcome<T>(result: &Result<T, Errno>) -> Result<String, Unseen> {
    match result {
        Err(errno) if is_inconclusive(*errno) => Err(Unseen(came_first(*errno))),
        result => Ok(Evidence::<Errno>::shown(result)),
    }
}

fn came_first(errno: Errno) -> String {
    format!("another error came first: {}", errno_text(errno))
}

/// Returns whether a call with this errno decides nothing about a claim: a limit was
/// reached, there was no room, or a signal arrived.
fn is_inconclusive(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::ENOSPC | Errno::EINTR | Errno::ENOSYS
    )
}
