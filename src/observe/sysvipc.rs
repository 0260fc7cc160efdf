//! The tables of /proc/sysvipc, which show all System V objects of this IPC namespace,
//! whoever owns them. Reading a table makes no call on the objects. It therefore needs no permission
//! on them and does not change them.

use super::processes::is_alive;
use super::unseen::{Fact, Unseen};
use crate::call::unreported;
use crate::sysv::sem::{GETPID, IPC_STAT, semctl};
use std::fs;
use std::io::ErrorKind;

/// The three tables, one for each mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// /proc/sysvipc/msg
    Msg,
    /// /proc/sysvipc/sem
    Sem,
    /// /proc/sysvipc/shm
    Shm,
}

impl Table {
    /// All three.
    pub const ALL: [Table; 3] = [Table::Msg, Table::Sem, Table::Shm];

    /// Returns what people call an object of this table.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Table::Msg => "System V queue",
            Table::Sem => "System V semaphore set",
            Table::Shm => "System V segment",
        }
    }

    /// Returns the path of the table.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Table::Msg => "/proc/sysvipc/msg",
            Table::Sem => "/proc/sysvipc/sem",
            Table::Shm => "/proc/sysvipc/shm",
        }
    }

    /// Returns the columns that a lesson shows, in the kernel's order.
    const fn shown(self) -> &'static [&'static str] {
        match self {
            Table::Msg => &["key", "msqid", "perms", "cbytes", "qnum", "lspid", "lrpid"],
            Table::Sem => &["key", "semid", "perms", "nsems"],
            Table::Shm => &["key", "shmid", "perms", "size", "cpid", "lpid", "nattch"],
        }
    }
}

/// One object: its line in the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The table that contains the line.
    pub table: Table,
    /// The object's identifier.
    pub id: i32,
    fields: Vec<(String, i64)>,
}

impl Row {
    /// Returns the number in the column with this name: `qnum`, `nattch`, `cuid`. (The table shows `perms`
    /// in octal. Its digits are returned as a decimal number: 600.)
    pub fn fact(&self, name: &str) -> Result<i64, Unseen> {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| *value).ok_or_else(|| {
            let file = self.table.file();
            Unseen(format!("{file} has no column {name}"))
        })
    }

    /// Returns the key as calls and ipcs(1) show it: `0x3039`. The table shows it as a signed decimal number.
    pub fn key(&self) -> Result<String, Unseen> {
        let key = self.fact("key")?;
        Ok(i32::try_from(key).map_or_else(|_| key.to_string(), |key| format!("{key:#x}")))
    }

    /// Returns the names of the columns that have changed since `before`, or `nothing`.
    #[must_use]
    pub fn changed_since(&self, before: &Row) -> String {
        let changed = self.fields.iter().filter(|field| !before.fields.contains(field));
        let names: Vec<&str> = changed.map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { "nothing".into() } else { names.join(" ") }
    }

    /// Returns the facts that a lesson shows.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        self.table.shown().iter().map(|name| (*name, self.fact(name))).collect()
    }

    /// Returns the column, or 0 if there is no such column.
    fn number(&self, name: &str) -> i64 {
        self.fact(name).unwrap_or(0)
    }

    /// Returns a living process that has used the object, if the kernel still shows one. For a queue or a
    /// set, the kernel shows only the last user; for a segment, its creator and its last user.
    /// Returns an error if a process of another PID namespace has used the object.
    pub fn user(&self) -> Result<Option<i32>, Unseen> {
        let (pids, used) = match self.table {
            Table::Msg => (
                vec![self.number("lspid"), self.number("lrpid")],
                self.number("stime") != 0 || self.number("rtime") != 0,
            ),
            Table::Shm => (vec![self.number("cpid"), self.number("lpid")], true),
            Table::Sem => (pids_of_set(self.id), self.number("otime") != 0),
        };
        if used && pids.iter().all(|pid| *pid == 0) && self.may_be_read() {
            return Err(Unseen("a process that cannot be seen from here has used it".into()));
        }
        let mut pids = pids.into_iter().filter_map(|pid| i32::try_from(pid).ok());
        Ok(pids.find(|pid| *pid > 0 && is_alive(*pid)))
    }

    /// Returns whether this user may ask for the pids of a set. The other tables show the pids to everybody.
    fn may_be_read(&self) -> bool {
        self.table != Table::Sem || unreported(|| semctl(self.id, 0, IPC_STAT)).is_ok()
    }

    /// Returns a command that shows the same in another terminal. /proc/sysvipc shows each
    /// process its own IPC namespace, so the command first enters that of the process `private`.
    #[must_use]
    pub fn command(&self, private: Option<i32>) -> String {
        let look = format!("awk 'NR == 1 || $2 == {}' {}", self.id, self.table.file());
        match private {
            Some(pid) => format!("nsenter -t {pid} -U -i --preserve-credentials {look}"),
            None => look,
        }
    }
}

/// Returns the last process that operated on each semaphore of the set. Returns nothing if this user may
/// not read the set.
fn pids_of_set(semid: i32) -> Vec<i64> {
    unreported(|| {
        let Ok(ds) = semctl(semid, 0, IPC_STAT) else { return Vec::new() };
        let semnums = 0..i32::try_from(ds.sem_nsems).unwrap_or(0);
        semnums.filter_map(|semnum| semctl(semid, semnum, GETPID).ok()).map(i64::from).collect()
    })
}

/// Returns the objects of a table. A kernel without System V IPC has no tables, and no objects.
pub fn rows(table: Table) -> Result<Vec<Row>, Unseen> {
    let text = match fs::read_to_string(table.file()) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Unseen::io(table.file(), &error)),
    };
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let row = |line: &str| {
        let fields = names.iter().zip(line.split_whitespace());
        let fields: Vec<(String, i64)> =
            fields.filter_map(|(name, field)| Some(((*name).into(), field.parse().ok()?))).collect();
        // The second column is the identifier, called msqid, semid or shmid.
        let id = fields.iter().find(|(name, _)| Some(&name.as_str()) == names.get(1))?.1;
        Some(Row { table, id: i32::try_from(id).ok()?, fields })
    };
    Ok(lines.filter_map(row).collect())
}

/// Returns the line of one object; `None` if the table does not contain it any more.
pub fn row(table: Table, id: i32) -> Result<Option<Row>, Unseen> {
    Ok(rows(table)?.into_iter().find(|row| row.id == id))
}
