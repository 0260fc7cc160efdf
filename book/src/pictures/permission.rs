//! Draws which permission check decides, as a tree that theme/pictures/permission.js walks for a mode, a
//! user and a request. Below it stand the cases that lessons have tried.

use super::figure::{Figure, State};
use super::recorded::{held, lesson, run_of};
use super::svg::{Point, Svg};
use crate::marks::mark;
use crate::material::{Lesson, Material};
use anyhow::{Context, Result, ensure};
use ipc_workbook_tools::workbook::events::Event;
use std::fmt::Write;

/// A class of users, and how far to the right of the mode its bits stand. The script reads both from the page.
struct Class {
    name: &'static str,
    who: &'static str,
    shift: u32,
}

static CLASSES: [Class; 4] = [
    Class { name: "owner", who: "the owner", shift: 6 },
    Class { name: "listed", who: "a user named with rw- in an access control list", shift: 3 },
    Class { name: "group", who: "a member of the group", shift: 3 },
    Class { name: "other", who: "another user", shift: 0 },
];

/// A request, and the bits that it needs.
static REQUESTS: [(&str, u32); 3] = [("O_RDONLY", 4), ("O_WRONLY", 2), ("O_RDWR", 6)];

/// The claims that the tree rests on, beside the cases.
const CLAIMS: [(&str, &str); 5] = [
    ("mode_bits", "only-the-owners-bits-count-for-the-owner"),
    ("acl_demo", "a-list-lets-the-named-user-into-shared-memory"),
    ("acl_demo", "the-group-bits-show-the-mask-of-the-list"),
    ("acl_demo", "a-queue-takes-no-access-control-list"),
    ("access_demo", "CAP_DAC_OVERRIDE-opens-a-posix-queue-of-mode-0000"),
];

/// An open that a lesson has tried.
struct Case {
    mode: u32,
    class: &'static Class,
    request: &'static str,
    allowed: bool,
}

pub(crate) fn figure(material: &Material, up: &str) -> Result<Figure> {
    let (bits_chapter, bits) = lesson(material, "mode_bits")?;
    let (list_chapter, list) = lesson(material, "acl_demo")?;
    let mut cases = cases(bits, "mq_open")?;
    ensure!(
        cases.len() >= 14,
        "the recorded run of mode_bits tries only {} opens; correct the picture",
        cases.len()
    );
    cases.extend(self::cases(list, "shm_open")?);
    for Case { mode, class, request, allowed } in &cases {
        let decided = decide(*mode, class, bits_of(request)?);
        ensure!(
            decided == *allowed,
            "with mode {mode:04o}, the tree decides {decided} for {} and {request}, but a recorded run shows {allowed}",
            class.who
        );
    }
    let mut marks = String::new();
    for (name, id) in CLAIMS {
        let (_, lesson) = lesson(material, name)?;
        marks.push_str(&mark(&held(lesson, id)?.id, &material.claims, up));
    }
    let state = State {
        heading: String::new(),
        drawing: tree(),
        says: "First, the class of the process: the owner; otherwise a user named in an access control list, which only \
               shared memory and semaphores can have; otherwise a member of the group; otherwise another user. Linux looks \
               at a list only if the group bits are not all 0. Only the bits of this class count. If they allow the request, the open succeeds. If not, it succeeds only with \
               the capability CAP_DAC_OVERRIDE, and otherwise fails with EACCES."
            .into(),
        below: format!("{}{}", controls(), table(&cases)),
        step: None,
    };
    let (bits, list) = (run_of(bits_chapter, bits, up), run_of(list_chapter, list, up));
    Ok(Figure {
        title: "Which permission check decides".into(),
        source: format!(
            "The kernel asks these questions when a process opens a POSIX object{marks}. It looks at an access control list \
             only if the group bits are not all 0. The cases come from {bits} and {list}."
        ),
        states: vec![state],
        legend: Vec::new(),
    })
}

/// Decides without capabilities. Linux looks at a list only if the group bits are not all 0. Otherwise, its users
/// are among the others.
fn decide(mode: u32, class: &Class, wanted: u32) -> bool {
    let shift = if class.name == "listed" && mode & 0o070 == 0 { 0 } else { class.shift };
    (mode >> shift) & wanted == wanted
}

fn bits_of(request: &str) -> Result<u32> {
    let bits = REQUESTS.iter().find(|(name, _)| *name == request).map(|(_, bits)| *bits);
    bits.with_context(|| format!("the request {request} is unknown"))
}

/// Returns the opens of a recorded run that came after a change of the mode, by processes without capabilities.
fn cases(lesson: &Lesson, open: &str) -> Result<Vec<Case>> {
    let mut mode = None;
    let mut cases = Vec::new();
    for event in &lesson.events {
        let Event::Call { process, text, call, ok, .. } = event else { continue };
        if call == "fchmod" && *ok {
            let octal = text.split([' ', ')']).nth(1).unwrap_or_default();
            mode = Some(u32::from_str_radix(octal, 8).with_context(|| format!("{text} has no mode"))?);
        }
        let request = REQUESTS.iter().find(|(name, _)| text.contains(&format!(" {name}")));
        if let (true, Some(mode), Some(&(request, _))) = (call == open, mode, request)
            && !text.contains("O_CREAT")
        {
            let class = class(lesson, process);
            cases.push(Case { mode, class, request, allowed: *ok });
        }
    }
    Ok(cases)
}

/// Returns the class of a process, from the calls that changed its user and group, and from the list.
fn class(lesson: &Lesson, process: &str) -> &'static Class {
    let made = |begin: &str| {
        lesson.events.iter().any(|event| match event {
            Event::Call { process: of, text, ok: true, .. } => of == process && text.starts_with(begin),
            _ => false,
        })
    };
    let is_listed =
        lesson.events.iter().any(|event| matches!(event, Event::Call { call, .. } if call == "fsetxattr"));
    match (made("setresuid("), made("setresgid(0, 0, 0)")) {
        (false, _) => &CLASSES[0],
        (true, _) if is_listed => &CLASSES[1],
        (true, true) => &CLASSES[2],
        (true, false) => &CLASSES[3],
    }
}

/// Draws the tree. Each part has a name, by which the script finds it.
fn tree() -> Svg {
    const LEFT: i32 = 4;
    const RIGHT: i32 = 210;
    let mut svg = Svg::default();
    let rows = [
        ("owner", "Is it the owner?", "the owner's bits"),
        ("listed", "In a list that counts?", "entry and group bits"),
        ("group", "In the group?", "the group's bits"),
        ("other", "", "the others' bits"),
    ];
    for ((name, question, bits), row) in rows.into_iter().zip(0..) {
        let y = 8 + row * 52;
        if question.is_empty() {
            part(&mut svg, "yes-other", |svg| svg.arrow("", (LEFT + 75, y + 16), (RIGHT, y + 16)));
        } else {
            part(&mut svg, &format!("ask-{name}"), |svg| svg.labelled("", (LEFT, y), (150, 32), question));
            answer(&mut svg, &format!("yes-{name}"), "yes", (LEFT + 150, y + 16), (RIGHT, y + 16));
            answer(
                &mut svg,
                &format!("no-{name}"),
                "no",
                (LEFT + 75, y + 32),
                (LEFT + 75, y + if row == 2 { 68 } else { 52 }),
            );
        }
        part(&mut svg, &format!("bits-{name}"), |svg| svg.labelled("shaded", (RIGHT, y), (146, 32), bits));
        part(&mut svg, &format!("down-{name}"), |svg| {
            svg.line("", (RIGHT + 146, y + 16), (RIGHT + 158, y + 16));
            svg.line("", (RIGHT + 158, y + 16), (RIGHT + 158, 236));
            svg.line("", (RIGHT + 158, 236), (LEFT + 75, 236));
            svg.arrow("", (LEFT + 75, 236), (LEFT + 75, 252));
        });
    }
    part(&mut svg, "ask-allow", |svg| svg.labelled("", (LEFT, 252), (150, 32), "Do they allow it?"));
    answer(&mut svg, "yes-allow", "yes", (LEFT + 150, 268), (RIGHT, 268));
    part(&mut svg, "success", |svg| svg.labelled("shaded strong", (RIGHT, 252), (146, 32), "success"));
    answer(&mut svg, "no-allow", "no", (LEFT + 75, 284), (LEFT + 75, 304));
    part(&mut svg, "ask-capable", |svg| svg.labelled("", (LEFT, 304), (150, 32), "CAP_DAC_OVERRIDE?"));
    answer(&mut svg, "yes-capable", "yes", (LEFT + 150, 320), (RIGHT, 320));
    part(&mut svg, "success-capable", |svg| {
        svg.labelled("shaded strong", (RIGHT, 304), (146, 32), "success");
    });
    answer(&mut svg, "no-capable", "no", (LEFT + 75, 336), (LEFT + 75, 356));
    part(&mut svg, "refused", |svg| svg.labelled("shaded strong", (LEFT, 356), (150, 32), "EACCES"));
    svg
}

fn part(svg: &mut Svg, name: &str, draw: impl FnOnce(&mut Svg)) {
    svg.group(&format!("part {name}"), draw);
}

fn answer(svg: &mut Svg, name: &str, text: &str, from: Point, to: Point) {
    part(svg, name, |svg| {
        svg.arrow("", from, to);
        let beside = if from.1 == to.1 {
            (i32::midpoint(from.0, to.0) - 12, from.1 - 5)
        } else {
            (from.0 + 6, i32::midpoint(from.1, to.1) + 5)
        };
        svg.text("small", beside, text);
    });
}

/// Returns the controls. The script shows them; without JavaScript they would do nothing.
fn controls() -> String {
    let mut html = String::from(
        "<form class=\"walk\" hidden>\n<label>Mode <input name=\"mode\" value=\"0640\" size=\"5\" maxlength=\"4\" inputmode=\"numeric\" autocomplete=\"off\"></label>\n<label>User <select name=\"class\">",
    );
    for Class { name, who, shift } in &CLASSES {
        let _ = write!(html, "<option value=\"{name}\" data-shift=\"{shift}\">{who}</option>");
    }
    html.push_str("</select></label>\n<label>Request <select name=\"request\">");
    for (name, bits) in REQUESTS {
        let _ = write!(html, "<option value=\"{bits}\">{name}</option>");
    }
    html.push_str("</select></label>\n<label><input type=\"checkbox\" name=\"capable\"> with CAP_DAC_OVERRIDE</label>\n<p class=\"verdict\" role=\"status\"></p>\n</form>\n");
    html
}

/// Returns the cases that lessons have tried, as a table.
fn table(cases: &[Case]) -> String {
    let mut html = String::from(
        "<details><summary>The cases that the lessons tried</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"The cases\"><table>\n<thead><tr><th>mode</th><th>user</th><th>request</th><th>result</th></tr></thead>\n<tbody>\n",
    );
    for Case { mode, class, request, allowed } in cases {
        let result = if *allowed { "success" } else { "EACCES" };
        let _ = writeln!(
            html,
            "<tr data-mode=\"{mode:04o}\" data-class=\"{}\" data-request=\"{request}\" data-result=\"{result}\"><td>{mode:04o}</td><td>{}</td><td><code>{request}</code></td><td>{result}</td></tr>",
            class.name, class.who
        );
    }
    html.push_str("</tbody></table></div></details>\n");
    html
}
