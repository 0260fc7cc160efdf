//! Leaves shared memory behind that is complete as soon as it has a name: PROGRAM /NAME < CONTENTS

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::linkat;
use std::fs::OpenOptions;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME < CONTENTS", args[0]);
        return ExitCode::from(2);
    };
    match leave(name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::from(1)
        }
    }
}

fn leave(name: &str) -> std::io::Result<()> {
    // A file without a name: nobody finds it, and it goes with this process.
    let mut file =
        OpenOptions::new().write(true).mode(0o600).custom_flags(libc::O_TMPFILE).open("/dev/shm")?;
    std::io::copy(&mut std::io::stdin(), &mut file)?;
    // The last call gives it a name, if nobody else has it.
    let here = format!("/proc/self/fd/{}", file.as_raw_fd());
    let there = format!("/dev/shm{name}");
    linkat(AT_FDCWD, here.as_str(), AT_FDCWD, there.as_str(), AtFlags::AT_SYMLINK_FOLLOW)?;
    Ok(())
}
