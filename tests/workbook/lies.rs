//! Tries the kernel that lies on programs with known claims: each lie turns the claim that it should, a claim
//! that compares a constant is reported, and a process can be stopped while it is lied to.

use ipc_workbook_testing::lies::{Claim, Effect, Findings, lie_to};
use ipc_workbook_testing::prelude::*;
use std::collections::BTreeMap;

/// What both programs begin with. They print events like a lesson.
const BEGIN: &str = r#"
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>

static void claim(const char *id, int held)
{
	printf("{\"event\":\"claim\",\"id\":\"t/%s\",\"held\":%s,\"got\":\"\",\"want\":\"\"}\n", id, held ? "true" : "false");
	fflush(stdout);
}

static void begin(void)
{
	/* The namespace goes with the process, and with it what the lies leave behind. */
	if (unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1)
		exit(3);
	puts("{\"event\":\"lesson\"}");
	fflush(stdout);
}
"#;

/// A child sends the message.
const SENT: &str = r#"
int main(void)
{
	begin();
	int one = 1, status = 0;
	int id = msgget(IPC_PRIVATE, 0600), other = msgget(IPC_PRIVATE, 0600);
	struct { long type; char text[4]; } message = {1, "abc"};
	struct msqid_ds state;
	if (fork() == 0)
		_exit(msgsnd(id, &message, 4, 0) != 0);
	wait(&status);
	if (status != 0 || msgctl(id, IPC_STAT, &state) == -1)
		return 3;
	claim("a-message-is-there", state.msg_qnum > 0);
	claim("there-are-not-two", state.msg_qnum != 2);
	claim("one-is-one", one == 1);
	claim("two-queues-have-two-identifiers", id != other);
	claim("a-queue-can-be-removed", msgctl(id, IPC_RMID, NULL) == 0);
	return 0;
}
"#;

/// A child waits for the message, and is stopped before it is sent. It would take the message if the tracer
/// let it go on: the pause is for that.
const STOPPED: &str = r#"
int main(void)
{
	begin();
	int id = msgget(IPC_PRIVATE, 0600), status = 0;
	struct { long type; char text[4]; } message = {1, "abc"};
	struct msqid_ds state;
	pid_t child = fork();
	if (child == 0)
		_exit(msgrcv(id, &message, 4, 0, 0) != 4);
	kill(child, SIGSTOP);
	for (int n = 0; n < 1000 && waitpid(child, &status, WUNTRACED | WNOHANG) == 0; n++)
		usleep(1000);
	int stopped = WIFSTOPPED(status);
	usleep(100000);
	if (msgsnd(id, &message, 4, 0) == -1 || msgctl(id, IPC_STAT, &state) == -1)
		return 3;
	claim("a-stopped-child-takes-no-message", stopped && state.msg_qnum == 1);
	kill(child, SIGCONT);
	claim("a-child-that-goes-on-takes-it", waitpid(child, &status, 0) == child && status == 0);
	return 0;
}
"#;

/// Compiles a program and lies to it.
fn findings(main: &str) -> Findings {
    let folder = Folder::new("lied-to");
    let (source, program) = (folder.join("lesson.c"), folder.join("lesson"));
    std::fs::write(&source, format!("{BEGIN}{main}")).expect("a file");
    run(&mut cc(&source, &program), 0);
    lie_to(&program, |_| false).expect("the program under a tracer")
}

#[test]
fn each_lie_turns_the_claim_that_it_should_and_a_constant_is_listed() {
    private(|| {
        let findings = findings(SENT);
        let seen: Vec<_> =
            findings.claims.iter().map(|claim| (&*claim.id, claim.effect, kind_of(claim))).collect();
        let expected = [
            ("t/a-message-is-there", Effect::Failed, "not made, and answered with success"),
            ("t/there-are-not-two", Effect::Failed, "made twice"),
            ("t/one-is-one", Effect::Absent, ""),
            (
                "t/two-queues-have-two-identifiers",
                Effect::Failed,
                "not made, and answered like the call before it",
            ),
            ("t/a-queue-can-be-removed", Effect::Failed, "made, and answered with an error"),
        ];
        assert_eq!(seen, expected, "{findings:#?}");
        let wrong = findings.wrong(&BTreeMap::new());
        assert!(wrong.len() == 1 && wrong[0].contains("t/one-is-one"), "{wrong:?}");
    });
}

/// Returns the name of the lie that turned a claim.
fn kind_of(claim: &Claim) -> &str {
    if claim.has_turned() { claim.lie.split(": ").nth(1).unwrap_or_default() } else { "" }
}

#[test]
fn a_stopped_process_stays_stopped_under_the_tracer() {
    private(|| {
        let findings = findings(STOPPED);
        let turned: Vec<_> = findings.claims.iter().map(|claim| (&*claim.id, claim.has_turned())).collect();
        let expected =
            [("t/a-stopped-child-takes-no-message", true), ("t/a-child-that-goes-on-takes-it", true)];
        assert_eq!(turned, expected, "{findings:#?}");
    });
}

#[test]
fn a_claim_needs_a_reason_exactly_if_no_lie_turns_it() {
    let claim = |id: &str, effect| Claim { id: id.into(), effect, by_look: false, lie: "a lie".into() };
    let claims = vec![
        claim("t/a", Effect::Failed),
        claim("t/b", Effect::NotSeen),
        claim("t/c", Effect::Absent),
        claim("t/d", Effect::Held),
    ];
    let findings = Findings { claims, lies: 4, hangs: 0 };
    let read = Findings::read(&findings.line()).expect("the line that it wrote");
    let wrong_with = |reasons: &[&str]| {
        let reasons = reasons.iter().map(|id| ((*id).to_string(), "It is so.".to_string())).collect();
        let wrong = read.wrong(&reasons);
        wrong.iter().map(|line| line.split(": ").next().unwrap_or_default().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(wrong_with(&[]), ["t/c", "t/d"]);
    assert_eq!(wrong_with(&["t/c", "t/d"]), [""; 0]);
    assert_eq!(wrong_with(&["t/a", "t/b", "t/c", "t/d"]), ["t/a", "t/b"]);
}
