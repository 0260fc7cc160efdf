//! The grade again after each change, until Ctrl-C.

use super::Desk;
use super::check::{Work, grade};
use super::exercise::{Found, shown};
use crate::catalogue::{Lab, labs};
use crate::screen::{PROGRAM, show};
use ipc_workbook::lesson::Stop;
use notify_debouncer_mini::{new_debouncer, notify::RecursiveMode};
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

/// An editor writes a file in several steps; nobody types so fast as to save twice within this.
const QUIET: Duration = Duration::from_millis(200);

/// What a file was like when it was last checked.
type Stamp = (PathBuf, SystemTime, u64);

pub(super) fn watch(desk: &Desk) -> Result<u8, Stop> {
    let one = desk.args.contains_id("lab");
    let labs = if one { vec![desk.lab()?] } else { labs(desk.root)? };
    // One that is named is checked at once; of all others only what changes from now on.
    let mut seen = vec![None; labs.len()];
    for (lab, seen) in labs.iter().zip(&mut seen) {
        if one {
            desk.exercise(lab).needed()?;
        } else {
            *seen = stamps(desk, lab)?.map(|(_, stamps)| stamps);
        }
    }
    let folder = desk.exercises();
    let refused = |why: &dyn std::fmt::Display| {
        Stop::Machine(format!(
            "cannot watch {}: {why}; is it there, and fs.inotify.max_user_watches large enough?",
            shown(&folder)
        ))
    };
    fs::create_dir_all(&folder).map_err(|error| refused(&error))?;
    let (changed, changes) = channel();
    let mut watcher = new_debouncer(QUIET, changed).map_err(|error| refused(&error))?;
    watcher.watcher().watch(&folder, RecursiveMode::Recursive).map_err(|error| refused(&error))?;
    let say = |text: &str| if desk.json() { Ok(()) } else { show(text) };
    say(&format!("Watching {} until Ctrl-C\n", shown(&folder)))?;
    loop {
        // What has changed is seen by looking: a check reads the files, and that is no change.
        for (lab, seen) in labs.iter().zip(&mut seen) {
            let now = match stamps(desk, lab) {
                Ok(Some((_, stamps))) if Some(&stamps) == seen.as_ref() => continue,
                Ok(Some((found, stamps))) => {
                    say("\n")?;
                    go_on(grade(desk, lab, &Work::found(found)))?;
                    Some(stamps)
                }
                Ok(None) => None,
                Err(stop) => go_on(Err(stop)).map(|()| None)?,
            };
            *seen = now;
        }
        if changes.recv().is_err() {
            return Err(refused(&"nothing more is heard of it"));
        }
    }
}

/// What is to be checked now, and what its files are like.
fn stamps(desk: &Desk, lab: &Lab) -> Result<Option<(Found, Vec<Stamp>)>, Stop> {
    let Some(found) = desk.exercise(lab).found()? else { return Ok(None) };
    let stamp = |file: &PathBuf| {
        let meta = fs::metadata(file).ok()?;
        Some((file.clone(), meta.modified().ok()?, meta.len()))
    };
    let stamps = found.source.files().iter().filter_map(stamp).collect();
    Ok(Some((found, stamps)))
}

/// What is wrong with a file may be mended with its next change; a machine that cannot grade
/// will not do so then either.
fn go_on(checked: Result<u8, Stop>) -> Result<(), Stop> {
    match checked {
        Err(stop @ (Stop::Machine(_) | Stop::Said(_))) => Err(stop),
        Err(stop) => {
            let _ = stop.tell(PROGRAM);
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}
