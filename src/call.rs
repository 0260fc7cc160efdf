//! How a wrapped call is reported, and how it fails.
//!
//! Every wrapper of the call modules does three things: it makes the call, it
//! turns -1 into `Err` with `check` (or lets nix do so), and it hands the
//! outcome to `report`. While a lesson runs, a [`Listener`] prints it and
//! remembers which objects exist because of it. Outside a lesson nobody
//! listens, and `report` is one load and one branch.

use std::cell::Cell;
use std::ffi::{CStr, c_int};
use std::{ascii, fmt};

pub use nix::Result;
pub use nix::errno::Errno;
use nix::errno::ErrnoSentinel;

/// The one place where -1 becomes `Err(errno)`.
pub(crate) fn check<S: ErrnoSentinel + PartialEq<S>>(returned: S) -> Result<S> {
    Errno::result(returned)
}

/// One finished call, in the form C programmers know from the manual and strace.
#[derive(Debug)]
pub struct Call {
    /// The C name.
    pub name: &'static str,
    /// `mq_open("/refcount_demo", O_RDONLY)`: the call as it was made.
    pub text: String,
    /// What C would have got: `3`, `0`, `0x7f5c0000`; or the errno.
    pub result: Result<String>,
}

/// `mq_open(…) = 3`, or `mq_open(…) = -1 ENOENT (No such file or directory)`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(value) => write!(f, "{} = {value}", self.text),
            Err(errno) => write!(f, "{} = -1 {}", self.text, errno_text(*errno)),
        }
    }
}

/// An object that exists in the kernel under a name or an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object<'a> {
    /// A POSIX message queue.
    Queue(&'a CStr),
    /// A POSIX named semaphore.
    Semaphore(&'a CStr),
    /// A POSIX shared memory object.
    SharedMemory(&'a CStr),
    /// A regular file, by its absolute path.
    File(&'a CStr),
    /// A System V message queue, by its identifier.
    Msg(c_int),
    /// A System V semaphore set, by its identifier.
    Sem(c_int),
    /// A System V shared memory segment, by its identifier.
    Shm(c_int),
}

/// A call that may not come back soon, and what ends the wait.
#[derive(Debug)]
pub struct Wait {
    /// The C name.
    pub call: &'static str,
    /// `a message arrives`: the rest of "the call waits until …".
    pub until: &'static str,
}

/// Somebody who wants to know of every call: a lesson.
pub trait Listener {
    /// A call is about to be made that does not return if it succeeds.
    fn announced(&self, _text: &str) {}
    /// A call returned. One that succeeded is handed over only where it is wanted.
    fn called(&self, call: Call);
    /// Whether calls that succeed are wanted. To put one into words takes longer than to make it.
    fn wants_successes(&self) -> bool {
        true
    }
    /// A call is about to create something. Until [`Listener::settled`] no
    /// signal may end the process, or it would leave what nobody wrote down.
    fn creating(&self);
    /// The call succeeded, and this object now exists because of it.
    fn created(&self, object: Object<'_>);
    /// Whatever was created has been written down.
    fn settled(&self);
    /// The object has lost its name or identifier.
    fn removed(&self, object: Object<'_>);
    /// A call begins that may wait.
    fn may_wait(&self, _wait: &'static Wait) {}
    /// It has come back.
    fn waits_no_more(&self) {}
}

thread_local! {
    static LISTENER: Cell<Option<&'static dyn Listener>> = const { Cell::new(None) };
}

/// From now on `listener` hears every call this thread makes.
pub fn listen(listener: &'static dyn Listener) {
    LISTENER.set(Some(listener));
}

/// Makes calls that nobody hears: for looking without being seen.
pub fn unreported<T>(calls: impl FnOnce() -> T) -> T {
    let listener = LISTENER.replace(None);
    let result = calls();
    LISTENER.set(listener);
    result
}

/// What a call gives back, as C would show it.
pub(crate) trait Returned {
    fn shown(&self) -> String;
}

impl Returned for () {
    fn shown(&self) -> String {
        "0".into()
    }
}

macro_rules! returned_as_itself {
    ($($number:ty),*) => {$(
        impl Returned for $number {
            fn shown(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
returned_as_itself!(i32, usize);

/// Hands a finished call to the listener, if there is one that wants it. `arguments`
/// runs only then.
#[inline]
pub(crate) fn report<T: Returned>(
    name: &'static str,
    result: &Result<T>,
    arguments: impl FnOnce() -> String,
) {
    if let Some(listener) = LISTENER.get()
        && (result.is_err() || listener.wants_successes())
    {
        let result = match result {
            Ok(value) => Ok(value.shown()),
            Err(errno) => Err(*errno),
        };
        hand_over(listener, name, &arguments(), result);
    }
}

/// What is the same for every call, and so compiled once.
fn hand_over(listener: &dyn Listener, name: &'static str, arguments: &str, result: Result<String>) {
    listener.called(Call { name, text: format!("{name}({arguments})"), result });
}

/// Hands a call to the listener before it is made, if it does not return unless it fails.
pub(crate) fn announce(name: &'static str, arguments: impl FnOnce() -> String) {
    if let Some(listener) = LISTENER.get() {
        listener.announced(&format!("{name}({})", arguments()));
    }
}

/// Makes a call that may wait. Meanwhile the listener knows in which call this process is, so
/// that a wait without end is not a silent one.
#[inline]
pub(crate) fn may_wait<T>(wait: &'static Wait, call: impl FnOnce() -> T) -> T {
    let listener = LISTENER.get();
    if let Some(listener) = listener {
        listener.may_wait(wait);
    }
    let returned = call();
    if let Some(listener) = listener {
        listener.waits_no_more();
    }
    returned
}

/// Holds signals back while an object is created and written down.
pub(crate) struct Creating(Option<&'static dyn Listener>);

/// To be called before a call that may create an object; see [`Creating::created`].
#[inline]
pub(crate) fn creating() -> Creating {
    let listener = LISTENER.get();
    if let Some(listener) = listener {
        listener.creating();
    }
    Creating(listener)
}

impl Creating {
    /// The object exists now, and did not before. To be called before
    /// [`report`]: whoever prints may find nobody to print to, and end the process.
    #[inline]
    pub(crate) fn created(&self, object: Object<'_>) {
        if let Some(listener) = self.0 {
            listener.created(object);
        }
    }
}

impl Drop for Creating {
    #[inline]
    fn drop(&mut self) {
        if let Some(listener) = self.0 {
            listener.settled();
        }
    }
}

/// Whether a successful call with these flags has created its object for certain.
pub(crate) fn surely_created(oflag: c_int) -> bool {
    const NEW: c_int = libc::O_CREAT | libc::O_EXCL;
    oflag & NEW == NEW
}

/// To be called when an object has lost its name or identifier.
#[inline]
pub(crate) fn removed(object: Object<'_>) {
    if let Some(listener) = LISTENER.get() {
        listener.removed(object);
    }
}

/// `O_RDWR|O_CREAT|O_EXCL`, as strace writes it.
pub(crate) fn oflag_text(oflag: c_int) -> String {
    let mode = match oflag & libc::O_ACCMODE {
        libc::O_RDONLY => "O_RDONLY".to_string(),
        libc::O_WRONLY => "O_WRONLY".to_string(),
        libc::O_RDWR => "O_RDWR".to_string(),
        libc::O_ACCMODE => "O_WRONLY|O_RDWR".to_string(),
        other => format!("{other:#x}"),
    };
    flags_text(
        oflag & !libc::O_ACCMODE,
        mode,
        &[
            (libc::O_CREAT, "O_CREAT"),
            (libc::O_EXCL, "O_EXCL"),
            (libc::O_TRUNC, "O_TRUNC"),
            (libc::O_NONBLOCK, "O_NONBLOCK"),
            (libc::O_CLOEXEC, "O_CLOEXEC"),
        ],
    )
}

/// The names of the bits of `flags`, joined by `|`; what has no name in hex;
/// `0` when there are none. `first` comes before them, if it is not empty.
pub(crate) fn flags_text(flags: c_int, first: String, names: &[(c_int, &str)]) -> String {
    let mut text = first;
    let mut rest = flags;
    let mut add = |part: &str| {
        if !text.is_empty() {
            text.push('|');
        }
        text.push_str(part);
    };
    for (bit, name) in names {
        if rest & bit != 0 {
            rest &= !bit;
            add(name);
        }
    }
    if rest != 0 {
        add(&format!("{rest:#x}"));
    }
    if text.is_empty() {
        text.push('0');
    }
    text
}

/// `ENOENT (No such file or directory)`, in the words of `strerror(3)`.
#[must_use]
pub fn errno_text(errno: Errno) -> String {
    let text = std::io::Error::from_raw_os_error(errno as i32).to_string();
    // Rust adds the number.
    let words = text.split(" (os error").next().unwrap_or(&text);
    format!("{errno:?} ({words})")
}

/// `"/refcount_demo"`, with quotes and escapes as in C; of a very long one the
/// beginning and the length.
pub(crate) fn name_text(name: &CStr) -> String {
    const SHOWN: usize = 32;
    let bytes = name.to_bytes();
    if bytes.len() <= 2 * SHOWN {
        return format!("\"{}\"", bytes.escape_ascii());
    }
    format!("\"{}\"... /* {} bytes */", bytes[..SHOWN].escape_ascii(), bytes.len())
}

/// A buffer as strace shows it: quoted, with 0 as `\0`, and cut after 32 bytes.
pub(crate) fn bytes_text(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(32)];
    let cut = if shown.len() < bytes.len() { "..." } else { "" };
    let escape = |&byte: &u8| if byte == 0 { "\\0".into() } else { ascii::escape_default(byte).to_string() };
    format!("\"{}\"{cut}", shown.iter().map(escape).collect::<String>())
}
