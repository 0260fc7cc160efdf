//! The context of every student's command: the workbook and the command line.

use super::exercise::Exercise;
use super::progress::Progress;
use clap::ArgMatches;
use ipc_workbook_tools::cli::{Failure, wants_json};
use ipc_workbook_tools::store::Store;
use ipc_workbook_tools::workbook::labs::{Lab, Language, lab};
use std::path::{Path, PathBuf};

/// The workbook's folder and the command line.
pub(super) struct Context<'a> {
    pub(super) root: &'a Path,
    pub(super) args: &'a ArgMatches,
}

impl Context<'_> {
    /// Returns the lab that the command line names.
    pub(super) fn lab(&self) -> Result<Lab, Failure> {
        let name = self.args.get_one::<String>("lab").map_or("", String::as_str);
        lab(self.root, name)
    }

    /// Returns the student's copy of a lab.
    pub(super) fn exercise<'a>(&self, lab: &'a Lab) -> Exercise<'a> {
        Exercise::new(lab, &self.exercises())
    }

    /// Returns the folder of all exercises.
    pub(super) fn exercises(&self) -> PathBuf {
        let named = self.args.get_one::<PathBuf>("exercises").cloned();
        named.unwrap_or_else(|| self.root.join("exercises"))
    }

    pub(super) fn language(&self) -> Option<Language> {
        self.args.get_one::<String>("language").and_then(|name| Language::named(name))
    }

    pub(super) fn json(&self) -> bool {
        wants_json(self.args)
    }

    pub(super) fn store(&self) -> Result<Store<Progress>, Failure> {
        Store::new(self.args.get_one("state"), "labs.json")
    }
}
