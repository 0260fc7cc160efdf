//! Finds what a path or a descriptor of a program refers to. Paths may pass through open folders, links and
//! /proc.

use super::calls::int;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// What a path or a descriptor refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// An IPC object, or the folder of one.
    Object,
    /// A file through which programs of the sandbox can coordinate.
    SharedFile,
    /// Anything that no other program of the sandbox notices.
    Elsewhere,
}

/// The device numbers of the file systems through which programs can communicate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meeting {
    objects: Vec<u64>,
    files: Vec<u64>,
}

impl Meeting {
    /// Takes the folders of objects, and the folders of files.
    pub(super) fn at(objects: &[PathBuf], files: &[PathBuf]) -> Self {
        let device = |path: &PathBuf| Some(fs::metadata(path).ok()?.dev());
        let devices = |paths: &[PathBuf]| paths.iter().filter_map(device).collect();
        Meeting { objects: devices(objects), files: devices(files) }
    }

    /// Returns what a descriptor of this thread refers to.
    pub(crate) fn behind(&self, tid: i32, fd: u64) -> Reach {
        let file = fs::metadata(format!("/proc/{tid}/fd/{}", int(fd)));
        file.map_or(Reach::Elsewhere, |file| self.on(file.dev()))
    }

    /// Returns what a path refers to, as this thread would resolve it from an open folder, or from its
    /// working directory. A file that does not exist yet counts as its folder.
    pub(crate) fn along(&self, tid: i32, folder: Option<u64>, path: &[u8]) -> Reach {
        let Some(end) = walk(tid, folder, path) else { return Reach::Object };
        let there = fs::metadata(&end).ok().or_else(|| fs::metadata(end.parent()?).ok());
        there.map_or(Reach::Elsewhere, |file| self.on(file.dev()))
    }

    fn on(&self, device: u64) -> Reach {
        if self.objects.contains(&device) {
            Reach::Object
        } else if self.files.contains(&device) {
            Reach::SharedFile
        } else {
            Reach::Elsewhere
        }
    }
}

/// Resolves a path as this thread would, and returns the result as seen from this process. Returns `None` if
/// that cannot be known, because the path leads through another process's folder in /proc.
fn walk(tid: i32, folder: Option<u64>, path: &[u8]) -> Option<PathBuf> {
    /// The most links that the kernel follows.
    const MOST_LINKS: u32 = 40;
    let link = |name: &str| fs::read_link(format!("/proc/{tid}/{name}")).unwrap_or_default();
    let root = link("root");
    let folder = folder.map(int).filter(|fd| *fd != libc::AT_FDCWD);
    let mut at = folder.map_or_else(|| link("cwd"), |fd| link(&format!("fd/{fd}")));
    // The components that remain; the next one is the last element.
    let mut ahead = vec![OsString::from_vec(path.to_vec())];
    let mut links = 0;
    while let Some(next) = ahead.pop() {
        let mut components = Path::new(&next).components();
        match components.next() {
            None | Some(Component::Prefix(_)) => continue,
            Some(Component::CurDir) => {}
            Some(Component::RootDir) => at.clone_from(&root),
            Some(Component::ParentDir) => {
                if at != root {
                    at.pop();
                }
            }
            Some(Component::Normal(name)) => {
                ahead.push(components.as_path().as_os_str().into());
                let here = own_folder_of_proc(tid, &root, &at.join(name))?;
                match fs::read_link(&here) {
                    Ok(target) if links < MOST_LINKS && !is_nameless(&target) => {
                        links += 1;
                        if here.starts_with(format!("/proc/{tid}")) {
                            at = target;
                        } else {
                            ahead.push(target.into());
                        }
                    }
                    _ => at = here,
                }
                continue;
            }
        }
        ahead.push(components.as_path().as_os_str().into());
    }
    Some(at)
}

/// Translates /proc/self and /proc/thread-self to the path where this process sees that thread.
fn own_folder_of_proc(tid: i32, root: &Path, path: &Path) -> Option<PathBuf> {
    let Ok(inside) = path.strip_prefix(root.join("proc")) else { return Some(path.into()) };
    let mut components = inside.components();
    match components.next().map(Component::as_os_str).and_then(OsStr::to_str) {
        Some("self" | "thread-self") => Some(Path::new(&format!("/proc/{tid}")).join(components)),
        Some(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => None,
        _ => Some(path.into()),
    }
}

/// Whether a link in /proc refers to something without a path here, such as a pipe or a queue. The link
/// itself can then be used like the file.
fn is_nameless(target: &Path) -> bool {
    !target.is_absolute() || !target.exists()
}
