//! Labs in the page: the command `check`, with the compiler and the kernel of the machine, and the panel of a lab's page.

use crate::chromium::Chromium;
use crate::{Page, STATE, command, expect, panel, press, shown, trial, until};
use ipc_workbook_testing::harness::Trial;
use ipc_workbook_testing::root;
use ipc_workbook_testing::sample::sample;
use ipc_workbook_tools::workbook::labs::{Lab, labs};
use std::fs;
use std::path::Path;

/// How many labs are checked each day.
const ENOUGH: usize = 2;
/// The lab whose page is opened.
const OPENED: &str = "exact-mode";

/// The trials.
pub(crate) fn trials(page: &Page) -> Vec<Trial> {
    let all = labs(root()).expect("the labs");
    let opened = all.iter().find(|lab| lab.name == OPENED).expect("the lab").clone();
    let mut trials = vec![trial("no solution of a lab is in the machine", page, without_solutions)];
    trials.extend(sample(all, "labs in the page", ENOUGH).into_iter().map(|lab| {
        let name = format!("{}: check judges the starter and the solution as on this machine", lab.name);
        trial(&name, page, move |browser| judged(&lab, browser))
    }));
    let name = "the page of a lab checks what its reader writes, and remembers it";
    trials.push(trial(name, page, move |browser| in_its_page(&opened, browser)));
    trials
}

fn without_solutions(browser: &mut Chromium) -> Result<(), String> {
    let (found, _) =
        command(browser, "find / -xdev -name \"solution*\" -o -xdev -name \"grader*\"; ls /labs | wc -l")?;
    let labs = labs(root()).map_err(|error| error.to_string())?.len();
    if found.trim() == labs.to_string() { Ok(()) } else { Err(format!("of {labs} labs: {found}")) }
}

fn judged(lab: &Lab, browser: &mut Chromium) -> Result<(), String> {
    let name = &lab.name;
    let (seen, code) = command(browser, &format!("check {name}"))?;
    if code != 1 {
        return Err(format!("the starter ends with {code}:\n{seen}"));
    }
    let starter = lab.starter_in_the_page();
    let solution = starter.with_file_name("solution").with_extension(starter.extension().unwrap_or_default());
    let file = format!("/tmp/{}", solution.file_name().unwrap_or_default().to_string_lossy());
    write(browser, &solution, &file)?;
    let (seen, code) = command(browser, &format!("check {name} {file}"))?;
    let lines: Vec<&str> = seen.lines().collect();
    let passed = lines.iter().filter(|line| line.starts_with("passed: ")).count();
    let wanted = lab.judged_in_the_page().map_err(|error| error.to_string())?;
    // The last line says that this is no grade.
    if code != 0 || passed != wanted || lines.len() != lab.about.rubric.len() + 1 {
        return Err(format!("the solution ends with {code}, and {wanted} lines should pass:\n{seen}"));
    }
    Ok(())
}

/// Writes a file of this machine into the other one, in short lines of octal numbers.
fn write(browser: &mut Chromium, from: &Path, to: &str) -> Result<(), String> {
    let bytes = fs::read(from).map_err(|error| error.to_string())?;
    command(browser, &format!(": >{to}"))?;
    for some in bytes.chunks(200) {
        let octal: Vec<String> = some.iter().map(|byte| format!("\\\\\\\\{byte:03o}")).collect();
        command(browser, &format!("printf \"{}\" >>{to}", octal.concat()))?;
    }
    Ok(())
}

fn in_its_page(lab: &Lab, browser: &mut Chromium) -> Result<(), String> {
    let frame = "document.getElementById('machine-page')?.contentDocument";
    let open = |browser: &mut Chromium, page: &str| {
        // The reader clicks in the page in the frame, once there is one.
        browser.js(&format!("({frame} ?? document).querySelector('a[href*=\"{page}\"]').click()"));
        until(
            browser,
            &format!(
                "{frame}?.location.href.includes('{page}') && !!{frame}.querySelector('.run-here button')"
            ),
        )?;
        browser.js(&format!("{frame}.querySelector('.run-here button').click()"));
        Ok::<(), String>(())
    };
    let page = format!("labs/{}/", lab.name);
    open(browser, &page)?;
    until(browser, &format!("document.querySelector('#machine .lesson').textContent === '{}'", lab.name))?;
    press(browser, "check");
    until(browser, &format!("{STATE}.includes('was checked')"))?;
    expect(&shown(browser, 0), "failed: ")?;
    panel(browser)?;
    let solution = fs::read_to_string(lab.folder.join("solution.c")).map_err(|error| error.to_string())?;
    let text = serde_json::to_string(&solution).map_err(|error| error.to_string())?;
    browser.js(&format!(
        "machinePanel.then(panel => {{ panel.editor.open({text}); panel.terminals[0].xterm.reset(); }})"
    ));
    press(browser, "check");
    until(browser, &format!("{STATE}.includes('is being checked')"))?;
    until(browser, &format!("{STATE}.includes('was checked')"))?;
    let seen = shown(browser, 0);
    if seen.contains("failed: ") {
        return Err(format!("the solution fails:\n{seen}"));
    }
    expect(&seen, "This is no grade.")?;
    // Another program, and back.
    open(browser, "unlink_demo.html")?;
    until(browser, &format!("{STATE} === 'unlink_demo has ended.'"))?;
    open(browser, &page)?;
    let same = format!("machinePanel.then(panel => panel.editor.text === {text})");
    until(browser, &format!("document.querySelector('#machine .lesson').textContent === '{}'", lab.name))?;
    if browser.js(&same) == true { Ok(()) } else { Err("the text of the reader is forgotten".into()) }
}
