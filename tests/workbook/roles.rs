//! Lessons that leave objects behind on purpose, for another run to find.

use ipc_workbook_testing::prelude::*;
use nix::sys::signal::Signal;
use std::os::unix::process::ExitStatusExt;

#[test]
fn a_producer_alone_leaves_its_queue_to_a_consumer_alone() {
    private(|| {
        let output = run(workbook("consumer").arg("--alone"), 3);
        assert!(stderr(&output).contains("ENOENT") && stderr(&output).contains("run producer --alone"));
        assert!(!queue_exists("/lifecycle_demo"), "a consumer must not create the queue");

        let output = run(workbook("producer").args(["--alone", "--format", "json"]), 0);
        assert!(queue_exists("/lifecycle_demo"), "{}", describe(&output));
        let output = run(workbook("producer").arg("--alone"), 3);
        assert!(stderr(&output).contains("EEXIST") && stderr(&output).contains("run consumer --alone"));
        assert!(queue_exists("/lifecycle_demo"), "the second producer must leave the queue of the first");

        let output = run(workbook("consumer").args(["--alone", "--format", "json"]), 0);
        let received: Vec<String> = events(&output)
            .iter()
            .filter(|event| event["call"] == "mq_receive")
            .map(|event| event["text"].as_str().unwrap_or_default().to_string())
            .collect();
        assert!(received.len() == 2 && received[0].contains("Urgent"), "{}", describe(&output));
    });
}

#[test]
fn the_roles_work_with_a_given_name() {
    private(|| {
        run(workbook("producer").args(["--alone", "--name", "/another"]), 0);
        assert!(queue_exists("/another") && !queue_exists("/lifecycle_demo"));
        run(workbook("consumer").args(["--alone", "--name", "/another"]), 0);
        for role in ["producer", "consumer"] {
            run(workbook(role).args(["--alone", "--name", "wrong"]), 2);
        }
    });
}

#[test]
fn a_producers_queue_is_a_leftover_for_a_whole_lesson() {
    private(|| {
        run(workbook("producer").arg("--alone"), 0);
        let output = run(&mut workbook("consumer"), 0);
        assert!(stdout(&output).contains("left over"), "{}", describe(&output));
    });
}

#[test]
fn a_crash_leaves_the_queue_and_the_next_run_finds_it() {
    private(|| {
        let output = workbook("persist_demo").arg("--crash").output().expect("a lesson");
        assert_eq!(output.status.signal(), Some(9), "{}", describe(&output));
        assert!(queue_exists("/persistent_demo"), "{}", describe(&output));
        let output = run(&mut workbook("persist_demo"), 0);
        assert!(stdout(&output).contains("left over"), "{}", describe(&output));
    });
}

#[test]
fn a_single_errno_can_be_shown_alone() {
    private(|| {
        let output = run(workbook("errno_demo").args(["--only", "EAGAIN", "--format", "json"]), 0);
        let claims = events(&output).into_iter().filter(|event| event["event"] == "claim").count();
        assert_eq!(claims, 1, "{}", describe(&output));
        run(workbook("errno_demo").args(["--only", "EWHAT"]), 2);
    });
}

#[test]
fn a_client_alone_reconnects_after_its_server_is_killed_and_restarted() {
    private(|| {
        let output = run(workbook("svmsg_demo_client").arg("--alone"), 3);
        assert!(
            stderr(&output).contains("ENOENT") && stderr(&output).contains("run svmsg_demo_server --alone")
        );
        assert!(leftovers().is_empty(), "a client must not create the queue");

        let mut first = Paused::of(workbook("svmsg_demo_server").arg("--alone"));
        first.wait_for("a queue", |text| text.contains("2. Answer"));
        let mut client = Paused::of(workbook("svmsg_demo_client").arg("--alone"));
        client.wait_for("an answer", |text| text.contains("REQUEST 1"));
        let output = run(workbook("svmsg_demo_server").arg("--alone"), 3);
        assert!(
            stderr(&output).contains("another run is using the key"),
            "a server that lives keeps its queue"
        );

        first.signal(Signal::SIGKILL);
        assert_eq!(first.end().status.signal(), Some(9));
        assert_eq!(leftovers().len(), 1, "a killed server must leave its queue");
        let mut second = Paused::of(workbook("svmsg_demo_server").arg("--alone"));
        let said = second.wait_for("another queue", |text| text.contains("2. Answer"));
        assert!(said.contains("An earlier server left the queue 0 behind. It is removed now."), "{said}");
        client.wait_for("a reconnection", |text| text.contains("The server was restarted"));
        client.wait_for("another answer", |text| text.contains("REQUEST 2"));

        client.signal(Signal::SIGTERM);
        assert_eq!(client.end().status.code(), Some(143));
        assert_eq!(leftovers().len(), 1, "the client must leave the server's queue");
        second.signal(Signal::SIGINT);
        assert_eq!(second.end().status.code(), Some(130));
    });
}

#[test]
fn a_server_alone_does_not_touch_another_users_queue() {
    private(|| {
        if User::all().len() < 2 {
            return skip("only root can run it as two users");
        }
        let mut command = std::process::Command::new("ipcmk");
        become_user(&mut command, User::Nobody);
        if !have("ipcmk") {
            return skip("ipcmk is not installed");
        }
        run(command.arg("-Q"), 0);
        let before = leftovers();
        let key: Vec<&str> = before[0].split_whitespace().collect();
        let output = run(workbook("svmsg_demo_server").args(["--alone", &format!("--key={}", key[1])]), 3);
        assert!(stderr(&output).contains("belongs to user 65534"), "{}", describe(&output));
        assert_eq!(leftovers(), before);
        run(std::process::Command::new("ipcrm").args(["-q", key[2]]), 0);
    });
}

#[test]
fn two_users_can_play_the_roles_at_the_same_time() {
    private(|| {
        if User::all().len() < 2 {
            return skip("only root can run it as two users");
        }
        let alone = |lesson: &str, user: User| {
            let mut command = workbook(lesson);
            become_user(command.arg("--alone"), user);
            command
        };
        let own = format!("/lifecycle_demo.{NOBODY}");
        run(&mut alone("producer", User::Me), 0);
        let output = run(&mut alone("consumer", User::Nobody), 3);
        assert!(stderr(&output).contains(&own), "{}", describe(&output));
        let output = run(&mut alone("producer", User::Nobody), 0);
        assert!(stdout(&output).contains("/lifecycle_demo belongs to user 0"), "{}", describe(&output));
        assert!(queue_exists(&own), "{}", describe(&output));
        // The second user's queue is found although the usual name is free again.
        run(&mut alone("consumer", User::Me), 0);
        run(&mut alone("consumer", User::Nobody), 0);
        nothing_left("both consumers");

        let mut servers = Vec::new();
        for user in [User::Me, User::Nobody] {
            let mut server = Paused::of(&mut alone("svmsg_demo_server", user));
            server.wait_for("a queue", |text| text.contains("2. Answer"));
            servers.push(server);
        }
        for user in [User::Nobody, User::Me] {
            let mut client = Paused::of(&mut alone("svmsg_demo_client", user));
            client.wait_for("an answer", |text| text.contains("REQUEST 1"));
            client.signal(Signal::SIGINT);
            assert_eq!(client.end().status.code(), Some(130));
        }
        for server in servers {
            server.signal(Signal::SIGINT);
            assert_eq!(server.end().status.code(), Some(130));
        }
    });
}

#[test]
fn a_leftover_under_a_users_own_name_is_found_again() {
    private(|| {
        if User::all().len() < 2 {
            return skip("only root can run it as two users");
        }
        let mut first = Paused::start("persist_demo", &[]);
        first.prompts(1);
        let as_nobody = |arg: &[&str]| {
            let mut command = workbook("persist_demo");
            become_user(command.args(arg), User::Nobody);
            command
        };
        let output = as_nobody(&["--crash"]).output().expect("a lesson");
        assert_eq!(output.status.signal(), Some(9), "{}", describe(&output));
        first.enter(9);
        assert!(first.end().status.success());
        // The usual name is free, and the leftover is reported and removed nevertheless.
        let output = run(&mut as_nobody(&[]), 0);
        assert!(stdout(&output).contains("left over"), "{}", describe(&output));
        let output = run(&mut as_nobody(&[]), 0);
        assert!(!stdout(&output).contains("so this run uses"), "{}", describe(&output));
    });
}

#[test]
fn with_shm_rmid_forced_lessons_on_segments_say_so() {
    private(|| {
        let setting = "/proc/sys/kernel/shm_rmid_forced";
        if std::fs::write(setting, "1").is_err() {
            return skip("only a root that may set kernel.shm_rmid_forced can test this");
        }
        for lesson in ["svshm_demo", "connectionless_demo"] {
            let output = run(&mut workbook(lesson), 3);
            assert!(stderr(&output).contains("run the lesson with --private"), "{}", describe(&output));
            run(workbook(lesson).arg("--private"), 0);
        }
        std::fs::write(setting, "0").expect("a setting that could be changed");
    });
}

#[test]
fn a_service_survives_the_death_of_its_server_and_of_a_client() {
    private(|| {
        let output = run(workbook("mq_client").arg("--alone"), 3);
        assert!(stderr(&output).contains("ENOENT") && stderr(&output).contains("run mq_server --alone"));
        assert!(leftovers().is_empty(), "a client must not create the queue of the service");

        let mut first = Paused::of(workbook("mq_server").arg("--alone"));
        first.wait_for("a queue", |text| text.contains("2. Answer"));
        let mut client = Paused::of(workbook("mq_client").arg("--alone"));
        client.wait_for("a reply", |text| text.contains("ticket 1"));
        let output = run(workbook("mq_server").arg("--alone"), 3);
        assert!(stderr(&output).contains("another run is using the name"), "{}", describe(&output));

        first.signal(Signal::SIGKILL);
        assert_eq!(first.end().status.signal(), Some(9));
        client.wait_for("a second attempt", |text| text.contains("sends the same request again"));
        let second = Paused::of(workbook("mq_server").arg("--alone"));
        client.wait_for("a reply of the second server", |text| text.contains("ticket 3"));

        client.signal(Signal::SIGKILL);
        assert_eq!(client.end().status.signal(), Some(9));
        second.signal(Signal::SIGKILL);
        assert_eq!(second.end().status.signal(), Some(9));
        let mut third = Paused::of(workbook("mq_server").arg("--alone"));
        let said = third.wait_for("a start", |text| text.contains("2. Answer"));
        assert!(said.contains("mq_unlink(\"/mq_service-"), "it must remove the dead client's queue: {said}");
        third.signal(Signal::SIGINT);
        assert_eq!(third.end().status.code(), Some(130));
        nothing_left("the third server");
    });
}

#[test]
fn ten_thousand_requests_survive_twenty_kills() {
    private(|| {
        let output = run(workbook("mq_restart_load").arg("--full"), 0);
        let said = stdout(&output);
        assert!(said.contains("requests 10000 · sent 10014 · work done 10000 · killed 20"), "{said}");
        assert!(said.contains("claims: 6 held, 0 failed"), "{said}");
    });
}
