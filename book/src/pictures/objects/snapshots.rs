//! Compares the objects of a run with a snapshot from the kernel.

use super::{KINDS, Kind, MESSAGE, Reference, Run};
use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value};

type Facts = Map<String, Value>;

impl Run {
    /// Compares an object with a snapshot, and takes over what the snapshot knows better. Snapshots of
    /// other things, such as processes, are ignored.
    pub(super) fn compare(&mut self, what: &str, facts: &Facts) -> Result<()> {
        let Some((kind, _)) = KINDS.iter().find(|(_, name)| *name == what) else { return Ok(()) };
        let identity = ["st_ino", "msqid", "semid", "shmid"].iter().find_map(|field| facts.get(*field));
        let Some(identity) = identity.filter(|value| !value.is_null()).map(plain) else { return Ok(()) };
        let holders = holders(facts)?;
        let object = self.seen(*kind, &identity, holders.as_deref());
        self.compare_name(object, facts)?;
        match holders {
            Some(holders) => self.compare_holders(object, holders)?,
            None if *kind == Kind::SysVSegment => self.compare_nattch(object, facts)?,
            // Nothing counts its references.
            None if !kind.is_counted() => self.objects[object].now.is_known = true,
            None => {}
        }
        self.objects[object].now.measured = true;
        Ok(())
    }

    /// Returns the object of a snapshot. An object that no call has shown is added.
    fn seen(&mut self, kind: Kind, identity: &str, holders: Option<&[Reference]>) -> usize {
        let known = self.objects.iter().rposition(|object| {
            object.kind == kind
                && object.identity.as_deref() == Some(identity)
                && (kind.is_posix() || object.now.exists)
        });
        if let Some(known) = known {
            return known;
        }
        let is_new = |n: &usize| {
            let object = &self.objects[*n];
            object.kind == kind && object.identity.is_none() && object.now.exists
        };
        let all: Vec<usize> = (0..self.objects.len()).filter(is_new).collect();
        let held = |n: &usize| {
            let mut references = self.objects[*n].now.references.iter();
            references.any(|one| holders.unwrap_or_default().iter().any(|holder| holder.same_place(one)))
        };
        let by_holders: Vec<usize> = all.iter().copied().filter(held).collect();
        let object = match (&by_holders[..], &all[..]) {
            ([one], _) | ([], [one]) => *one,
            _ => self.create(kind, None, false),
        };
        self.objects[object].identity = Some(identity.to_string());
        object
    }

    fn compare_name(&mut self, object: usize, facts: &Facts) -> Result<()> {
        let object = &mut self.objects[object];
        let names = facts.get("st_nlink").and_then(Value::as_u64).map(|links| links > 0);
        let Some(named) = names.or(facts.get("key").and_then(Value::as_i64).map(|key| key != 0)) else {
            return Ok(());
        };
        // A name can vanish without a call: a process that the lesson does not report may remove it.
        if named && object.unlinked && object.now.is_known {
            bail!("a call removed the name of the {}, but the kernel shows that it has one", object.label);
        }
        object.now.named = named;
        Ok(())
    }

    fn compare_holders(&mut self, object: usize, holders: Vec<Reference>) -> Result<()> {
        let object = &mut self.objects[object];
        let on_their_way = object.now.references.iter().filter(|one| one.process == MESSAGE);
        let on_their_way: Vec<Reference> = on_their_way.cloned().collect();
        let old: Vec<Reference> =
            object.now.references.iter().filter(|one| one.process != MESSAGE).cloned().collect();
        if object.now.is_known {
            let unknown = holders.iter().find(|holder| !old.iter().any(|one| one.same_place(holder)));
            // A process that has ended, or has called exec, has lost all of its references.
            let lost = old.iter().find(|one| {
                !holders.iter().any(|holder| holder.same_place(one))
                    && holders.iter().any(|holder| holder.process == one.process)
            });
            if let Some(one) = unknown.or(lost) {
                let seen = if unknown.is_some() { "shows" } else { "does not show" };
                bail!(
                    "the calls and the kernel contradict each other about the {}: the kernel {seen} {} in process {}",
                    object.label,
                    one.place,
                    one.process
                );
            }
        }
        // The numbers of a snapshot's descriptions are its own. They are renumbered as the calls number them.
        let mut numbers: Vec<(u64, u64)> = Vec::new();
        for holder in &holders {
            let known = old.iter().find(|one| one.same_place(holder)).and_then(|one| one.description);
            if let (Some(seen), Some(known)) = (holder.description, known) {
                ensure!(
                    !object.now.is_known || numbers.iter().all(|(a, b)| (*a == seen) == (*b == known)),
                    "the calls and the kernel contradict each other about the {}: which descriptors share an open file description",
                    object.label
                );
                numbers.push((seen, known));
            }
        }
        object.now.references = on_their_way;
        for mut holder in holders {
            if let Some(seen) = holder.description {
                let known = numbers.iter().find(|(a, _)| *a == seen).map(|(_, known)| *known);
                let number = known.unwrap_or_else(|| {
                    self.descriptions += 1;
                    self.descriptions
                });
                numbers.push((seen, number));
                holder.description = Some(number);
            }
            if let Some(one) = old.iter().find(|one| one.same_place(&holder)) {
                holder.opens = one.opens;
            }
            object.now.references.push(holder);
        }
        object.now.is_known = true;
        Ok(())
    }

    /// System V shows only how many attachments there are.
    fn compare_nattch(&mut self, object: usize, facts: &Facts) -> Result<()> {
        let object = &mut self.objects[object];
        let Some(nattch) = facts.get("nattch").and_then(Value::as_u64) else { return Ok(()) };
        let known = object.now.count();
        let nattch = i32::try_from(nattch)?;
        ensure!(
            !object.now.is_known || nattch <= known,
            "the calls made {known} attachments of the {}, but the kernel shows {nattch}",
            object.label
        );
        object.now.unseen += nattch - known;
        object.now.is_known = true;
        Ok(())
    }
}

impl Reference {
    fn same_place(&self, other: &Reference) -> bool {
        self.process == other.process && self.place == other.place
    }
}

/// Returns the holders in a snapshot, and checks them against its counts.
fn holders(facts: &Facts) -> Result<Option<Vec<Reference>>> {
    let Some(list) = facts.get("holders").and_then(Value::as_array) else { return Ok(None) };
    let text = |holder: &Value, field: &str| holder.get(field).filter(|value| !value.is_null()).map(plain);
    let reference = |holder: &Value| {
        let process = text(holder, "process").or_else(|| text(holder, "pid")).unwrap_or_default();
        let place = text(holder, "fd").or_else(|| text(holder, "address")).unwrap_or_default();
        let description = holder.get("description").and_then(Value::as_u64);
        Reference { process, place, description, opens: 1 }
    };
    let holders: Vec<Reference> = list.iter().map(reference).collect();
    let mut descriptions: Vec<u64> = holders.iter().filter_map(|holder| holder.description).collect();
    descriptions.sort_unstable();
    descriptions.dedup();
    let mappings = list.iter().filter(|holder| holder.get("address").is_some()).count();
    let counts = [("open_file_descriptions", descriptions.len()), ("mappings", mappings)];
    for (field, count) in counts {
        if let Some(counted) = facts.get(field).and_then(Value::as_u64) {
            ensure!(counted == count as u64, "a snapshot has {field} {counted}, but its holders are {count}");
        }
    }
    Ok(Some(holders))
}

/// Returns a number or a text without quotation marks.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}
