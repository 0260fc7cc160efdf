//! System V keys: which one a lesson uses, and what to do when it is taken.

use super::flags::Keys;
use super::name::Name;
use super::speak::{Lesson, Outcome};
use super::usual_or_own::{Usable, Whose};
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
    /// from `--name`, or the usual one, or this user's own where another user has the
    /// usual one. No object has it now, and no other run may use it meanwhile.
    pub fn key<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        let [key] = self.keys([usual.into()])?;
        Ok(key)
    }

    /// The same, where a lesson uses several: `--key` is for all of them.
    pub fn keys<const N: usize>(&self, usual: [Usual<'_>; N]) -> Result<[key_t; N], Failure> {
        let keys = self.locked_keys(usual)?;
        for key in keys {
            for table in Table::ALL {
                self.make_key_free(key, table)?;
            }
        }
        Ok(keys)
    }

    /// The same key, which no other run may use meanwhile, though an object may have
    /// it: for a role that takes over what another one has left.
    pub fn key_to_take_over<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        let [key] = self.locked_keys([usual.into()])?;
        Ok(key)
    }

    fn locked_keys<const N: usize>(&self, usual: [Usual<'_>; N]) -> Result<[key_t; N], Failure> {
        if let Some(given) = self.given_key()? {
            self.lock(&[given])?;
            return Ok([given.0; N]);
        }
        let own = usual.map(Usual::own_key).into_iter().collect::<Result<_, _>>()?;
        let usual = usual.map(Usual::key).into_iter().collect::<Result<_, _>>()?;
        let keys: Vec<Key> = self.usual_or_own(usual, own)?;
        Ok(std::array::from_fn(|n| keys[n].0))
    }

    /// The same key, whether something has it or not: for a role that meets another one.
    pub fn key_as_it_is<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        if let Some(given) = self.given_key()? {
            return Ok(given.0);
        }
        let usual = usual.into();
        Ok(self.usual_or_own_as_it_is(usual.key()?, usual.own_key()?)?.0)
    }

    /// The key that the reader has chosen.
    ///
    /// # Panics
    ///
    /// If the lesson has not declared `keys`.
    fn given_key(&self) -> Result<Option<Key>, Failure> {
        assert!(self.flags.keys == Keys::Key, "lesson!(keys, …) declares that it uses keys");
        if let Some(key) = self.flags.key {
            return Ok(Some(Key(key)));
        }
        if let Some(file) = &self.flags.key_file {
            return Ok(Some(Key(ftok(&self.key_file_at(file)?, PROJ_ID)?)));
        }
        self.flags.name.as_deref().map(key_of_name).transpose()
    }

    /// The reader's own leftover is removed. What is another's, or what a living
    /// process has used, is never touched.
    fn make_key_free(&self, key: key_t, table: Table) -> Outcome {
        for row in rows_with_key(key, table)? {
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
fn key_of_name(name: &str) -> Result<Key, Failure> {
    Name::new(crate::observe::Kind::Queue, name)?; // the same rules, though no object has the name
    Ok(Key(key_t::try_from(fnv1a(name.bytes()) & 0x7fff_ffff).unwrap_or(1).max(1)))
}

impl Usual<'_> {
    fn key(self) -> Result<Key, Failure> {
        match self {
            Usual::Number(key) => Ok(Key(key)),
            Usual::Name(name) => key_of_name(name),
        }
    }

    /// The key of this user alone in its place.
    fn own_key(self) -> Result<Key, Failure> {
        let name = match self {
            Usual::Number(key) => format!("/{key:#x}"),
            Usual::Name(name) => name.into(),
        };
        key_of_name(&format!("{name}.{}", geteuid()))
    }
}

/// A System V key.
#[derive(Clone, Copy)]
struct Key(key_t);

impl Usable for Key {
    const NOUN: &str = "key";

    fn written(&self) -> String {
        format!("{:#x}", self.0)
    }

    fn remedy(&self) -> &'static str {
        "choose another key with --key"
    }

    fn whose(&self) -> Result<Whose, Failure> {
        let mut whose = Whose::Nobodys;
        for table in Table::ALL {
            for row in rows_with_key(self.0, table)? {
                let object = format!("the {} {} with the key {:#x}", table.noun(), row.id, self.0);
                whose = Whose::of(u32::try_from(row.fact("cuid")?).unwrap_or(u32::MAX), object);
                if matches!(whose, Whose::Anothers(..)) {
                    return Ok(whose);
                }
            }
        }
        Ok(whose)
    }

    fn remove_if_mine(&self, _: &Lesson) -> bool {
        false // the tables hide nothing
    }
}

/// The objects of the table that have this key: one, or none.
fn rows_with_key(key: key_t, table: Table) -> Result<Vec<Row>, Failure> {
    let mut rows = rows(table).map_err(|unseen| {
        Failure::Machine(format!(
            "cannot look whether the key {key:#x} is taken: {unseen}; is /proc mounted, and the limit of open descriptors (ulimit -n) not reached?"
        ))
    })?;
    rows.retain(|row| row.fact("key") == Ok(key.into()));
    Ok(rows)
}
