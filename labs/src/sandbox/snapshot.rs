//! What the kernel shows the supervisor: the processes of the sandbox, and the objects.

use super::Fault;
use ipc_workbook::observe::Kind;
use ipc_workbook::observe::sysvipc::{Row, Table, rows};
use std::ffi::c_long;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// The ids of all processes in this process's /proc.
pub(super) fn processes() -> Result<Vec<i32>, Fault> {
    let entries = fs::read_dir("/proc").map_err(|error| Fault::io("/proc", &error))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut pids: Vec<i32> = names.collect();
    pids.sort_unstable();
    Ok(pids)
}

/// A process of the sandbox, as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) name: String,
    /// `S` sleeps until something happens, `R` runs, `D` is deep in the kernel, `Z` is dead.
    pub(crate) state: char,
    /// The call that it sleeps in.
    pub(crate) call: Option<c_long>,
    /// The kernel's function that it sleeps in, where the kernel tells.
    pub(crate) wchan: String,
    /// How often it has come to run, or been taken from the processor.
    pub(crate) switches: u64,
    /// The IPC objects that it has open, mapped or attached.
    pub(crate) held: Vec<String>,
}

impl Process {
    /// `None` once it is gone.
    pub(super) fn of(pid: i32) -> Option<Self> {
        let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).ok();
        let stat = read("stat")?;
        let (head, rest) = stat.rsplit_once(')')?;
        let status = read("status")?;
        let switches = status.lines().filter_map(|line| line.split_once("ctxt_switches:"));
        let call = read("syscall").unwrap_or_default();
        Some(Process {
            pid,
            name: head.split_once('(')?.1.into(),
            state: rest.trim_start().chars().next()?,
            call: call.split(' ').next().and_then(|number| number.trim().parse().ok()),
            wchan: read("wchan").filter(|name| name != "0").unwrap_or_default(),
            switches: switches.filter_map(|(_, n)| n.trim().parse::<u64>().ok()).sum(),
            held: held(pid),
        })
    }

    /// The name of the call that it sleeps in.
    pub(crate) fn call_name(&self) -> Option<String> {
        self.call.filter(|_| self.state == 'S').map(call_name)
    }

    /// Whether it sleeps in one of these calls.
    pub(crate) fn sleeps_in(&self, calls: &[&str]) -> bool {
        self.call_name().is_some_and(|name| calls.contains(&name.as_str()))
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.name)?;
        match (self.call_name(), self.state) {
            (Some(call), _) => write!(f, "waits in {call}")?,
            (None, 'Z') => f.write_str("is dead, and nobody waits for it")?,
            (None, 'R') => f.write_str("runs")?,
            (None, state) => write!(f, "is in state {state}")?,
        }
        if !self.wchan.is_empty() && self.state == 'S' {
            write!(f, " (wchan {})", self.wchan)?;
        }
        if !self.held.is_empty() {
            write!(f, ", holding {}", self.held.join(" and "))?;
        }
        Ok(())
    }
}

/// Several processes in a few words.
pub(crate) fn describe(processes: &[Process]) -> String {
    const SHOWN: usize = 3;
    let mut text: Vec<String> = processes.iter().take(SHOWN).map(ToString::to_string).collect();
    if processes.len() > SHOWN {
        text.push(format!("and {} processes more", processes.len() - SHOWN));
    }
    if text.is_empty() { "no process was left".into() } else { text.join("; ") }
}

/// The IPC objects that a process holds, each once.
fn held(pid: i32) -> Vec<String> {
    let mut found = Vec::new();
    let links = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().filter_map(Result::ok);
    for entry in links {
        let Ok(target) = fs::read_link(entry.path()) else { continue };
        let target = target.to_string_lossy().into_owned();
        // The link of a queue is its name, as if it lay in the root directory.
        let is_queue = fs::metadata(entry.path())
            .is_ok_and(|meta| meta.mode() & libc::S_IFMT == libc::S_IFREG)
            && target.matches('/').count() == 1;
        if is_queue {
            found.push(format!("queue {target}"));
        } else if target.starts_with("/dev/shm/") || target.starts_with("/dev/mqueue/") {
            found.push(target);
        }
    }
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    for line in maps.lines() {
        if let Some(at) = line.find("/dev/shm/").or_else(|| line.find("/SYSV")) {
            found.push(format!("a mapping of {}", &line[at..]));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// An IPC object.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    /// With a name that is a file's.
    Posix {
        kind: Kind,
        /// As the calls take it, `/name`.
        name: String,
        mode: u32,
        uid: u32,
        ino: u64,
        size: u64,
    },
    SystemV(Row),
}

impl Object {
    /// Whether both are the same object, whatever has happened to it meanwhile.
    pub(super) fn is(&self, other: &Object) -> bool {
        match (self, other) {
            (Object::Posix { kind, name, ino, .. }, Object::Posix { kind: k, name: n, ino: i, .. }) => {
                (kind, name, ino) == (k, n, i)
            }
            (Object::SystemV(row), Object::SystemV(other)) => row.table == other.table && row.id == other.id,
            _ => false,
        }
    }

    /// Its owner.
    pub(super) fn is_of(&self, user: u32) -> bool {
        match self {
            Object::Posix { uid, .. } => *uid == user,
            Object::SystemV(row) => row.fact("uid") == Ok(user.into()),
        }
    }

    /// How /proc names it where somebody holds it.
    pub(super) fn name_in_proc(&self) -> String {
        match self {
            Object::Posix { name, .. } => name.clone(),
            Object::SystemV(row) => format!("/SYSV{:08x}", key_of(row)),
        }
    }

    /// Removes it. What is gone already is removed.
    #[allow(unsafe_code)]
    pub(super) fn remove(&self) {
        match self {
            Object::Posix { kind, name, .. } => {
                let file = kind.path(&std::ffi::CString::new(name.as_str()).unwrap_or_default());
                // A folder is no object, but in /dev/shm there may be one.
                let _ = fs::remove_file(&file).or_else(|_| fs::remove_dir_all(&file));
            }
            // SAFETY: IPC_RMID takes no buffer.
            Object::SystemV(row) => unsafe {
                match row.table {
                    Table::Msg => libc::msgctl(row.id, libc::IPC_RMID, std::ptr::null_mut()),
                    Table::Sem => libc::semctl(row.id, 0, libc::IPC_RMID),
                    Table::Shm => libc::shmctl(row.id, libc::IPC_RMID, std::ptr::null_mut()),
                };
            },
        }
    }
}

/// The key as the 32 bits that it is: the table shows it with a sign.
fn key_of(row: &Row) -> u32 {
    row.fact("key").ok().and_then(|key| i32::try_from(key).ok()).unwrap_or(0).cast_unsigned()
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::Posix { kind, name, mode, .. } => write!(f, "{} {name} (mode {mode:04o})", kind.noun()),
            Object::SystemV(row) => {
                write!(f, "{} with key {:#x}", row.table.noun(), key_of(row))
            }
        }
    }
}

/// All objects of this IPC namespace, and of its /dev/shm.
pub(super) fn objects() -> Result<Vec<Object>, Fault> {
    let mut all = Vec::new();
    for (folder, of_folder) in [("/dev/mqueue", Kind::Queue), ("/dev/shm", Kind::SharedMemory)] {
        for entry in fs::read_dir(folder).map_err(|error| Fault::io(folder, &error))?.filter_map(Result::ok) {
            let Ok(meta) = entry.metadata() else { continue };
            let file = entry.file_name().to_string_lossy().into_owned();
            let (kind, name) = match file.strip_prefix("sem.") {
                Some(name) if of_folder == Kind::SharedMemory => (Kind::Semaphore, name.to_string()),
                _ => (of_folder, file),
            };
            all.push(Object::Posix {
                kind,
                name: format!("/{name}"),
                mode: meta.mode() & 0o7777,
                uid: meta.uid(),
                ino: meta.ino(),
                size: meta.size(),
            });
        }
    }
    for table in Table::ALL {
        all.extend(rows(table).map_err(|unseen| Fault(unseen.0))?.into_iter().map(Object::SystemV));
    }
    all.sort_by_key(ToString::to_string);
    Ok(all)
}

/// The name of a system call, for those that a program may be found waiting in.
pub(super) fn call_name(number: c_long) -> String {
    let names = [
        (libc::SYS_mq_open, "mq_open"),
        (libc::SYS_mq_unlink, "mq_unlink"),
        (libc::SYS_mq_timedsend, "mq_timedsend"),
        (libc::SYS_mq_timedreceive, "mq_timedreceive"),
        (libc::SYS_mq_notify, "mq_notify"),
        (libc::SYS_mq_getsetattr, "mq_getsetattr"),
        (libc::SYS_semget, "semget"),
        (libc::SYS_semop, "semop"),
        (libc::SYS_semtimedop, "semtimedop"),
        (libc::SYS_semctl, "semctl"),
        (libc::SYS_msgget, "msgget"),
        (libc::SYS_msgsnd, "msgsnd"),
        (libc::SYS_msgrcv, "msgrcv"),
        (libc::SYS_msgctl, "msgctl"),
        (libc::SYS_shmget, "shmget"),
        (libc::SYS_shmat, "shmat"),
        (libc::SYS_shmdt, "shmdt"),
        (libc::SYS_shmctl, "shmctl"),
        (libc::SYS_futex, "futex"),
        (libc::SYS_nanosleep, "nanosleep"),
        (libc::SYS_clock_nanosleep, "clock_nanosleep"),
        (libc::SYS_sched_yield, "sched_yield"),
        (libc::SYS_read, "read"),
        (libc::SYS_write, "write"),
        (libc::SYS_openat, "openat"),
        (libc::SYS_unlinkat, "unlinkat"),
        (libc::SYS_linkat, "linkat"),
        (libc::SYS_renameat, "renameat"),
        (libc::SYS_renameat2, "renameat2"),
        (libc::SYS_ftruncate, "ftruncate"),
        (libc::SYS_fallocate, "fallocate"),
        (libc::SYS_fchmod, "fchmod"),
        (libc::SYS_wait4, "wait4"),
        (libc::SYS_waitid, "waitid"),
        (libc::SYS_ppoll, "ppoll"),
        (libc::SYS_pselect6, "pselect6"),
        (libc::SYS_epoll_pwait, "epoll_pwait"),
        (libc::SYS_rt_sigtimedwait, "rt_sigtimedwait"),
        (libc::SYS_rt_sigsuspend, "rt_sigsuspend"),
        (libc::SYS_flock, "flock"),
        (libc::SYS_fcntl, "fcntl"),
        (libc::SYS_kill, "kill"),
        (libc::SYS_exit_group, "exit_group"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, "open"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_unlink, "unlink"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_link, "link"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_rename, "rename"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_pause, "pause"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_poll, "poll"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_select, "select"),
    ];
    let name = names.into_iter().find(|(known, _)| *known == number);
    name.map_or_else(|| format!("system call {number}"), |(_, name)| name.into())
}
