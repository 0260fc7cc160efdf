//! Objects that a test creates, as an earlier run or another program might have left them.

use ipc_workbook::observe::Kind;
use std::ffi::CString;

/// Returns whether the queue exists. Works without /dev/mqueue as well.
pub fn queue_exists(name: &str) -> bool {
    let name = CString::new(name).expect("no NUL");
    // SAFETY: the name ends with a NUL, and the descriptor is closed at once.
    unsafe {
        let fd = libc::mq_open(name.as_ptr(), libc::O_RDONLY);
        if fd >= 0 {
            libc::close(fd);
        }
        fd >= 0 || nix::errno::Errno::last() != nix::errno::Errno::ENOENT
    }
}

/// Creates an object as an earlier run might have left it, and keeps it open.
pub fn make(kind: Kind, name: &str, mode: libc::mode_t) -> Held {
    let c_name = CString::new(name).expect("no NUL");
    let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR;
    // SAFETY: the name ends with a NUL, and the results are checked below.
    let held = unsafe {
        match kind {
            Kind::Queue => {
                let mut attr: libc::mq_attr = std::mem::zeroed();
                (attr.mq_maxmsg, attr.mq_msgsize) = (1, 1);
                Held::Descriptor(libc::mq_open(c_name.as_ptr(), flags, mode, &raw const attr))
            }
            Kind::SharedMemory => Held::Descriptor(libc::shm_open(c_name.as_ptr(), flags, mode)),
            Kind::Semaphore => Held::Semaphore(libc::sem_open(c_name.as_ptr(), flags, mode, 0)),
        }
    };
    let good = match held {
        Held::Descriptor(fd) => fd >= 0,
        Held::Semaphore(sem) => sem != libc::SEM_FAILED,
    };
    assert!(good, "cannot create the {kind:?} {name}: {}", std::io::Error::last_os_error());
    held
}

/// An open object.
pub enum Held {
    Descriptor(i32),
    Semaphore(*mut libc::sem_t),
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the handle owns its descriptor or mapping, and closes it only here.
        unsafe {
            match self {
                Held::Descriptor(fd) => libc::close(*fd),
                Held::Semaphore(sem) => libc::sem_close(*sem),
            };
        }
    }
}

/// Unlinks an object, which must exist.
pub fn unmake(kind: Kind, name: &str) {
    let c_name = CString::new(name).expect("no NUL");
    // SAFETY: the name ends with a NUL.
    let done = unsafe {
        match kind {
            Kind::Queue => libc::mq_unlink(c_name.as_ptr()),
            Kind::Semaphore => libc::sem_unlink(c_name.as_ptr()),
            Kind::SharedMemory => libc::shm_unlink(c_name.as_ptr()),
        }
    };
    assert_eq!(done, 0, "cannot unlink the {kind:?} {name}: {}", std::io::Error::last_os_error());
}
