//! The student's progress is stored, and survives damage to the file.

use super::{command, listed, object, record, write_exercise};
use crate::support::course::{LAB, source};
use crate::support::*;
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn a_state_that_cannot_be_read_is_set_aside_and_nothing_is_lost() {
    let folder = Folder::new("damaged");
    let state = folder.join("state.json");
    let damaged =
        ["{\"schema\":1,\"labs\":{\"exact", "", "{\"schema\":99,\"labs\":[]}", "[]", "\u{fffd}\u{0}"];
    for (n, text) in damaged.into_iter().enumerate() {
        fs::write(&state, text).expect("written");
        let (printed, complaint) = texts(&mut command(&folder, &["list"]), 0);
        assert!(printed.contains("not begun"), "{printed}");
        let aside = folder.join(format!("state.json.aside-{}", n + 1));
        assert!(complaint.contains("state.json.aside-") && complaint.lines().count() == 1, "{complaint}");
        assert_eq!(fs::read_to_string(&aside).expect("set aside"), text);
        if text.contains("99") {
            assert!(complaint.contains("version 99"), "{complaint}");
        }
        // A new state is created, and works.
        assert_eq!(object(&folder, &["hint", LAB], 0)["hints"].as_array().expect("hints").len(), 1);
    }
}

#[test]
fn what_another_version_has_added_to_a_record_is_no_damage() {
    let folder = Folder::new("added");
    let text = json!({ "schema": 1, "labs": { LAB: { "best": 6, "of": 10, "checks": 2, "mood": "good" } } });
    fs::write(folder.join("state.json"), text.to_string()).expect("written");
    let listed = listed(&folder);
    assert_eq!((&listed["progress"]["best"], &listed["state"]), (&json!(6), &json!("begun")));
}

#[test]
fn several_at_one_time_keep_what_each_has_stored() {
    let folder = Folder::new("several");
    write_exercise(&folder, "main.c", b"int main(void) { return 1; }\n");
    let children: Vec<_> = (0..6)
        .map(|_| {
            let mut check = command(&folder, &["check", LAB]);
            check.stdout(std::process::Stdio::null()).spawn().expect("lab")
        })
        .collect();
    for mut child in children {
        assert_eq!(child.wait().expect("its end").code(), Some(1));
    }
    assert_eq!(record(&folder)["checks"], 6);
    assert!(!folder.join(".half-state.json.part").exists());
}

#[test]
fn a_link_to_the_state_stays_one() {
    let folder = Folder::new("state-link");
    fs::create_dir(folder.join("elsewhere")).expect("a folder");
    fs::write(folder.join("elsewhere/kept.json"), "{\"schema\":1,\"labs\":{}}").expect("written");
    symlink("elsewhere/kept.json", folder.join("state.json")).expect("a link");
    texts(&mut command(&folder, &["hint", LAB]), 0);
    assert!(folder.join("state.json").is_symlink());
    assert!(fs::read_to_string(folder.join("elsewhere/kept.json")).expect("kept").contains(LAB));
}

#[test]
fn the_state_lies_where_xdg_puts_it() {
    let folder = Folder::new("xdg");
    let (home, state) = (folder.join("home"), folder.join("xdg"));
    let hint = |variables: &[(&str, &Path)]| {
        let mut hint = lab(&["hint", LAB]);
        hint.env_remove("HOME").env_remove("XDG_STATE_HOME");
        hint.envs(variables.iter().copied());
        hint
    };
    texts(&mut hint(&[("HOME", &home)]), 0);
    assert!(home.join(".local/state/ipc-workbook/labs.json").exists());
    texts(&mut hint(&[("HOME", &home), ("XDG_STATE_HOME", &state)]), 0);
    assert!(state.join("ipc-workbook/labs.json").exists());
    let (_, complaint) = texts(&mut hint(&[]), 3);
    assert!(complaint.contains("--state FILE"), "{complaint}");
}

#[test]
fn a_grade_is_told_where_it_cannot_be_remembered_and_help_is_not_given() {
    let folder = Folder::new("nowhere");
    write_exercise(&folder, "main.c", source("solution.c").as_bytes());
    let at = |args: &[&str]| {
        let mut command = lab(args);
        command.args(["--state", "/proc/nowhere/state.json", "--exercises"]).arg(folder.join("exercises"));
        command
    };
    let (printed, complaint) = texts(&mut at(&["check", LAB]), 0);
    assert!(
        printed.contains("10 of 10") && complaint.contains("cannot store your progress"),
        "{printed}{complaint}"
    );
    for args in [&["hint", LAB][..], &["solution", LAB, "--give-up"]] {
        let (printed, complaint) = texts(&mut at(args), 3);
        assert!(printed.is_empty() && complaint.contains("--state FILE"), "{printed}{complaint}");
    }
}
