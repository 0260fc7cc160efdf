//! Compares the cost of a first `cargo build --bin refcount_demo` with that of a bare program that
//! depends on the same packages. All builds start from nothing, but the dependencies are downloaded
//! already. The bare program is built twice: as `cargo new` writes it, and with this package's
//! profile, which makes no debug information.
//!
//!     cargo bench --profile dev --bench first_build

mod common;

use common::children_milliseconds;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (bare, same_profile) = (scratch.join("bare"), scratch.join("bare-same-profile"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    let profile = format!("[profile.dev]\n{}\n", section(&manifest, "profile.dev"));
    write_bare_program(root, &bare, &manifest, "").expect("a bare program");
    write_bare_program(root, &same_profile, &manifest, &profile).expect("a bare program");
    let mut costs = [Cost::NONE; 3];
    for _ in 0..3 {
        for (cost, (package, bin)) in
            costs.iter_mut().zip([(&*bare, "bare"), (&*same_profile, "bare"), (root, "refcount_demo")])
        {
            cost.lower_to(cold_build(package, bin));
        }
    }
    let [bare, same_profile, lesson] = costs;
    for (what, cost) in [("bare", bare), ("bare, same profile", same_profile), ("refcount_demo", lesson)] {
        println!("{what}: {:.2} s, {:.2} s of processor time", cost.wall, cost.processor);
    }
    for (what, cost) in [("bare", bare), ("bare, same profile", same_profile)] {
        println!("refcount_demo to {what}, processor time: {:.2}", lesson.processor / cost.processor);
    }
}

/// The time of a build, in seconds.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    processor: f64,
}

impl Cost {
    const NONE: Cost = Cost { wall: f64::MAX, processor: f64::MAX };

    /// Keeps the lowest of several builds, because other programs disturbed it least.
    fn lower_to(&mut self, other: Cost) {
        self.wall = self.wall.min(other.wall);
        self.processor = self.processor.min(other.processor);
    }
}

/// Returns the lines of the manifest below this heading.
fn section(manifest: &str, name: &str) -> String {
    let below = manifest.split(&format!("[{name}]\n")).nth(1);
    below.and_then(|rest| rest.split("\n[").next()).unwrap_or_default().to_string()
}

/// Writes a program of a few lines that has this package's dependencies.
fn write_bare_program(root: &Path, bare: &Path, manifest: &str, profile: &str) -> std::io::Result<()> {
    fs::create_dir_all(bare.join("src"))?;
    fs::write(
        bare.join("Cargo.toml"),
        format!(
            "[package]\nname = \"bare\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{}\n{profile}",
            section(manifest, "dependencies"),
        ),
    )?;
    fs::copy(root.join("Cargo.lock"), bare.join("Cargo.lock"))?;
    fs::write(
        bare.join("src/main.rs"),
        "use colored::Colorize;\nfn main() {\n    let matches = clap::Command::new(\"bare\").arg(clap::Arg::new(\"name\").long(\"name\")).get_matches();\n    println!(\"{} {:?} {}\", \"bare\".bold(), matches.get_one::<String>(\"name\"), nix::unistd::getpid());\n    println!(\"{}\", libc::EMFILE);\n}\n",
    )
}

/// Builds into an empty folder.
fn cold_build(package: &Path, bin: &str) -> Cost {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cold");
    let _ = fs::remove_dir_all(&target);
    let (start, before) = (Instant::now(), children_milliseconds());
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--offline", "--bin", bin])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", &target);
    assert!(cargo.status().expect("cargo").success());
    Cost { wall: start.elapsed().as_secs_f64(), processor: (children_milliseconds() - before) / 1000.0 }
}
