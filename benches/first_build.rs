//! What the first `cargo build --bin refcount_demo` costs beside a bare program
//! that depends on the same packages: both cold, in turns, dependencies downloaded.
//!
//!     cargo bench --bench first_build

mod common;

use common::children_milliseconds;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bare = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare");
    write_bare_program(root, &bare).expect("the bare program");
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        theirs.push(cold_build(&bare, "bare"));
        ours.push(cold_build(root, "refcount_demo"));
    }
    let best =
        |all: &[(f64, f64)], which: fn(&(f64, f64)) -> f64| all.iter().map(which).fold(f64::MAX, f64::min);
    for (what, which) in [("wall", (|t| t.0) as fn(&(f64, f64)) -> f64), ("processor", |t| t.1)] {
        let (bare, lesson) = (best(&theirs, which), best(&ours, which));
        println!("{what} seconds: bare {bare:.2}, refcount_demo {lesson:.2}, ratio {:.2}", lesson / bare);
    }
}

/// A program of a few lines, with this package's own dependencies.
fn write_bare_program(root: &Path, bare: &Path) -> std::io::Result<()> {
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let section = |name: &str| {
        manifest
            .split(&format!("[{name}]\n"))
            .nth(1)
            .and_then(|rest| rest.split("\n[").next())
            .unwrap_or_default()
            .to_string()
    };
    fs::create_dir_all(bare.join("src"))?;
    fs::write(
        bare.join("Cargo.toml"),
        format!(
            "[package]\nname = \"bare\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{}\n[profile.dev]\n{}\n",
            section("dependencies"),
            section("profile.dev")
        ),
    )?;
    fs::copy(root.join("Cargo.lock"), bare.join("Cargo.lock"))?;
    fs::write(
        bare.join("src/main.rs"),
        "use colored::Colorize;\nfn main() {\n    let matches = clap::Command::new(\"bare\").arg(clap::Arg::new(\"name\").long(\"name\")).get_matches();\n    println!(\"{} {:?} {}\", \"bare\".bold(), matches.get_one::<String>(\"name\"), nix::unistd::getpid());\n    println!(\"{}\", libc::EMFILE);\n}\n",
    )
}

/// Wall and processor seconds of a build into an empty folder.
fn cold_build(package: &Path, bin: &str) -> (f64, f64) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cold");
    let _ = fs::remove_dir_all(&target);
    let (start, before) = (Instant::now(), children_milliseconds());
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--offline", "--bin", bin])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", &target);
    assert!(cargo.status().expect("cargo").success());
    (start.elapsed().as_secs_f64(), (children_milliseconds() - before) / 1000.0)
}
