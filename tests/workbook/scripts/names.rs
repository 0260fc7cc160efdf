//! Names with every kind of difficult byte.

use super::*;
use std::fs;
use std::process::Command;

/// Difficult names, without the slash.
const NAMES: &[&[u8]] = &[
    b"plain",
    b"two words",
    b" ends with a blank ",
    b"new\nline",
    b"\n",
    b"ends with a newline\n",
    b"-rf",
    b"--help",
    b"*",
    b"?[a-z]*",
    b"'single",
    b"\"double\"",
    b"$(touch executed)",
    b"`touch executed`",
    b"; touch executed",
    b"back\\slash\\0101\\n",
    b"tab\there",
    b"\x1b[31mred\x07",
    b"del\x7fete",
    b"\"quoted\"\n\\",
    b"%s%n",
    b"gr\xc3\xb6\xc3\x9fe",
    b"\xff\xfe\xc3",
    b"\xed\xa0\x80",
    b".hidden",
    b"...",
    b"a <==\nfour\n==> b",
    b"&amp;|<>",
];

/// Returns what `printf %b` makes of a text.
fn unescaped(text: &str) -> Vec<u8> {
    let output = Command::new("printf").args(["%b", text]).output().expect("printf");
    output.stdout
}

#[test]
fn every_name_is_printed_exactly_and_removed() {
    private(|| {
        for shell in shells() {
            for name in NAMES {
                let whole = [b"/", *name].concat();
                drop((shm(&whole), semaphore(&whole, 7), queue(&whole)));
            }
            let list = shell.list();
            assert_eq!(count(&list), 3 * NAMES.len(), "{list:#}");
            for kind in ["mq", "sem", "shm"] {
                let objects = list["objects"].as_array().expect("objects");
                let named = objects.iter().filter(|object| object["kind"] == kind);
                let mut named: Vec<Vec<u8>> = named
                    .map(|object| {
                        let escaped = object["escaped"].as_str().expect("a string");
                        let bytes = unescaped(escaped);
                        assert_eq!(object["name"], String::from_utf8_lossy(&bytes).as_ref(), "{escaped}");
                        assert_eq!(object["orphan"], true, "{object:#}");
                        bytes
                    })
                    .collect();
                let mut wanted: Vec<Vec<u8>> = NAMES.iter().map(|name| [b"/", *name].concat()).collect();
                named.sort();
                wanted.sort();
                assert_eq!(named, wanted, "{} {kind}", shell.program);
            }
            // The only name that could be confused with a heading in the output of head.
            for object in list["objects"].as_array().expect("objects") {
                if object["kind"] == "sem" {
                    let clear = !object["name"].as_str().is_some_and(|name| name.contains(" <=="));
                    assert_eq!(object["value"] == 7, clear, "{object:#}");
                }
            }
            let table = run(&mut shell.script("list_ipc.sh"), 0).stdout;
            let cleaned = shell.clean(&["-y"]);
            for byte in table.iter().chain(cleaned.as_bytes()) {
                assert!(matches!(byte, b'\n' | b' '..=b'~'), "{byte:#x} was not escaped: {}", text(&table));
            }
            let removed = 3 * NAMES.len();
            let end = format!("{removed} removed, 0 vanished, 0 kept, 0 failed\n");
            assert!(cleaned.ends_with(&end), "{}: {cleaned}", shell.program);
            assert_eq!(leftovers(), Vec::<String>::new(), "{}", shell.program);
        }
    });
}

#[test]
fn a_glob_selects_names() {
    private(|| {
        for shell in shells() {
            let set = sv_set(1);
            for name in ["/keep", "/lab-1", "/lab-2", "/x lab", "/lab*"] {
                drop((shm(name), semaphore(name, 0), queue(name)));
            }
            let table = text(&run(shell.script("list_ipc.sh").args(["--name", "lab-?"]), 0).stdout);
            assert!(table.contains("objects 6,"), "{}: {table}", shell.program);
            assert!(shell.clean(&["-y", "--name", "/lab\\*"]).contains("3 removed"), "{}", shell.program);
            assert!(shell.clean(&["-y", "--name", "lab-[0-9]"]).contains("6 removed"));
            assert!(shell.clean(&["-y", "--name", "sem.x*"]).contains("1 removed"));
            assert_eq!(count(&shell.list()), 6);
            assert!(shell.clean(&["-y", "--unseen"]).contains("6 removed"));
            assert!(!fs::read_to_string("/proc/sysvipc/sem").expect("the table").contains(&set.to_string()));
        }
    });
}
