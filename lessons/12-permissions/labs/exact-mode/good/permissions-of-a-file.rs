//! Rust's standard library alone: a file of /dev/mqueue that is created for nobody, and then gets its permissions.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let mode = u32::from_str_radix(&args[2], 8).expect("an octal number");
    let mut forbidden = OpenOptions::new();
    let queue = forbidden.write(true).create_new(true).mode(0).open(format!("/dev/mqueue{}", args[1]))?;
    queue.set_permissions(Permissions::from_mode(mode))
}
