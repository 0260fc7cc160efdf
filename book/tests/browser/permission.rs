//! The tree of permission checks: what it decides is compared with what this kernel does, for all modes, users
//! and requests.

use crate::book::Book;
use crate::chromium::Chromium;
use ipc_workbook::call::{Errno, Result};
use ipc_workbook::capability::{CAP_DAC_OVERRIDE, capset, permitted};
use ipc_workbook::credentials::{setfsgid, setfsuid};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mount::mount;
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_unlink};
use ipc_workbook::sched::unshare;
use ipc_workbook::stat::fchmod;
use ipc_workbook::xattr::{Acl, fsetxattr};
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::os::fd::AsFd;

/// A mode, a class of users, a request such as `O_RDWR`, and whether the process has the capability.
type Question = (u32, String, String, bool);

const PAGE: &str = "12-permissions/index.html";
const NAME: &CStr = c"/permission_tree";
/// The user and the group of the owner. The other users and groups are neither of them.
const OWNER: u32 = 40_001;
const CLASSES: [(&str, u32, u32); 4] = [
    ("owner", OWNER, 40_009),
    ("listed", 40_002, 40_009),
    ("group", 40_003, OWNER),
    ("other", 40_003, 40_009),
];
const REQUESTS: [(&str, i32); 3] =
    [("O_RDONLY", libc::O_RDONLY), ("O_WRONLY", libc::O_WRONLY), ("O_RDWR", libc::O_RDWR)];

/// Asks the tree on the page for every mode, user and request.
const ANSWERS: &str = r"
    (() => {
        const form = document.querySelector('form.walk');
        const { mode, request, capable } = form.elements;
        const answers = [];
        for (let bits = 0; bits < 512; bits += 1) {
            mode.value = bits.toString(8).padStart(3, '0');
            for (const user of form.elements.class.options) {
                user.selected = true;
                for (const asked of request.options) {
                    asked.selected = true;
                    for (const has of [false, true]) {
                        capable.checked = has;
                        form.dispatchEvent(new Event('input'));
                        const end = ['success', 'success-capable', 'refused'].filter(name => document.querySelector(`.part.${name}.on`));
                        answers.push([bits, user.value, asked.textContent, has, form.dataset.result, end.join()]);
                    }
                }
            }
        }
        return answers;
    })()";

/// Returns what the tree decides, and checks that the marked way ends where the result says.
fn decided(browser: &mut Chromium, wrong: &mut Vec<String>) -> BTreeMap<Question, String> {
    let answers = browser.js(ANSWERS);
    let mut all = BTreeMap::new();
    for answer in answers.as_array().into_iter().flatten() {
        let text = |n: usize| answer[n].as_str().unwrap_or_default().to_string();
        let mode = answer[0].as_u64().and_then(|mode| u32::try_from(mode).ok()).unwrap_or_default();
        let (result, end) = (text(4), text(5));
        let fits = if result == "EACCES" {
            end == "refused"
        } else {
            end.starts_with("success") && !end.contains(',')
        };
        if !fits && wrong.len() < 5 {
            wrong.push(format!("the way for {answer} ends in {end}"));
        }
        all.insert((mode, text(1), text(2), answer[3] == true), result);
    }
    all
}

pub(crate) fn like_the_kernel(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, PAGE);
    let mut wrong = Vec::new();
    let tree = decided(browser, &mut wrong);
    // In a thread, because namespaces and users of the file system belong to a thread.
    let kernel = std::thread::spawn(kernel).join().expect("the thread ends");
    let kernel = match kernel {
        Ok(kernel) => kernel,
        Err(errno) => return vec![format!("the kernel cannot be asked: {errno}")],
    };
    if kernel.len() != 512 * CLASSES.len() * REQUESTS.len() * 2 || tree.len() != kernel.len() {
        wrong.push(format!("the tree has {} answers, and the kernel {}", tree.len(), kernel.len()));
    }
    for (question, answer) in &kernel {
        let said = tree.get(question).map_or("nothing", String::as_str);
        if said != answer {
            wrong.push(format!("{question:?}: the tree says {said}, the kernel {answer}"));
        }
    }
    wrong.truncate(5);
    wrong
}

/// Opens a queue and shared memory in every way, in namespaces of this thread.
fn kernel() -> Result<BTreeMap<Question, String>> {
    unshare(libc::CLONE_NEWIPC | libc::CLONE_NEWNS)?;
    mount(c"none", c"/", c"none", libc::MS_REC | libc::MS_PRIVATE, None)?;
    mount(c"tmpfs", c"/dev/shm", c"tmpfs", 0, Some(c"mode=1777"))?;
    let all = permitted()?;
    become_user(OWNER, OWNER);
    let mq = mq_open(NAME, libc::O_CREAT | libc::O_EXCL | libc::O_RDWR, 0o600, Some(&MqAttr::new(1, 16)))?;
    let shm = shm_open(NAME, libc::O_CREAT | libc::O_EXCL | libc::O_RDWR, 0o600)?;
    let listed = shm_open(c"/listed", libc::O_CREAT | libc::O_EXCL | libc::O_RDWR, 0o600)?;
    become_root(all)?;
    // The group's own entry allows everything, so that the mask alone decides for the named user.
    fsetxattr(&listed, &Acl { user_obj: 6, user: (40_002, 6), group_obj: 7, mask: 6, other: 0 })?;
    let mut answers = BTreeMap::new();
    for mode in 0..512 {
        for file in [mq.as_fd(), shm.as_fd(), listed.as_fd()] {
            fchmod(file, mode)?;
        }
        for (class, user, group) in CLASSES {
            for (request, flags) in REQUESTS {
                for capable in [false, true] {
                    become_user(user, group);
                    if capable {
                        capset(CAP_DAC_OVERRIDE)?;
                    }
                    let mut seen = vec![match class {
                        "listed" => outcome(shm_open(c"/listed", flags, 0)),
                        _ => outcome(shm_open(NAME, flags, 0)),
                    }];
                    // A queue takes no list.
                    if class != "listed" {
                        seen.push(outcome(mq_open(NAME, flags, 0, None)));
                    }
                    become_root(all)?;
                    seen.dedup();
                    answers.insert((mode, class.into(), request.into(), capable), seen.join(" and "));
                }
            }
        }
    }
    mq_unlink(NAME)?;
    shm_unlink(NAME)?;
    Ok(answers)
}

/// The kernel checks the permissions of files for this user and group. It also takes root's capabilities
/// for files out of effect.
fn become_user(user: u32, group: u32) {
    setfsgid(group);
    setfsuid(user);
}

fn become_root(capabilities: u32) -> Result<()> {
    setfsuid(0);
    setfsgid(0);
    capset(capabilities)
}

/// Says how an open ended, and closes what it opened.
fn outcome<T>(result: Result<T>) -> String {
    match result {
        Ok(opened) => {
            drop(opened);
            "success".into()
        }
        Err(Errno::EACCES) => "EACCES".into(),
        Err(errno) => format!("{errno:?}"),
    }
}

/// The cases in the table come from recorded runs. The tree must decide each of them in the same way.
pub(crate) fn like_the_recordings(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, PAGE);
    let cases = "[...document.querySelectorAll('#picture-permission tr[data-mode]')].map(row => ({ ...row.dataset }))";
    let cases = browser.js(cases);
    let mut wrong = Vec::new();
    let tree = decided(browser, &mut wrong);
    let cases = cases.as_array().cloned().unwrap_or_default();
    if cases.len() < 15 {
        wrong.push(format!("there are only {} cases", cases.len()));
    }
    for case in cases {
        let text = |field: &str| case[field].as_str().unwrap_or_default().to_string();
        let mode = u32::from_str_radix(&text("mode"), 8).unwrap_or(u32::MAX);
        let said = tree.get(&(mode, text("class"), text("request"), false)).cloned().unwrap_or_default();
        if said != text("result") {
            wrong.push(format!("{case}: the tree says {said}"));
        }
    }
    wrong
}
