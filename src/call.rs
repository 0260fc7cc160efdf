//! How wrappers return errors and report their calls.
//!
//! Every wrapper of the call modules does three things: it makes the call, it
//! turns -1 into `Err` with `check` (or nix does), and it passes the
//! result to `report`. While a lesson runs, a [`Listener`] prints the call and
//! records the objects that it creates. Outside a lesson there is no
//! listener, and `report` costs one load and one branch.

use std::cell::Cell;
use std::ffi::{CStr, c_int};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::{ascii, fmt};

pub use nix::Result;
pub use nix::errno::Errno;
use nix::errno::ErrnoSentinel;
use nix::sys::time::TimeSpec;

/// Turns -1 into `Err(errno)`. No other function does this.
pub(crate) fn check<S: ErrnoSentinel + PartialEq<S>>(returned: S) -> Result<S> {
    Errno::result(returned)
}

/// Does the same as [`check`] for a call that returns a new descriptor.
///
/// # Safety
///
/// The call must have made the descriptor just now, so that nobody else owns it.
#[allow(unsafe_code)]
pub(crate) unsafe fn new_descriptor(returned: RawFd) -> Result<OwnedFd> {
    // SAFETY: the caller promises it.
    check(returned).map(|fd| unsafe { OwnedFd::from_raw_fd(fd) })
}

/// One finished call, in the form that C programmers know from the manual and from strace.
#[derive(Debug)]
pub struct Call {
    /// The C name.
    pub name: &'static str,
    /// The call as it was made: `mq_open("/refcount_demo", O_RDONLY)`.
    pub text: String,
    /// What the call returns in C: `3`, `0`, `0x7f5c0000`; or the errno.
    pub result: Result<String>,
}

/// Writes `mq_open(…) = 3`, or `mq_open(…) = -1 ENOENT (No such file or directory)`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(value) => write!(f, "{} = {value}", self.text),
            Err(errno) => write!(f, "{} = -1 {}", self.text, errno_text(*errno)),
        }
    }
}

/// An object that the kernel keeps under a name or an identifier.
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

/// A call that may wait, and what ends the wait.
#[derive(Debug)]
pub struct Wait {
    /// The C name.
    pub call: &'static str,
    /// What ends the wait, as in "the call waits until a message arrives".
    pub until: &'static str,
}

/// A listener is told about every call. Lessons are listeners.
pub trait Listener {
    /// Called before a call that does not return if it succeeds.
    fn announced(&self, _text: &str) {}
    /// Called after a call has returned. Successful calls are passed only if [`Listener::wants_successes`].
    fn called(&self, call: Call);
    /// Returns whether the listener wants successful calls. Formatting a call takes longer than making it.
    fn wants_successes(&self) -> bool {
        true
    }
    /// Called before a call that may create an object. Until [`Listener::settled`], no
    /// signal may end the process; otherwise an object could stay that nobody has recorded.
    fn creating(&self);
    /// Called when the call has created this object.
    fn created(&self, object: Object<'_>);
    /// Called when the object, if any, has been recorded.
    fn settled(&self);
    /// Called when the object has lost its name or identifier.
    fn removed(&self, object: Object<'_>);
    /// Called before a call that may wait.
    fn may_wait(&self, _wait: &'static Wait) {}
    /// Called after this call has returned.
    fn waits_no_more(&self) {}
}

thread_local! {
    static LISTENER: Cell<Option<&'static dyn Listener>> = const { Cell::new(None) };
}

/// Sets the listener for all further calls of this thread.
pub fn listen(listener: &'static dyn Listener) {
    LISTENER.set(Some(listener));
}

/// Makes calls without telling the listener, for observations.
pub fn unreported<T>(calls: impl FnOnce() -> T) -> T {
    let listener = LISTENER.replace(None);
    let result = calls();
    LISTENER.set(listener);
    result
}

/// A return value, which can be shown as in C.
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
returned_as_itself!(i32, i64, usize);

/// Passes a finished call to the listener, if there is one and it wants the call. `arguments`
/// is called only in this case.
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

/// The part of `report` that is the same for every call. As a function of its own it is compiled only once.
fn hand_over(listener: &dyn Listener, name: &'static str, arguments: &str, result: Result<String>) {
    listener.called(Call { name, text: format!("{name}({arguments})"), result });
}

/// Passes a call to the listener before the call is made. For calls that return only if they fail.
pub(crate) fn announce(name: &'static str, arguments: impl FnOnce() -> String) {
    if let Some(listener) = LISTENER.get() {
        listener.announced(&format!("{name}({})", arguments()));
    }
}

/// Makes a call that may wait. The listener knows meanwhile in which call this process waits, so
/// that the lesson can report a long wait.
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

/// Blocks signals while an object is being created and recorded.
pub(crate) struct Creating(Option<&'static dyn Listener>);

/// Must be called before a call that may create an object; see [`Creating::created`].
#[inline]
pub(crate) fn creating() -> Creating {
    let listener = LISTENER.get();
    if let Some(listener) = listener {
        listener.creating();
    }
    Creating(listener)
}

impl Creating {
    /// Records an object that the call has just created. Must be called before
    /// [`report`]: if standard output cannot be written, `report` ends the process.
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

/// Returns whether a successful call with these flags has certainly created its object.
pub(crate) fn surely_created(oflag: c_int) -> bool {
    const NEW: c_int = libc::O_CREAT | libc::O_EXCL;
    oflag & NEW == NEW
}

/// Must be called when an object has lost its name or identifier.
#[inline]
pub(crate) fn removed(object: Object<'_>) {
    if let Some(listener) = LISTENER.get() {
        listener.removed(object);
    }
}

/// Returns the flags as strace writes them: `O_RDWR|O_CREAT|O_EXCL`.
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
            (libc::O_APPEND, "O_APPEND"),
            (libc::O_NONBLOCK, "O_NONBLOCK"),
            (libc::O_ASYNC, "O_ASYNC"),
            (libc::O_CLOEXEC, "O_CLOEXEC"),
        ],
    )
}

/// Returns the names of the bits of `flags`, joined by `|`. Bits without a name are written in hexadecimal,
/// and no bits as `0`. `first` comes before the names, if it is not empty.
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

/// Returns the errno with its description from `strerror(3)`: `ENOENT (No such file or directory)`.
#[must_use]
pub fn errno_text(errno: Errno) -> String {
    let text = std::io::Error::from_raw_os_error(errno as i32).to_string();
    // Rust adds ` (os error 2)`.
    let words = text.split(" (os error").next().unwrap_or(&text);
    format!("{errno:?} ({words})")
}

/// Returns a name with quotes and escapes as in C: `"/refcount_demo"`. A very long name is cut, and its
/// length is added.
pub(crate) fn name_text(name: &CStr) -> String {
    const SHOWN: usize = 32;
    let bytes = name.to_bytes();
    if bytes.len() <= 2 * SHOWN {
        return format!("\"{}\"", bytes.escape_ascii());
    }
    format!("\"{}\"... /* {} bytes */", bytes[..SHOWN].escape_ascii(), bytes.len())
}

/// Returns a buffer as strace shows it: quoted, with 0 as `\0`, and cut after 32 bytes.
pub(crate) fn bytes_text(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(32)];
    let cut = if shown.len() < bytes.len() { "..." } else { "" };
    let escape = |&byte: &u8| if byte == 0 { "\\0".into() } else { ascii::escape_default(byte).to_string() };
    format!("\"{}\"{cut}", shown.iter().map(escape).collect::<String>())
}

/// Returns a `struct timespec`: `{tv_sec=1, tv_nsec=5}`.
pub(crate) fn timespec_text(time: &TimeSpec) -> String {
    format!("{{tv_sec={}, tv_nsec={}}}", time.tv_sec(), time.tv_nsec())
}
