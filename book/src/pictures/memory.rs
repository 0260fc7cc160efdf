//! Address spaces over one set of pages: who has the memory mapped, and where an access raises SIGBUS.

mod drawing;

use crate::material::Material;
use crate::pictures::call::{Call, number};
use crate::pictures::figure::{Figure, sample};
use crate::pictures::replay::{Model, Run};
use crate::pictures::svg::Svg;
use anyhow::{Context, Result, ensure};
use drawing::bytes;
use ipc_workbook_tools::workbook::events::Event;
use serde_json::{Map, Value};

pub(crate) fn attached(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "svshm_demo",
        steps: &[1, 2, 3, 4, 5, 6, 7, 8],
        claims: &["another-process-reads-what-was-written", "the-last-shmdt-destroys-a-removed-segment"],
    };
    figure(material, up, "Two address spaces over one segment", &run)
}

pub(crate) fn sigbus(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "small_dev_shm",
        steps: &[2, 4],
        claims: &[
            "a-write-to-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS",
            "a-read-from-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS",
        ],
    };
    figure(material, up, "Two address spaces over the same pages, and where SIGBUS begins", &run)
}

fn figure(material: &Material, up: &str, title: &str, run: &Run) -> Result<Figure> {
    let (states, source) = run.play(material, up, &mut Memory::default())?;
    let legend = vec![
        (sample(|svg| svg.rect("shaded", (1, 1), (22, 14))), "pages with content"),
        (sample(|svg| svg.rect("dashed", (1, 1), (22, 14))), "no page yet, or no longer there"),
        (sample(|svg| svg.rect("", (1, 1), (22, 14))), "a part of an address space that maps the memory"),
    ];
    Ok(Figure { title: title.into(), source, states, legend })
}

/// A process that has or had the memory mapped.
struct Space {
    pid: String,
    /// `None` for a process that has made no call yet.
    label: Option<String>,
    addresses: Vec<String>,
    /// What ended it.
    end: Option<String>,
}

/// The memory, as the events so far have left it.
#[derive(Default)]
struct Memory {
    /// Its name, or the identifier of a segment.
    name: Option<String>,
    length: i64,
    /// How many bytes at its beginning have pages. A segment is drawn as a whole.
    used: i64,
    /// The size of its file system, if it is in one with a limit.
    room: Option<i64>,
    spaces: Vec<Space>,
    removed: bool,
    /// The process that uses the last byte just now.
    touches: Option<String>,
}

impl Memory {
    /// Returns the address space of the process that makes a call.
    fn space(&mut self, call: &Call<'_>) -> &mut Space {
        let place = self.spaces.iter().position(|space| space.pid == call.pid).unwrap_or_else(|| {
            self.spaces.push(Space { pid: call.pid.into(), label: None, addresses: Vec::new(), end: None });
            self.spaces.len() - 1
        });
        let space = &mut self.spaces[place];
        space.label = Some(call.process.into());
        space
    }

    fn mappings(&self) -> usize {
        self.spaces.iter().filter(|space| space.end.is_none()).map(|space| space.addresses.len()).sum()
    }

    fn maps_it(&self, pid: &str) -> bool {
        self.spaces.iter().any(|space| space.pid == pid && !space.addresses.is_empty())
    }

    fn gone(&self) -> bool {
        self.removed && self.mappings() == 0
    }

    fn count(&self, seen: i64) -> Result<()> {
        let mappings = self.mappings();
        ensure!(usize::try_from(seen) == Ok(mappings), "nattch must be {mappings}, not {seen}");
        Ok(())
    }

    fn is(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }

    fn maps(&mut self, call: &Call<'_>) -> Result<String> {
        call.must(None, "the memory exists")?;
        let space = self.space(call);
        space.addresses.push(call.result.into());
        Ok(format!("{} maps the memory at {}.", call.process, call.result))
    }

    /// `write` to the object: it gets pages until the file system is full.
    fn write(&mut self, call: &Call<'_>) -> Result<String> {
        let room = self.room.context("no mount showed the size of the file system")?;
        if self.used == room {
            call.must(Some("ENOSPC"), "the file system is full")?;
            return Ok(format!("All {} of the file system are used. One more byte is refused.", bytes(room)));
        }
        call.must(None, "the file system has room")?;
        self.used += call.returned()?;
        ensure!(self.used <= room, "only {room} bytes have room");
        Ok(format!("The first {} have pages now.", bytes(self.used)))
    }

    /// A process ends. `how` is what waitpid showed.
    fn ends(&mut self, pid: &str, how: &str) -> Result<String> {
        let touched = self.touches.take();
        let full = self.room == Some(self.used) && self.used < self.length;
        let place = self.spaces.iter().position(|space| space.pid == pid);
        let space = &mut self.spaces[place.with_context(|| format!("{pid} has made no call"))?];
        let label = space.label.clone().unwrap_or_default();
        ensure!(touched.as_ref() == Some(&label), "{label} did not use the last byte before it ended");
        ensure!(full, "the last byte has a page, or there is room for one");
        ensure!(how.contains("killed by SIGBUS"), "there is no page and no room, so SIGBUS must end {label}");
        space.end = Some("SIGBUS".into());
        Ok(format!("There is no page at the last byte, and no room for one. SIGBUS kills {label}."))
    }

    fn control(&mut self, call: &Call<'_>) -> Result<Option<String>> {
        match call.arg(1)? {
            "IPC_RMID" => {
                self.removed = true;
                let rest = if self.gone() {
                    "Nobody is attached, and the memory is freed."
                } else {
                    "The memory stays while a process is attached."
                };
                Ok(Some(format!("The segment has no key any more. {rest}")))
            }
            "IPC_STAT" if self.gone() => {
                call.must(Some("EINVAL"), "the segment was destroyed")?;
                Ok(Some("The identifier leads nowhere: the segment is destroyed.".into()))
            }
            _ => {
                self.count(number(call.field("shm_nattch")?)?)?;
                Ok(None)
            }
        }
    }
}

impl Model for Memory {
    fn call(&mut self, call: &Call<'_>, _: &[Event]) -> Result<Option<String>> {
        if let Some(space) = self.spaces.iter_mut().find(|space| space.pid == call.pid) {
            space.label = Some(call.process.into());
        }
        match call.name {
            "mount" => {
                let size = call.string(4)?.strip_prefix("size=").and_then(|size| size.strip_suffix('k'));
                self.room = Some(number(size.context("the mount has no size in KiB")?)? * 1024);
                Ok(None)
            }
            "shm_open" if self.name.is_none() => {
                self.name = Some(call.string(0)?.into());
                Ok(None)
            }
            "shm_open" => {
                ensure!(self.is(call.string(0)?), "it opens another object");
                Ok(None)
            }
            "ftruncate" => {
                self.length = call.number(1)?;
                Ok(Some(format!("The object is {} long. It has no page yet.", bytes(self.length))))
            }
            "write" => self.write(call).map(Some),
            "mmap" => {
                ensure!(call.number(1)? == self.length, "it maps only a part");
                self.maps(call).map(Some)
            }
            "waitpid" => self.ends(call.arg(0)?, call.arg(1)?).map(Some),
            "shmget" if self.name.is_none() => {
                (self.name, self.length) = (Some(call.result.into()), call.number(1)?);
                self.used = self.length;
                Ok(Some(format!("A new segment of {}, attached nowhere.", bytes(self.length))))
            }
            "shmat" if self.is(call.arg(0)?) => self.maps(call).map(Some),
            "shmdt" => {
                let address = call.arg(0)?;
                let space = self.space(call);
                let place = space.addresses.iter().position(|other| other == address);
                space.addresses.remove(place.with_context(|| format!("nothing is attached at {address}"))?);
                let gone = if self.gone() { " That was the last one: the memory is freed." } else { "" };
                Ok(Some(format!("{} detaches the segment at {address}.{gone}", call.process)))
            }
            "shmctl" if self.is(call.arg(0)?) => self.control(call),
            "fork" if self.maps_it(call.pid) => {
                let addresses = self.space(call).addresses.clone();
                self.spaces.push(Space { pid: call.result.into(), label: None, addresses, end: None });
                Ok(Some("The child has the mappings of its parent.".into()))
            }
            "kill" => {
                let pid = call.arg(0)?;
                let place = self.spaces.iter().position(|space| space.pid == pid);
                let space = &mut self.spaces[place.with_context(|| format!("{pid} has no mapping"))?];
                space.addresses.clear();
                space.end = Some("killed".into());
                Ok(Some("The kernel detaches the killed process.".into()))
            }
            _ => Ok(None),
        }
    }

    fn kernel(&mut self, _: &str, facts: &Map<String, Value>, _: &[Event]) -> Result<Option<String>> {
        let fact = |name: &str| facts.get(name).and_then(Value::as_i64);
        if let (Some(id), Some(count)) = (fact("shmid"), fact("nattch"))
            && self.is(&id.to_string())
        {
            self.count(count)?;
        }
        Ok(None)
    }

    fn note(&mut self, text: &str) -> Result<Option<String>> {
        let words = text.strip_suffix(" the last byte.").and_then(|rest| rest.split_once(' '));
        let Some((process, does)) = words.filter(|(_, does)| ["reads", "writes"].contains(does)) else {
            return Ok(None);
        };
        self.touches = Some(process.into());
        Ok(Some(format!("{process} {does} the last byte of its mapping.")))
    }

    fn draw(&self) -> Svg {
        self.drawn()
    }

    fn says(&self) -> String {
        self.in_words()
    }
}
