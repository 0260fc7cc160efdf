//! The shell scripts, tried with real objects, real holders and real second users, in private namespaces and
//! under each shell that Linux systems use as /bin/sh.

mod cleanup;
mod holders;
mod last_users;
mod listing;
mod mount;
mod names;
mod objects;
mod others;
mod shells;
mod unseen;
mod usage;
mod waiters;
mod watch;

use ipc_workbook_testing::prelude::*;
use objects::*;
use serde_json::{Value, json};
use shells::*;
use std::io::Read;
use std::process::Child;

/// Reads the output of a script until it ends with these words.
fn printed_up_to(script: &mut Child, words: &str) -> String {
    let stdout = script.stdout.as_mut().expect("a pipe");
    let mut printed = Vec::new();
    let mut byte = [0];
    while !printed.ends_with(words.as_bytes()) && stdout.read(&mut byte).expect("read") == 1 {
        printed.push(byte[0]);
    }
    text(&printed)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the only object of this kind and name. A System V object is named by its identifier.
fn object<'a>(list: &'a Value, kind: &str, name: &str) -> &'a Value {
    let mut found = list["objects"].as_array().expect("objects").iter().filter(|object| {
        let id = object["id"].as_i64().map(|id| id.to_string());
        object["kind"] == kind && (object["name"] == name || id.as_deref() == Some(name))
    });
    let first = found.next().unwrap_or_else(|| panic!("no {kind} {name} in {list:#}"));
    assert!(found.next().is_none(), "{kind} {name} is listed twice: {list:#}");
    first
}

fn count(list: &Value) -> usize {
    list["objects"].as_array().expect("objects").len()
}

fn exists(path: &str) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn remove_all() {
    for shell in shells().iter().take(1) {
        shell.clean(&["-y", "--in-use"]);
    }
}
