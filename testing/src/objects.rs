//! Objects that a test makes, as an earlier run or another program would have left them.

use ipc_workbook::observe::Kind;
use std::ffi::CString;

/// Whether the queue exists, also where /dev/mqueue does not.
pub fn queue_exists(name: &str) -> bool {
    let name = CString::new(name).expect("no NUL");
    // SAFETY: the name ends in a NUL; the descriptor is closed at once.
    unsafe {
        let fd = libc::mq_open(name.as_ptr(), libc::O_RDONLY);
        if fd >= 0 {
            libc::close(fd);
        }
        fd >= 0 || nix::errno::Errno::last() != nix::errno::Errno::ENOENT
    }
}

/// Makes an object, as an earlier run would have left it, and keeps it open.
pub fn make(kind: Kind, name: &str, mode: libc::mode_t) -> Held {
    let c_name = CString::new(name).expect("no NUL");
    let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR;
    // SAFETY: the name ends in a NUL; the results are checked below.
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
    assert!(good, "making the {kind:?} {name}: {}", std::io::Error::last_os_error());
    held
}

/// An object held open.
pub enum Held {
    Descriptor(i32),
    Semaphore(*mut libc::sem_t),
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: each is this handle's own, and closed once.
        unsafe {
            match self {
                Held::Descriptor(fd) => libc::close(*fd),
                Held::Semaphore(sem) => libc::sem_close(*sem),
            };
        }
    }
}

/// Removes the name of an object, which must be there.
pub fn unmake(kind: Kind, name: &str) {
    let c_name = CString::new(name).expect("no NUL");
    // SAFETY: the name ends in a NUL.
    let done = unsafe {
        match kind {
            Kind::Queue => libc::mq_unlink(c_name.as_ptr()),
            Kind::Semaphore => libc::sem_unlink(c_name.as_ptr()),
            Kind::SharedMemory => libc::shm_unlink(c_name.as_ptr()),
        }
    };
    assert_eq!(done, 0, "the {kind:?} {name} is gone: {}", std::io::Error::last_os_error());
}
