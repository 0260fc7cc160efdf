//! Chooses the System V key of a lesson, and handles a key that is already in use.

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

/// The `proj_id` that lessons pass to ftok(3) with a key file.
pub const PROJ_ID: i32 = 1;

/// The usual key of a lesson: the one that it uses if no flag names another.
#[derive(Clone, Copy, Debug)]
pub enum Usual<'a> {
    /// A number that several programs have agreed on, such as those of the System V introduction tutorial.
    Number(key_t),
    /// A key made from this name. Each run gets the same key, so the next run finds the objects of a run
    /// that was killed.
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
    /// Returns the key that this lesson uses, and locks it: no object has the key, and no other run may use
    /// it while this run lasts. The key is that of `--key`, `--key-file` or `--name`; otherwise the usual
    /// key, or a key of this user's own if another user has the usual one.
    pub fn key<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        let [key] = self.keys([usual.into()])?;
        Ok(key)
    }

    /// Does the same as [`Lesson::key`] for several keys. With `--key`, all of them are that key.
    pub fn keys<const N: usize>(&self, usual: [Usual<'_>; N]) -> Result<[key_t; N], Failure> {
        let keys = self.locked_keys(usual)?;
        for key in keys {
            for table in Table::ALL {
                self.make_key_free(key, table)?;
            }
        }
        Ok(keys)
    }

    /// Returns the same key and locks it, but an object may already have it. For a program that takes over
    /// what another program has left behind.
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

    /// Returns the same key without locking it; an object may have it. For a program that uses another
    /// program's object.
    pub fn key_as_it_is<'a>(&self, usual: impl Into<Usual<'a>>) -> Result<key_t, Failure> {
        if let Some(given) = self.given_key()? {
            return Ok(given.0);
        }
        let usual = usual.into();
        Ok(self.usual_or_own_as_it_is(usual.key()?, usual.own_key()?)?.0)
    }

    /// Returns the key that the reader has chosen, if any.
    ///
    /// # Panics
    ///
    /// Panics if the lesson has not declared `keys`.
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

    /// Makes sure that no object in `table` has the key. Removes a leftover of this user; never touches an
    /// object that belongs to another user or that a living process has used.
    fn make_key_free(&self, key: key_t, table: Table) -> Outcome {
        for row in rows_with_key(key, table)? {
            let taken = |why: String| {
                let object = format!("the {} {}", table.noun(), row.id);
                Failure::Machine(format!(
                    "{object} already has the key {key:#x}, and {why}; choose another key with --key"
                ))
            };
            let creator = row.fact("cuid")?;
            if creator != i64::from(geteuid().as_raw()) {
                return Err(taken(format!("it belongs to user {creator}")));
            }
            if row.fact("nattch").is_ok_and(|n| n > 0) {
                return Err(taken("a process has it attached".into()));
            }
            match row.user() {
                Ok(None) => {}
                Ok(Some(pid)) => return Err(taken(format!("pid {pid}, which still runs, has used it"))),
                Err(unseen) => return Err(taken(unseen.to_string())),
            }
            self.note(&format!(
                "Your {} already has this lesson's key, and no living process has used it. It is left over from a run that was killed. Removing it.",
                table.noun()
            ));
            self.show_row(&row);
            // The kernel does not give this identifier to a new object soon, so this removes no other object.
            match table {
                Table::Msg => msgctl(row.id, IPC_RMID)?,
                Table::Sem => semctl(row.id, 0, IPC_RMID)?,
                Table::Shm => shmctl(row.id, IPC_RMID)?,
            }
        }
        Ok(())
    }
}

/// Returns a key for this name, the same in each run. It is positive: 0 is `IPC_PRIVATE`.
fn key_of_name(name: &str) -> Result<Key, Failure> {
    Name::new(crate::observe::Kind::Queue, name)?; // only to apply the rules for names
    Ok(Key(key_t::try_from(fnv1a(name.bytes()) & 0x7fff_ffff).unwrap_or(1).max(1)))
}

impl Usual<'_> {
    fn key(self) -> Result<Key, Failure> {
        match self {
            Usual::Number(key) => Ok(Key(key)),
            Usual::Name(name) => key_of_name(name),
        }
    }

    /// Returns the key that only this user's runs use instead.
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
        false // the tables show all objects
    }
}

/// Returns the objects of the table that have this key: one, or none.
fn rows_with_key(key: key_t, table: Table) -> Result<Vec<Row>, Failure> {
    let mut rows = rows(table).map_err(|unseen| {
        Failure::Machine(format!(
            "cannot find out whether the key {key:#x} is in use: {unseen}; check that /proc is mounted and that the limit of open descriptors (ulimit -n) is not reached"
        ))
    })?;
    rows.retain(|row| row.fact("key") == Ok(key.into()));
    Ok(rows)
}
