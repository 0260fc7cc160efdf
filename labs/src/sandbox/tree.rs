//! The file tree that a submission sees: the system read-only, two small folders to write to, and the IPC
//! file systems of its sandbox. It contains nothing else of the machine: no home folders, sockets or results.

use super::fault::Fault;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::ffi::CString;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

/// The mount point of the tree in the worker's mount namespace. Every system has a /tmp.
pub(super) const ROOT: &str = "/tmp";

/// The folders that a program needs to run: loaders, libraries, interpreters.
const SYSTEM: [&str; 12] = [
    "usr",
    "bin",
    "sbin",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "etc",
    "opt",
    "nix",
    "gnu",
    "run/current-system",
];

const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

/// The size of each folder that a program may write to.
const SIZE: &str = "size=64m,nr_inodes=4k";

/// The folders that a program may write to: its working directory, and one for temporary files.
pub(super) const WRITABLE: [&str; 2] = ["work", "tmp"];

/// A path of the machine that appears in the tree as well, under the same path or another.
pub(super) struct Mount {
    pub(super) at: PathBuf,
    /// Opened before the tree is mounted over /tmp.
    source: OwnedFd,
    folder: bool,
}

impl Mount {
    pub(super) fn new(source: &Path, at: &Path) -> Result<Self, Fault> {
        use nix::fcntl::{OFlag, open};
        let what = || format!("cannot open {}", source.display());
        let fd = open(source, OFlag::O_PATH | OFlag::O_CLOEXEC, nix::sys::stat::Mode::empty())
            .map_err(|errno| Fault::call(&what(), errno))?;
        let folder = fs::metadata(source).map_err(|error| Fault::io(&what(), &error))?.is_dir();
        Ok(Mount { at: at.strip_prefix("/").unwrap_or(at).into(), source: fd, folder })
    }
}

/// Builds the tree. Its IPC file systems are those of this process's namespaces.
pub(super) fn build(mounts: &[Mount]) -> Result<(), Fault> {
    let root = Path::new(ROOT);
    // Read before the machine's /tmp is covered.
    let mut system = Vec::new();
    for name in SYSTEM {
        let path = Path::new("/").join(name);
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_symlink() => {
                system.push((name, Some(fs::read_link(&path).map_err(|error| Fault::io(name, &error))?)));
            }
            Ok(_) => system.push((name, None)),
            Err(_) => {}
        }
    }
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    tmpfs(root, "size=1m,nr_inodes=1k,mode=0755", safe)?;
    for (name, link) in system {
        let at = root.join(name);
        match link {
            Some(target) => symlink(target, &at).map_err(|error| Fault::io(name, &error))?,
            None => bind(&Path::new("/").join(name), &at, true, true)?,
        }
    }
    for writable in WRITABLE {
        let at = root.join(writable);
        folder(&at)?;
        tmpfs(&at, &format!("{SIZE},mode=0700"), safe)?;
    }
    let program = root.join("program");
    folder(&program)?;
    tmpfs(&program, "size=256m,nr_inodes=16,mode=0755", safe)?;
    for mount in mounts {
        let source = PathBuf::from(format!("/proc/self/fd/{}", mount.source.as_raw_fd()));
        bind(&source, &root.join(&mount.at), mount.folder, true)?;
    }
    folder(&root.join("proc"))?;
    devices(root)?;
    let none: Option<&str> = None;
    mount(none, root, none, MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | safe, none)
        .map_err(|errno| Fault::call("mount(MS_REMOUNT|MS_RDONLY)", errno))
}

/// Sets the size of /dev/shm back to the default, in case a grader has changed it.
pub(super) fn bound_shm() -> Result<(), Fault> {
    let none: Option<&str> = None;
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(none, "/dev/shm", none, flags, Some(SIZE))
        .map_err(|errno| Fault::call("mount(/dev/shm, MS_REMOUNT)", errno))
}

/// Makes the file system of this file read-only.
pub(super) fn seal(file: &str) -> Result<(), Fault> {
    let at = Path::new(ROOT).join(Path::new(file.trim_start_matches('/')).parent().unwrap_or(Path::new("")));
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let none: Option<&str> = None;
    mount(none, &at, none, flags, none).map_err(|errno| Fault::call("mount(MS_REMOUNT|MS_RDONLY)", errno))
}

fn devices(root: &Path) -> Result<(), Fault> {
    let dev = root.join("dev");
    for name in DEVICES {
        bind(&Path::new("/dev").join(name), &dev.join(name), false, false)?;
    }
    for name in ["shm", "mqueue"] {
        bind(&Path::new("/dev").join(name), &dev.join(name), true, false)?;
    }
    for (target, link) in [
        ("/proc/self/fd", "fd"),
        ("/proc/self/fd/0", "stdin"),
        ("/proc/self/fd/1", "stdout"),
        ("/proc/self/fd/2", "stderr"),
    ] {
        symlink(target, dev.join(link)).map_err(|error| Fault::io("symlink", &error))?;
    }
    Ok(())
}

/// Mounts a /proc that shows the caller's PID namespace, in place of the last one.
pub(super) fn mount_proc() -> nix::Result<()> {
    let at = Path::new(ROOT).join("proc");
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    while umount2(&at, MntFlags::MNT_DETACH).is_ok() {}
    let none: Option<&str> = None;
    mount(Some("proc"), &at, Some("proc"), flags, none)
}

fn folder(at: &Path) -> Result<(), Fault> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o755).create(at);
    made.map_err(|error| Fault::io(&format!("mkdir {}", at.display()), &error))
}

fn tmpfs(at: &Path, options: &str, flags: MsFlags) -> Result<(), Fault> {
    mount(Some("lab"), at, Some("tmpfs"), flags, Some(options))
        .map_err(|errno| Fault::call(&format!("mount tmpfs on {}", at.display()), errno))
}

/// Binds `source` to `at`; with `read_only`, including everything mounted in it.
#[allow(unsafe_code)]
fn bind(source: &Path, at: &Path, is_folder: bool, read_only: bool) -> Result<(), Fault> {
    if is_folder {
        folder(at)?;
    } else {
        folder(at.parent().unwrap_or(at))?;
        fs::File::create(at).map_err(|error| Fault::io(&format!("create {}", at.display()), &error))?;
    }
    let none: Option<&str> = None;
    mount(Some(source), at, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)
        .map_err(|errno| Fault::call(&format!("bind {}", at.display()), errno))?;
    if !read_only {
        return Ok(());
    }
    let path = CString::new(at.as_os_str().as_encoded_bytes())
        .map_err(|_| Fault::new("a path contains a NUL byte"))?;
    // SAFETY: mount_attr consists of numbers, for which zero is valid.
    let mut attr: libc::mount_attr = unsafe { std::mem::zeroed() };
    attr.attr_set = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID;
    // SAFETY: the path ends with a NUL byte; path and attr outlive the call, which reads them.
    let set = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attr,
            size_of::<libc::mount_attr>(),
        )
    };
    nix::errno::Errno::result(set)
        .map(drop)
        .map_err(|errno| Fault::call("mount_setattr(AT_RECURSIVE)", errno))
}
