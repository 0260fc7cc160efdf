//! System V keys: which one a lesson uses, and what to do when it is taken.

use super::flags::Keys;
use super::name::Name;
use super::speak::{Lesson, Outcome};
use crate::cli::Failure;
use crate::fnv::fnv1a;
use crate::observe::sysvipc::{Row, Table, rows};
use crate::sysv::msg::{IPC_RMID, ftok, key_t, msgctl};
use crate::sysv::sem::semctl;
use crate::sysv::shm::shmctl;
use nix::unistd::geteuid;

/// The project id that goes with a key file.
pub const PROJ_ID: i32 = 1;

/// The key that a lesson uses when no flag names another.
#[derive(Clone, Copy, Debug)]
pub enum Usual<'a> {
    /// A number that programs agree on, as those of the System V introduction are.
    Number(key_t),
    /// Made from this name, so that a run that was killed leaves its objects
    /// where the next one looks for them.
    Name(&'a str),
}

impl From<key_t> for Usual<'_> {
    fn from(key: key_t) -> Self {
        Usual::Number(key)
    }
}

impl<'a> From<&'a str> for Usual<'a> {
    fn from(name: &'a str) -> Self {
        Usual::Name(name)
    }
}

impl Lesson {
    /// The key that this lesson uses: `--key`, or that of `--key-file`, or made
    /// from `--name`, or the usual one. No object has it now, and no other run
    /// may use it meanwhile.
    pub fn key<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        let key = self.key_as_it_is(usual)?;
        self.lock_key(key)?;
        for table in Table::ALL {
            self.make_key_free(key, table)?;
        }
        Ok(key)
    }

    /// The same key, which no other run may use meanwhile, though an object may have
    /// it: for a role that takes over what another one has left.
    pub fn key_to_take_over<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        let key = self.key_as_it_is(usual)?;
        self.lock_key(key)?;
        Ok(key)
    }

    /// The same key, whether something has it or not: for a role that meets another one.
    ///
    /// # Panics
    ///
    /// If the lesson has not declared `keys`.
    pub fn key_as_it_is<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        assert!(self.flags.keys == Keys::Key, "lesson!(keys, …) declares that it uses keys");
        if let Some(key) = self.flags.key {
            return Ok(key);
        }
        if let Some(file) = &self.flags.key_file {
            return Ok(ftok(&self.key_file_at(file)?, PROJ_ID)?);
        }
        match (self.flags.name.as_deref(), usual.into()) {
            (Some(name), _) | (None, Usual::Name(name)) => key_of_name(name),
            (None, Usual::Number(key)) => Ok(key),
        }
    }

    fn lock_key(&self, key: key_t) -> Outcome {
        self.locks.take(&format!("the key {key:#x}"), "choose another key with --key")
    }

    /// The reader's own leftover is removed. What is another's, or what a living
    /// process has used, is never touched.
    fn make_key_free(&self, key: key_t, table: Table) -> Outcome {
        let has_key = |row: &Row| row.fact("key") == Ok(key.into());
        let all = rows(table).map_err(|unseen| {
            Failure::Machine(format!(
                "cannot look whether the key {key:#x} is taken: {unseen}; is /proc mounted, and the limit of open descriptors (ulimit -n) not reached?"
            ))
        })?;
        for row in all.into_iter().filter(has_key) {
            let taken = |why: String| {
                let object = format!("the {} {}", table.noun(), row.id);
                Failure::Machine(format!(
                    "{object} has the key {key:#x}, and {why}; choose another key with --key"
                ))
            };
            let creator = row.fact("cuid")?;
            if creator != i64::from(geteuid().as_raw()) {
                return Err(taken(format!("belongs to user {creator}")));
            }
            if row.fact("nattch").is_ok_and(|n| n > 0) {
                return Err(taken("is attached by a process".into()));
            }
            match row.user() {
                Ok(None) => {}
                Ok(Some(pid)) => return Err(taken(format!("pid {pid}, which lives, has used it"))),
                Err(unseen) => return Err(taken(unseen.to_string())),
            }
            self.note(&format!(
                "A {} with this lesson's key is here already, yours, and nobody that lives has used it: left over from a run that was killed. Removing it.",
                table.noun()
            ));
            self.show_row(&row);
            // No other object gets the same identifier soon, so this removes no other.
            match table {
                Table::Msg => msgctl(row.id, IPC_RMID)?,
                Table::Sem => semctl(row.id, 0, IPC_RMID)?,
                Table::Shm => shmctl(row.id, IPC_RMID)?,
            }
        }
        Ok(())
    }
}

/// A key that is the same in each run with this name: neither 0, which is
/// `IPC_PRIVATE`, nor below it.
fn key_of_name(name: &str) -> Result<key_t, Failure> {
    Name::new(crate::observe::Kind::Queue, name)?; // the same rules, though no object has the name
    Ok(key_t::try_from(fnv1a(name.bytes()) & 0x7fff_ffff).unwrap_or(1).max(1))
}
