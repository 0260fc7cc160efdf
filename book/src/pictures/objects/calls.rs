//! Applies a successful call to the objects of a run.

use super::{Kind, MESSAGE, Object, Reference, Run};
use crate::pictures::call::Call;

impl Run {
    pub(super) fn apply(&mut self, call: &Call<'_>) {
        match call.name {
            "mq_open" => self.open(call, Kind::Queue, &name_in(call.argument(0))),
            "shm_open" => self.open(call, Kind::Memory, &name_in(call.argument(0))),
            "sem_open" => self.sem_open(call),
            "open" => {
                if let Some((kind, name)) = in_a_folder(call.argument(0)) {
                    self.open(call, kind, &name);
                }
            }
            "dup" => self.share(call, call.argument(0), call.result),
            "mmap" => self.map(call),
            "mq_close" | "close" | "sem_close" | "munmap" | "shmdt" => self.close(call),
            "mq_unlink" => self.unlink(Kind::Queue, &name_in(call.argument(0))),
            "sem_unlink" => self.unlink(Kind::Semaphore, &name_in(call.argument(0))),
            "shm_unlink" => self.unlink(Kind::Memory, &name_in(call.argument(0))),
            "unlink" => {
                if let Some((kind, name)) = in_a_folder(call.argument(0)) {
                    self.unlink(kind, &name);
                }
            }
            "sendmsg" => self.send(call),
            "recvmsg" => self.receive(call),
            "msgget" => self.get(call, Kind::SysVQueue),
            "semget" => self.get(call, Kind::SysVSet),
            "shmget" => self.get(call, Kind::SysVSegment),
            "shmat" => self.attach(call),
            "msgctl" => self.remove(call, Kind::SysVQueue, 1),
            "semctl" => self.remove(call, Kind::SysVSet, 2),
            "shmctl" => self.remove(call, Kind::SysVSegment, 1),
            // A new process inherits the references of its parent. The recording does not show when a process
            // ends, and not what these other calls do to names.
            "fork" => self.doubt(|object| object.is_held_by(call.process)),
            "kill" | "waitpid" => self.doubt(|object| !object.now.references.is_empty()),
            "rename" | "link" | "syscall" | "execve" => self.doubt(|object| object.kind.is_posix()),
            _ => {}
        }
    }

    fn doubt(&mut self, about: impl Fn(&Object) -> bool) {
        for object in self.objects.iter_mut().filter(|object| object.now.exists && about(object)) {
            object.now.is_known = false;
        }
    }

    fn named(&self, kind: Kind, name: &str) -> Option<usize> {
        let label = format!("{} {name}", kind.what());
        let is_it = |object: &Object| object.now.named && object.label.split(" (").next() == Some(&*label);
        self.objects.iter().rposition(is_it)
    }

    /// Returns the object that a call opens.
    fn opened(&mut self, call: &Call<'_>, kind: Kind, name: &str) -> usize {
        let creates = call.argument(1).contains("O_CREAT");
        self.named(kind, name).unwrap_or_else(|| self.create(kind, Some(name), creates))
    }

    fn open(&mut self, call: &Call<'_>, kind: Kind, name: &str) {
        let object = self.opened(call, kind, name);
        // The kernel gives out a number again only after it has been closed.
        self.end(call.process, call.result);
        self.descriptions += 1;
        let description = Some(self.descriptions);
        self.refer(object, call.process, call.result, description);
    }

    fn sem_open(&mut self, call: &Call<'_>) {
        let name = name_in(call.argument(0));
        let object = self.opened(call, Kind::Semaphore, &name);
        let known =
            self.objects[object].now.references.iter_mut().find(|one| one.is(call.process, call.result));
        match known {
            Some(reference) => reference.opens += 1,
            None => self.refer(object, call.process, call.result, None),
        }
    }

    fn refer(&mut self, object: usize, process: &str, place: &str, description: Option<u64>) {
        let (process, place) = (process.to_string(), place.to_string());
        self.objects[object].now.references.push(Reference { process, place, description, opens: 1 });
    }

    /// Adds a second descriptor for the same open file description.
    fn share(&mut self, call: &Call<'_>, old: &str, new: &str) {
        if let Some((object, description)) = self.held(call.process, old) {
            self.refer(object, call.process, new, description);
        }
    }

    fn map(&mut self, call: &Call<'_>) {
        if let Some((object, _)) = self.held(call.process, call.argument(4)) {
            self.refer(object, call.process, call.result, None);
        }
    }

    /// Returns the object and the open file description that a process refers to at a place.
    fn held(&self, process: &str, place: &str) -> Option<(usize, Option<u64>)> {
        self.objects.iter().enumerate().find_map(|(n, object)| {
            let reference = object.now.references.iter().find(|one| one.is(process, place))?;
            Some((n, reference.description))
        })
    }

    fn close(&mut self, call: &Call<'_>) {
        let place = call.argument(0);
        if call.name == "sem_close" {
            let mut all = self.objects.iter_mut().flat_map(|object| &mut object.now.references);
            if let Some(reference) = all.find(|one| one.is(call.process, place) && one.opens > 1) {
                reference.opens -= 1;
                return;
            }
        }
        self.end(call.process, place);
    }

    fn end(&mut self, process: &str, place: &str) {
        for object in &mut self.objects {
            object.now.references.retain(|one| !one.is(process, place));
        }
    }

    fn unlink(&mut self, kind: Kind, name: &str) {
        if let Some(object) = self.named(kind, name) {
            self.objects[object].now.named = false;
            self.objects[object].unlinked = true;
        }
    }

    /// A descriptor that is sent through a socket is a reference while it is on its way.
    fn send(&mut self, call: &Call<'_>) {
        if let Some((object, description)) = passed(call).and_then(|place| self.held(call.process, place)) {
            self.refer(object, MESSAGE, "", description);
        }
    }

    fn receive(&mut self, call: &Call<'_>) {
        if let Some((object, description)) = self.held(MESSAGE, "")
            && let Some(place) = passed(call)
        {
            self.end(MESSAGE, "");
            self.refer(object, call.process, place, description);
        }
    }

    fn get(&mut self, call: &Call<'_>, kind: Kind) {
        if self.identified(kind, call.result).is_some() {
            return;
        }
        let key = call.argument(0);
        let is_created =
            call.arguments.last().is_some_and(|flags| flags.contains("IPC_CREAT")) || key == "IPC_PRIVATE";
        let object = self.create(kind, Some(&format!("with key {key}")), is_created);
        self.objects[object].now.named = key != "IPC_PRIVATE";
        self.objects[object].identity = Some(call.result.to_string());
    }

    /// Returns the object that has this identifier now.
    pub(super) fn identified(&self, kind: Kind, identity: &str) -> Option<usize> {
        self.objects.iter().rposition(|object| {
            object.kind == kind && object.now.exists && object.identity.as_deref() == Some(identity)
        })
    }

    fn attach(&mut self, call: &Call<'_>) {
        if let Some(object) = self.identified(Kind::SysVSegment, call.argument(0)) {
            self.refer(object, call.process, call.result, None);
        }
    }

    /// `command` is the place of the command among the arguments.
    fn remove(&mut self, call: &Call<'_>, kind: Kind, command: usize) {
        let Some(object) = self.identified(kind, call.argument(0)) else { return };
        if call.argument(command) == "IPC_RMID" {
            let object = &mut self.objects[object];
            (object.now.named, object.unlinked) = (false, true);
            // A segment exists until the last process detaches it.
            object.now.exists = kind == Kind::SysVSegment;
        }
    }
}

impl Reference {
    fn is(&self, process: &str, place: &str) -> bool {
        self.process == process && self.place == place
    }
}

impl Object {
    fn is_held_by(&self, process: &str) -> bool {
        self.now.references.iter().any(|one| one.process == process)
    }
}

/// Returns the name in an argument, with a slash: glibc accepts some names without it.
fn name_in(argument: &str) -> String {
    format!("/{}", argument.trim_matches('"').trim_start_matches('/'))
}

/// Returns the object that a path names, if it is in one of the two folders with objects.
fn in_a_folder(path: &str) -> Option<(Kind, String)> {
    let path = path.trim_matches('"');
    if let Some(name) = path.strip_prefix("/dev/mqueue/") {
        return Some((Kind::Queue, name_in(name)));
    }
    let name = path.strip_prefix("/dev/shm/")?;
    let semaphore = name.strip_prefix("sem.").map(|name| (Kind::Semaphore, name_in(name)));
    Some(semaphore.unwrap_or_else(|| (Kind::Memory, name_in(name))))
}

/// Returns the descriptor that a message carries.
fn passed<'a>(call: &Call<'a>) -> Option<&'a str> {
    let (_, rest) = call.argument(1).split_once("SCM_RIGHTS, cmsg_data=[")?;
    rest.split([']', ',']).next()
}
