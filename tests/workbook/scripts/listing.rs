//! list_ipc.sh lists all IPC objects, and nothing else.

use super::*;
use ipc_workbook::mqueue::{mq_send, mq_unlink};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn all_six_kinds_are_listed_with_their_contents() {
    private(|| {
        let [queue, set, memory] = six_orphans();
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 6, "{list:#}");
            for (kind, name) in [("mq", "/queue"), ("sem", "/semaphore"), ("shm", "/memory")] {
                let object = object(&list, kind, name);
                assert_eq!(object["orphan"], true, "{} {object:#}", shell.program);
                assert_eq!(object["mode"], "0600");
                assert_eq!(object["holders"].as_array().map(Vec::len), Some(0));
            }
            for (kind, id) in [("svmsg", queue), ("svsem", set), ("svshm", memory)] {
                let object = object(&list, kind, &id.to_string());
                assert_eq!(object["orphan"], true, "{} {object:#}", shell.program);
                assert_eq!(object["mode"], "0600");
                assert_eq!(object["uid"], nix::unistd::geteuid().as_raw());
            }
            assert_eq!(object(&list, "sem", "/semaphore")["value"], 259);
            assert_eq!(object(&list, "shm", "/memory")["size"], 4096);
            assert_eq!(object(&list, "svmsg", &queue.to_string())["messages"], 1);
            assert_eq!(object(&list, "svmsg", &queue.to_string())["size"], 4);
            assert_eq!(object(&list, "svsem", &set.to_string())["values"], json!([3]));
            assert_eq!(object(&list, "svshm", &memory.to_string())["key"], "0x00112233");
            assert_eq!(object(&list, "svshm", &memory.to_string())["attached"], 0);
        }
        remove_all();
    });
}

#[test]
fn the_size_of_a_queue_is_that_of_its_messages() {
    private(|| {
        let fd = queue("/queue");
        mq_send(&fd, b"ab", 0).expect("mq_send");
        for shell in shells() {
            assert_eq!(object(&shell.list(), "mq", "/queue")["size"], 2, "{}", shell.program);
        }
        drop(fd);
        remove_all();
    });
}

#[test]
fn an_unprivileged_user_sees_the_same_in_its_own_namespace() {
    let user = User::all().pop().expect("one user at least");
    private_as(user, Mqueue::Mounted, || {
        six_orphans();
        for shell in shells() {
            let list = shell.list();
            let objects = list["objects"].as_array().expect("objects");
            assert!(objects.iter().all(|object| object["orphan"] == true), "{} {list:#}", shell.program);
        }
        assert!(a_shell().clean(&["-y"]).contains("6 removed, 0 vanished, 0 kept, 0 failed"));
    });
}

#[test]
fn queues_that_cannot_be_seen_are_reported() {
    private_as(User::Me, Mqueue::Absent, || {
        drop(shm("/memory"));
        drop(queue("/queue"));
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 1);
            let unseen = list["unseen"].to_string();
            assert!(unseen.contains("no mqueue file system is mounted"), "{unseen}");
            let table = text(&run(&mut shell.script("list_ipc.sh"), 0).stdout);
            assert!(table.contains("not seen: POSIX message queues"), "{table}");
            assert!(shell.clean(&["-n"]).contains("not seen: POSIX message queues"));
        }
        remove_all();
        mq_unlink(c"/queue").expect("mq_unlink");
    });
}

#[test]
fn links_directories_and_fifos_are_left_alone() {
    private(|| {
        let outside = Folder::new("outside");
        let victim = outside.join("victim");
        fs::write(&victim, "precious").expect("a file");
        drop(shm("/real"));
        symlink("nowhere", "/dev/shm/dangling").expect("a link");
        symlink(&victim, "/dev/shm/planted").expect("a link");
        symlink(&*outside, "/dev/shm/sem.planted").expect("a link");
        symlink("real", "/dev/shm/-l\nink").expect("a link");
        fs::create_dir("/dev/shm/directory").expect("a directory");
        fs::write("/dev/shm/directory/file", "").expect("a file");
        for name in ["/dev/shm/fifo", "/dev/shm/sem.fifo"] {
            nix::unistd::mkfifo(name, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
        }
        let _socket = std::os::unix::net::UnixListener::bind("/dev/shm/socket").expect("a socket");
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 1, "{list:#}");
            let other = list["other"].to_string();
            for what in ["dangling", "planted", "-l\\\\0012ink", "directory", "sem.fifo", "socket"] {
                assert!(other.contains(&format!("/dev/shm/{what}")), "{what}: {other}");
            }
            let cleaned = shell.clean(&["-n"]);
            assert!(cleaned.contains("kept: /dev/shm/planted: a symbolic link, not followed"), "{cleaned}");
            assert!(cleaned.contains("kept: /dev/shm/directory: a directory"), "{cleaned}");
        }
        let cleaned = a_shell().clean(&["-y", "--in-use"]);
        assert!(cleaned.contains("1 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
        assert_eq!(fs::read_to_string(&victim).expect("the file that must stay"), "precious");
        assert_eq!(leftovers().len(), 8, "{:?}", leftovers());
        fs::remove_dir_all("/dev/shm/directory").expect("removed");
        for left in leftovers() {
            fs::remove_file(left).expect("removed");
        }
    });
}

#[test]
fn thousands_of_objects_are_listed_and_removed() {
    // The time grows with their number. The script looks again before every 500 removals.
    let all = if exhaustive() { 10_000 } else { 2_000 };
    private(|| {
        for n in 0..all {
            fs::write(format!("/dev/shm/object-{n}"), "").expect("a file");
        }
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), all, "{}", shell.program);
        }
        let cleaned = a_shell().clean(&["-y", "--name", "object-1*"]);
        assert!(cleaned.contains("1111 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned:.200}");
        assert_eq!(leftovers().len(), all - 1111);
        for left in leftovers() {
            fs::remove_file(left).expect("removed");
        }
    });
}
