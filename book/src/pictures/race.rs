//! The race between two processes that initialise a semaphore. The reader chooses the order of their calls. A
//! test has made the calls in each order on the real kernel, and recorded what it saw.

use crate::material::Material;
use crate::pictures::call::Call;
use crate::pictures::recorded::{held, lesson, run_of};
use anyhow::{Context, Result, ensure};
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::read;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What two processes do, and what was seen for each order of their calls.
#[derive(Deserialize)]
struct Protocol {
    name: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    /// `ABABAB`: which process makes the first call, the second, and so on.
    order: String,
    /// The calls with their results, in this order.
    calls: Vec<String>,
    /// The processes that have taken the semaphore in the end.
    holders: Vec<String>,
    /// The value of the semaphore in the end.
    value: i64,
}

/// How many calls each process makes.
const EACH: usize = 3;
/// In how many orders two processes can make three calls each.
const ORDERS: usize = 20;

/// Returns the figure. theme/pictures/race.js shows one order at a time; without JavaScript, the tables of all orders
/// are the figure.
pub(crate) fn html(material: &Material, up: &str) -> Result<String> {
    let (chapter, lesson) = lesson(material, "sem_init_race")?;
    held(lesson, "a-second-SETVAL-lets-a-second-holder-in")?;
    let file = chapter.path.join("output/orders.json");
    let protocols: Vec<Protocol> = serde_json::from_str(&read(&file)?)
        .with_context(|| format!("{} is malformed; run scripts/record again", file.display()))?;
    for Protocol { name, runs } in &protocols {
        let complete = runs.iter().map(|run| &run.order).collect::<BTreeSet<_>>().len() == ORDERS
            && runs.iter().all(|run| run.order.len() == 2 * EACH && run.calls.len() == 2 * EACH);
        ensure!(
            complete,
            "{}: {name}: not all {ORDERS} orders are there; run scripts/record again",
            file.display()
        );
    }
    let calls: Vec<Call<'_>> = lesson.events.iter().filter_map(Call::of).collect();
    confirm(&protocols[0], &calls).with_context(|| {
        format!("{} contradicts the recorded run of sem_init_race; run scripts/record again", file.display())
    })?;
    let mut html = format!(
        "<figure class=\"race picture\" id=\"picture-initialisation-race\">\n<figcaption><b>Who holds the semaphore? You choose \
         the order of the calls.</b> A test has made the calls in each order on the kernel, with two processes; the order \
         in the recorded run of {} is one of them.</figcaption>\n",
        run_of(chapter, lesson, up)
    );
    for protocol in &protocols {
        html.push_str(&table(protocol));
    }
    html.push_str("</figure>\n");
    Ok(html)
}

/// Checks that the recorded run of the lesson is one of the runs: those of its calls that are in the protocol, in
/// their order, with the same results.
fn confirm(protocol: &Protocol, calls: &[Call<'_>]) -> Result<()> {
    let takes = |call: &Call<'_>| call.arg(1).is_ok_and(|operations| operations.starts_with("[{0, -1,"));
    let in_protocol = |call: &&Call<'_>| match call.name {
        "semget" => true,
        "semctl" => call.arguments.contains(&"SETVAL"),
        "semop" => takes(call),
        _ => false,
    };
    let calls: Vec<&Call<'_>> = calls.iter().filter(in_protocol).collect();
    let order: String = calls.iter().map(|call| call.process).collect();
    let run = protocol.runs.iter().find(|run| run.order == order);
    let run = run.with_context(|| format!("the lesson makes its calls in the order {order}"))?;
    for (call, recorded) in calls.iter().zip(&run.calls) {
        let begin = format!("{}(", call.name);
        let failed = recorded.split_once(") = -1 ").map(|(_, errno)| errno);
        ensure!(
            recorded.starts_with(&begin) && failed == call.errno,
            "in the order {order}, the lesson has {}, and the file has {recorded}",
            call.text
        );
    }
    Ok(())
}

fn table(Protocol { name, runs }: &Protocol) -> String {
    let both = runs.iter().filter(|run| run.holders.len() > 1).count();
    let verdict = match both {
        0 => format!("In none of the {ORDERS} orders do both processes hold the semaphore."),
        1 => format!("In one of the {ORDERS} orders, both processes hold the semaphore."),
        n => format!("In {n} of the {ORDERS} orders, both processes hold the semaphore."),
    };
    let mut html = format!(
        "<section class=\"protocol\"><p class=\"heading\">{name}</p>\n<p class=\"verdict\">{verdict}</p>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"All orders: {name}\"><table class=\"orders\">\n<thead><tr><th>order</th>",
        name = escape(name)
    );
    for n in 1..=2 * EACH {
        let _ = write!(html, "<th>call {n}</th>");
    }
    html.push_str("<th>in the end</th></tr></thead>\n<tbody>\n");
    for Run { order, calls, holders, value } in runs {
        let _ = write!(html, "<tr data-order=\"{order}\"><th scope=\"row\">{order}</th>");
        for (process, call) in order.chars().zip(calls) {
            let _ = write!(
                html,
                "<td><span class=\"process\">{process}</span> <code>{}</code></td>",
                escape(call)
            );
        }
        let holders = match &holders[..] {
            [] => "No process holds the semaphore".to_string(),
            [one] => format!("Only {one} holds the semaphore"),
            all => format!("<strong>Both hold it: {}</strong>", all.join(" and ")),
        };
        let _ = writeln!(html, "<td>{holders}; its value is {value}.</td></tr>");
    }
    html.push_str("</tbody></table></div></section>\n");
    html
}
