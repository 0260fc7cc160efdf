//! The flags of `perm_demo`: every mode under every umask, and modes that are refused.

use ipc_workbook_testing::prelude::*;

#[test]
fn the_mode_is_right_for_every_mode_and_umask() {
    private(|| {
        for mode in ["0", "0600", "0666", "0777", "111", "0440"] {
            for mask in ["0", "0022", "027", "0777"] {
                let lesson = &mut workbook("perm_demo");
                let output = run(lesson.args(["--format", "json", "--mode", mode, "--umask", mask]), 0);
                let bits = |text| u32::from_str_radix(text, 8).expect("octal");
                let want = format!("{:04o}", bits(mode) & !bits(mask));
                let events = events(&output);
                let claim = events.iter().find(|event| event["event"] == "claim").expect("a claim");
                assert_eq!(claim["got"], want.as_str(), "{mode} {mask}: {}", describe(&output));
            }
        }
    });
}

#[test]
fn an_invalid_mode_is_refused_with_exit_2() {
    private(|| {
        for flag in ["--mode", "--umask"] {
            for wrong in ["", "8", "01000", "rw-", "0x1ff", "-1", "+7"] {
                let output = run(workbook("perm_demo").arg(format!("{flag}={wrong}")), 2);
                let said = stderr(&output);
                assert!(said.lines().count() == 1 && said.contains(flag), "{wrong:?}: {}", describe(&output));
                assert!(output.stdout.is_empty(), "{wrong:?}: the lesson began: {}", describe(&output));
            }
        }
    });
}
