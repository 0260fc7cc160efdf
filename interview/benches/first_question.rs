//! Measures how long a reader waits for the first question: from the start of the program to its
//! prompt, with 10,000 questions and 100,000 stored answers.
//!
//!     cargo bench -p ipc-workbook-interview --bench first_question

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const QUESTIONS: usize = 10_000;
const CHAPTERS: usize = 10;
/// How many reviews each question has.
const REVIEWS: usize = 10;
const DAY: u128 = 86_400_000;

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("first_question");
    let _ = fs::remove_dir_all(&folder);
    for chapter in 0..CHAPTERS {
        let place = folder.join(format!("lessons/{}-many", 10 + chapter));
        fs::create_dir_all(&place).expect("a folder");
        let numbers = (0..QUESTIONS).filter(|n| n % CHAPTERS == chapter);
        fs::write(place.join("quiz.toml"), numbers.map(question).collect::<String>()).expect("written");
    }
    fs::write(folder.join("state.json"), state()).expect("written");
    println!("{QUESTIONS} questions, {} answers; milliseconds to the first prompt:", QUESTIONS * REVIEWS);
    for args in [&[][..], &["--level", "senior"], &["mock"]] {
        let mut times: Vec<Duration> = (0..21).map(|_| wait(&folder, args)).collect();
        times.sort_unstable();
        let [least, median, most] = [0, 10, 20].map(|n| times[n].as_secs_f64() * 1000.0);
        println!("{:<24} median {median:.1}, from {least:.1} to {most:.1}", args.join(" "));
    }
    let _ = fs::remove_dir_all(&folder);
}

/// Makes a question that is about as long as those of the workbook.
fn question(n: usize) -> String {
    let mut text = format!(
        "[[question]]\nid = \"many-{n}\"\ntopic = \"topic {}\"\nlevel = \"{}\"\nkind = \"choice\"\nsource = \"our own\"\n\
         question = \"{}\"\nrun = \"refcount_demo\"\nclaims = [\n",
        n % 30,
        ["junior", "mid", "senior"][n % 3],
        "Process A calls mq_unlink on a queue that B has open. What can B do with it? ".repeat(2)
    );
    for _ in 0..3 {
        text.push_str(
            "  \"refcount/mq_receive-refuses-a-buffer-smaller-than-mq_msgsize-even-for-a-short-message\",\n",
        );
    }
    text.push_str("]\noptions = [\n");
    for option in 0..4 {
        let right = if option == n % 4 { "right = true, " } else { "" };
        let _ = writeln!(
            text,
            "  {{ text = \"What is said to be so in case {option}, and is one line long.\", {right}\
             why = \"The references are untouched by unlink; the queue goes with the last of them.\" }},"
        );
    }
    text + "]\n\n"
}

/// Makes stored answers. Half of the questions are due.
fn state() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let record = |n: usize| {
        let reviews = (0..REVIEWS).map(|review| {
            let ago = 5 * DAY * (REVIEWS - review) as u128;
            format!("[{},\"good\"]", now - ago)
        });
        let due = if n.is_multiple_of(2) { now - DAY } else { now + DAY };
        format!("\"many-{n}\":{{\"due\":{due},\"reviews\":[{}]}}", reviews.collect::<Vec<_>>().join(","))
    };
    let records: Vec<String> = (0..QUESTIONS).map(record).collect();
    format!("{{\"schema\":2,\"questions\":{{{}}}}}\n", records.join(","))
}

/// Returns the time from the start of the program to the end of its first prompt.
fn wait(folder: &Path, args: &[&str]) -> Duration {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_interview"))
        .args(args)
        .arg("--lessons")
        .arg(folder.join("lessons"))
        .arg("--state")
        .arg(folder.join("state.json"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("interview");
    let (mut shown, mut bytes) = (Vec::new(), [0; 4096]);
    let mut stdout = child.stdout.take().expect("a pipe");
    while !shown.ends_with(b"q to stop: ") {
        let n = stdout.read(&mut bytes).expect("a question");
        assert!(n > 0, "it ended: {}", String::from_utf8_lossy(&shown));
        shown.extend_from_slice(&bytes[..n]);
    }
    let took = begun.elapsed();
    // The program ends when its input ends. We ignore the error that it reports then.
    drop(child.stdin.take());
    let _ = child.wait();
    took
}
