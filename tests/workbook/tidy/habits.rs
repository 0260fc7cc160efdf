//! Habits of English that no grammar checker knows, each as a pattern. `prose/check` looks at spelling and grammar.

use super::texts::{Text, texts};
use ipc_workbook_testing::prelude::*;
use regex::Regex;
use std::sync::LazyLock;

/// A habit, what to write in its place, what finds it, and what excuses it, within what was found.
struct Habit(&'static str, &'static str, &'static str);

/// Where a sentence begins. In a pattern, a blank stands for any white space.
const START: &str = r"(?:^|[.!?:;] |\n- )";

/// There is no excuse: nothing that was found is empty.
const NEVER: &str = "^$";

const HABITS: &[Habit] = &[
    Habit("name the subject: \"a process that …\"", r"START(?:Who|Whom) [^.?!:;]*(?:[.?!:;]|$)", r"\?$|:"),
    Habit(
        "name the subject: \"an object that …\"",
        r"STARTWhat (?:is|are|lies|fails|stands|has|have|can|cannot|may|must)(?: [\w`]+){1,5} (?:stays|goes|answers|makes|gets|ends|keeps|is|are|has|cannot)\b[^.?]*[.?]",
        r"\?$",
    ),
    Habit("name the person or the process", r"\b(?:from|for|to|by|with|than) who\b", NEVER),
    Habit(
        "put the relative clause behind its noun",
        r"\b(?:[Nn]obody|[Ee]verybody|[Ss]omebody|[Nn]one)(?: [a-z]+){2,6} who\b",
        "(?:know|knows|say|says|tell|tells|see|sees|left) who$",
    ),
    Habit("put the subject first", r"STARTOf (?:a|an|each|every|what|whom|it|one)\b", NEVER),
    Habit(
        "ask with do: \"what is its …\", \"does it have …\"",
        r"\b(?:[Ww]hich|[Ww]hat|[Hh]ow (?:many|much)) [^.?!,;:]*\b(?:has|have) (?:it|they|(?:the|a|an|its|their|this|that|each|every|both|one) [\w`/-]+)(?: (?:afterwards|then|now|at the end|after that|in the end))?\?",
        NEVER,
    ),
    Habit(
        "ask with do: \"do they have …\"",
        r"STARTHa(?:s|ve) (?:it|they|both|[A-D]|(?:the|a|an|each|both|this|that) [\w`/-]+) (?:a|an|the|any|no|its|their|two)\b[^.?!]*\?",
        NEVER,
    ),
    Habit(
        "a call fails with an errno, and an errno means something",
        r"\b(?:say|says|said|tell|tells) `?E[A-Z0-9]{3,}\b|`?\bE[A-Z0-9]{3,}`?(?: from [\w`]+)? (?:say|says|tell|tells)\b",
        NEVER,
    ),
    Habit("wants to", r"\bwho would\b|\bwould give (?:its|away|his|their)\b", NEVER),
    // Not the option of a lab, nor a line of its rubric.
    Habit("again", r"[\w-]*\banew\b[\w-]*", "-anew|anew-"),
    Habit("has exited, no longer exists", r"\b(?:is|are|was|were|be) no more\b(?: than)?", "than$"),
    Habit(
        "must, should, can, or the future",
        r"\b(?:is|are|was|were) to (?:be|stay|have|hold|get|become|remain)\b",
        NEVER,
    ),
    Habit("presumed lost", r"\bheld for (?:lost|dead|gone)\b", NEVER),
    Habit(
        "drop, write, state",
        r"\b(?:lay|lays|laid|laying)(?: (?:it|them|all|this|that|its|their|these|those|\w+ \w+))? down\b",
        NEVER,
    ),
    Habit("being processed, or leave it out", r"\bin hand\b", NEVER),
    Habit("by itself", r"\bof (?:its|their|his|your) own accord\b", NEVER),
    Habit(
        "write the sentence out, with its subject first",
        r"STARTSo (?:say|says|do|does|did|is|are|was|goes|has|have|it is)\b",
        NEVER,
    ),
    Habit("yes", r"^(?:not )?so(?:[,;:.]|$)|, so\.", NEVER),
    Habit("the kernel checks permission", r"\bask(?:s|ed)? for (?:no )?permission\b", NEVER),
];

/// What finds each habit, and what excuses it.
static PATTERNS: LazyLock<Vec<(Regex, Regex)>> = LazyLock::new(|| {
    let compiled =
        |pattern: &str| Regex::new(&pattern.replace("START", START).replace(' ', r"\s+")).expect("a pattern");
    HABITS.iter().map(|Habit(_, finds, unless)| (compiled(finds), compiled(unless))).collect()
});

/// Where these texts have one of the habits.
fn broken(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for Text { file, line, lines: text } in texts {
        for (Habit(better, ..), (finds, unless)) in HABITS.iter().zip(&*PATTERNS) {
            let is_code = |at: usize| text[..at].matches('`').count() % 2 == 1;
            for habit in finds.find_iter(text) {
                if unless.is_match(habit.as_str()) || is_code(habit.start()) {
                    continue;
                }
                // The pattern may begin with the end of the sentence before.
                let words = habit.as_str().trim_start_matches(['.', '!', '?', ':', ';', '-', ' ', '\n']);
                let line = line + text[..habit.end() - words.len()].matches('\n').count();
                let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
                found.push(format!("{}:{line}: \"{words}\"; better: {better}", file.display()));
            }
        }
    }
    found
}

#[test]
fn no_text_has_an_old_habit() {
    let found = broken(&texts(root()));
    assert!(found.is_empty(), "{} places\n{}", found.len(), found.join("\n"));
}

/// What a review of the whole workbook found, and how it reads better.
#[test]
fn each_habit_is_found_and_the_better_sentence_is_not() {
    let has_habit = |sentence: &str| {
        !broken(&[Text { file: "page.md".into(), line: 1, lines: sentence.into() }]).is_empty()
    };
    for (old, better) in [
        ("Who has no capabilities lays down nothing.", "An unprivileged process has nothing to drop."),
        (
            "Who wants a mode that the umask forbids changes it afterwards",
            "To set bits that the umask masks out, call fchmod afterwards.",
        ),
        ("Whom an object was given to may remove it", "A new owner can also remove it."),
        (
            "Who reconnects at each EINVAL of msgsnd asks for ever.",
            "A client that reconnects on every EINVAL of msgsnd loops forever.",
        ),
        ("It takes nothing from who has it open.", "It does not affect processes that already have it open."),
        (
            "It is open for who may write there.",
            "It is open if you have write permission there. For whom is it open?",
        ),
        (
            "The key changes, so that nobody uses it by mistake who means the old one.",
            "No client of the old queue can use it by accident, and nobody can know who has it.",
        ),
        ("It shuts the creator out who would open it anew.", "Even the creator can no longer reopen it."),
        (
            "Of a queue that is there they are asked.",
            "For an existing queue, they are the permissions requested. Of course they may be refused.",
        ),
        ("Which mode has it?", "What is its mode? Which process has it open? Which flag has the kernel set?"),
        (
            "How many names has the queue afterwards?",
            "How many names does the queue have? How many messages has it received?",
        ),
        (
            "Have they the same key?",
            "Do both calls return the same key? Has the server received the message?",
        ),
        ("What does ENOSPC from mq_open say?", "What does ENOSPC from mq_open mean?"),
        ("So say msgsnd and msgrcv.", "msgsnd and msgrcv fail with EACCES."),
        ("What does `EIDRM` say of the queue: msgrcv says `EIDRM`.", "msgrcv fails with `EIDRM`."),
        (
            "A process would give its object away.",
            "A process wants to give away its object. It would give up.",
        ),
        (
            "It waits for answers to clients that are no more among it.",
            "It includes replies to clients that have exited; there are no more than two.",
        ),
        ("The request is held for lost.", "The request is presumed lost."),
        ("How many are to be seen?", "How many can you see? The next step is to open the queue."),
        ("The lessons lay them down.", "The lessons therefore drop their capabilities. They lie down."),
        (
            "So does msgrcv.",
            "msgrcv does the same. So far, nothing has been lost. The queue is full, so it waits.",
        ),
        ("so; since 2.6", "so that the queue is empty"),
        ("It is promised, so.", "It is promised."),
        ("A queue asks for permission when it is opened.", "Permission is checked when a queue is opened."),
        ("It ends of its own accord.", "It ends by itself."),
        ("The child is executed anew.", "With --anew it must start: after-SIGKILL-anew-starts"),
        ("It has a request in hand.", "It is processing a request."),
        (
            "What is open stays, without a name.",
            "What is open? What matters is the name. A queue that is open stays.",
        ),
    ] {
        assert!(has_habit(old), "nothing is found in: {old}");
        assert!(!has_habit(better), "something is found in: {better}");
    }
}

#[test]
fn each_sort_of_file_is_read_without_its_code() {
    let folder = Folder::new("habits");
    for (file, content) in [
        (
            "README.md",
            "# Who may?\n\nIt is\nmade anew. `anew`\n\n```\nanew\n```\n| a | so |\n\n[^1]: made anew\n",
        ),
        ("quiz.toml", "# anew\nid = \"anew\"\nquestion = \"Is it made anew?\"\n"),
        ("claims.toml", "a-queue-is-made-anew = { by = \"POSIX\", source = \"a page anew\" }\n"),
        (
            "lesson.rs",
            "/// Made\n/// anew.\nfn anew() {\n    step(\"It is made \\\n        anew\"); }\n// anew\n",
        ),
        ("twin.c", "/* Made\n * anew. */\nint anew; /* anew */\n"),
        ("script", "#!/bin/sh\n# Made\n# anew.\nanew # anew\n"),
        ("target/README.md", "Made anew.\n"),
    ] {
        let file = folder.join(file);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("created");
        std::fs::write(file, content).expect("written");
    }
    let found: Vec<String> = broken(&texts(&folder));
    let places: Vec<&str> = found.iter().filter_map(|line| line.split(": ").next()).collect();
    let expected = [
        "README.md:4",
        "README.md:9",
        "claims.toml:1",
        "lesson.rs:2",
        "lesson.rs:5",
        "lesson.rs:6",
        "quiz.toml:1",
        "quiz.toml:3",
        "script:3",
        "script:4",
        "twin.c:2",
        "twin.c:3",
    ];
    assert_eq!(places, expected);
}
