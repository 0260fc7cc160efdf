//! What a path, or a descriptor, of a program leads to: through folders that are open, through links, and
//! through /proc.

use super::calls::int;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// What lies at the end of a path or behind a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// An IPC object, or the place of one.
    Object,
    /// A file that programs of the sandbox can agree by.
    SharedFile,
    /// What no other program of the sandbox notices.
    Elsewhere,
}

/// The file systems on which programs meet, by their device numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meeting {
    objects: Vec<u64>,
    files: Vec<u64>,
}

impl Meeting {
    /// Objects lie here, and files there.
    pub(super) fn at(objects: &[PathBuf], files: &[PathBuf]) -> Self {
        let device = |path: &PathBuf| Some(fs::metadata(path).ok()?.dev());
        let devices = |paths: &[PathBuf]| paths.iter().filter_map(device).collect();
        Meeting { objects: devices(objects), files: devices(files) }
    }

    /// What is behind a descriptor of this thread.
    pub(crate) fn behind(&self, tid: i32, fd: u64) -> Reach {
        let file = fs::metadata(format!("/proc/{tid}/fd/{}", int(fd)));
        file.map_or(Reach::Elsewhere, |file| self.on(file.dev()))
    }

    /// What is at the end of a path, as this thread would walk it from a folder that it has open, or from
    /// its working directory. What is not there yet would be in its folder.
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

/// Walks a path as this thread would, and returns where it ends as this process sees it. `None` where that
/// cannot be known: it leads through another process's folder of /proc.
fn walk(tid: i32, folder: Option<u64>, path: &[u8]) -> Option<PathBuf> {
    /// As many links as the kernel follows.
    const MOST_LINKS: u32 = 40;
    let link = |name: &str| fs::read_link(format!("/proc/{tid}/{name}")).unwrap_or_default();
    let root = link("root");
    let folder = folder.map(int).filter(|fd| *fd != libc::AT_FDCWD);
    let mut at = folder.map_or_else(|| link("cwd"), |fd| link(&format!("fd/{fd}")));
    // What has yet to be walked, the next component last.
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

/// Where /proc shows a thread itself, this process sees it at another path.
fn own_folder_of_proc(tid: i32, root: &Path, path: &Path) -> Option<PathBuf> {
    let Ok(inside) = path.strip_prefix(root.join("proc")) else { return Some(path.into()) };
    let mut components = inside.components();
    match components.next().map(Component::as_os_str).and_then(OsStr::to_str) {
        Some("self" | "thread-self") => Some(Path::new(&format!("/proc/{tid}")).join(components)),
        Some(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => None,
        _ => Some(path.into()),
    }
}

/// Whether a link of /proc stands for what has no path, or one in a file system of its own: a pipe, a
/// queue. The link itself is then as good as the file.
fn is_nameless(target: &Path) -> bool {
    !target.is_absolute() || !target.exists()
}
