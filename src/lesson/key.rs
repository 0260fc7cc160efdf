//! System V keys. A lesson's key is made from its object name, so that a run
//! that was killed leaves its objects where the next one looks for them.

use super::alone::hash;
use super::{Say, Stop};
use crate::observe::Unseen;
use crate::sysv::msg::{IPC_RMID, key_t, msgctl};
use crate::sysv::sem::semctl;
use crate::sysv::shm::shmctl;
use nix::unistd::geteuid;

/// The three tables of /proc/sysvipc, and what people call an object of each.
const TABLES: [(&str, &str); 3] =
    [("msg", "System V queue"), ("sem", "System V semaphore set"), ("shm", "System V segment")];

impl Say {
    /// The key that this lesson uses: made from `--name` or the usual name, which
    /// no other run may use meanwhile. No object has it now.
    pub fn key(&self, usual: &str) -> Result<key_t, Stop> {
        let name = self.flags.name.as_deref().unwrap_or(usual);
        self.claim_name(name)?;
        // Neither 0, which is IPC_PRIVATE, nor below it.
        let key = key_t::try_from(hash(name) & 0x7fff_ffff).unwrap_or(1).max(1);
        for (table, noun) in TABLES {
            self.make_key_free(key, table, noun)?;
        }
        Ok(key)
    }

    /// The reader's own leftover is removed; what is another's is never touched.
    fn make_key_free(&self, key: key_t, table: &str, noun: &str) -> Result<(), Stop> {
        let file = format!("/proc/sysvipc/{table}");
        // Where it cannot be read, msgget says EEXIST.
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Unseen::io(&file, &error).into()),
        };
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
        for line in lines {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let field = |name: &str| {
                let at = names.iter().position(|known| *known == name)?;
                fields.get(at)?.parse::<i64>().ok()
            };
            // The second column is the identifier, called msqid, semid or shmid.
            let id = names.get(1).and_then(|name| field(name));
            let (Some(id), Some(creator)) = (id, field("cuid")) else { continue };
            if field("key") != Some(i64::from(key)) {
                continue;
            }
            if creator != i64::from(geteuid().as_raw()) || field("nattch").is_some_and(|n| n > 0) {
                return Err(Stop::Machine(format!(
                    "the {noun} {id} has the key {key:#x}, and is another's or in use (ipcs); choose another key with --name"
                )));
            }
            self.note(&format!(
                "A {noun} with this lesson's key is here already, yours: left over from a run that was killed. Removing it."
            ));
            let id = i32::try_from(id).unwrap_or(-1);
            match table {
                "msg" => msgctl(id, IPC_RMID)?,
                "sem" => semctl(id, 0, IPC_RMID)?,
                _ => shmctl(id, IPC_RMID)?,
            }
        }
        Ok(())
    }
}
