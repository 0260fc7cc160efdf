//! What every command of a student starts from.

use super::exercise::Exercise;
use super::progress::Progress;
use clap::ArgMatches;
use ipc_workbook_tools::cli::{Failure, wants_json};
use ipc_workbook_tools::store::Store;
use ipc_workbook_tools::workbook::labs::{Lab, Language, lab};
use std::path::{Path, PathBuf};

/// The workbook, and what the command line says.
pub(super) struct Context<'a> {
    pub(super) root: &'a Path,
    pub(super) args: &'a ArgMatches,
}

impl Context<'_> {
    /// The lab that is named.
    pub(super) fn lab(&self) -> Result<Lab, Failure> {
        let name = self.args.get_one::<String>("lab").map_or("", String::as_str);
        lab(self.root, name)
    }

    /// The student's copy of it.
    pub(super) fn exercise<'a>(&self, lab: &'a Lab) -> Exercise<'a> {
        Exercise::new(lab, &self.exercises())
    }

    /// The folder of all exercises.
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
