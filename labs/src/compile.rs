//! Builds a submission inside the sandbox. The compiler also runs there, and sees only what it needs.

use crate::raw_path;
use crate::sandbox::{End, Fault, Limits, Sandbox};
use crate::submission::Source;
use ipc_workbook_tools::build::{self, cargo_build};
use ipc_workbook_tools::cli::{Failure, escape};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The time limit of a compiler.
const BUILD_TIMEOUT: Duration = Duration::from_secs(60);

/// The tools that a build needs, as found on this machine.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Tools {
    /// The Rust toolchain, and the libraries that a submission may use. `None` if no source is in Rust.
    rust: Option<Rust>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Rust {
    #[serde(with = "raw_path")]
    sysroot: PathBuf,
    /// The folder that holds all compiled libraries.
    #[serde(with = "raw_path")]
    dependencies: PathBuf,
    /// The name and the file of each library that a submission may name, such as `libc` and
    /// `/…/liblibc-….rlib`.
    #[serde(with = "raw_path")]
    libraries: Vec<(String, PathBuf)>,
}

/// The crates that a submission in Rust may use.
const LIBRARIES: [&str; 3] = ["ipc_workbook", "libc", "nix"];

impl Tools {
    /// Finds the tools that these sources need. Builds the workbook's library if a source is in Rust.
    pub(crate) fn find<'a>(
        root: &Path,
        sources: impl IntoIterator<Item = &'a Source>,
    ) -> Result<Self, Failure> {
        let rust = sources.into_iter().any(|source| matches!(source, Source::Rust(_)));
        Ok(Tools { rust: if rust { Some(Rust::find(root)?) } else { None } })
    }
}

impl Rust {
    fn find(root: &Path) -> Result<Self, Failure> {
        let said = |what: &str, error: &dyn std::fmt::Display| {
            Failure::Machine(format!(
                "cannot run {what} to build a submission in Rust: {error}; is it in PATH?"
            ))
        };
        let rustc = Command::new("rustc").args(["--print", "sysroot"]).stdin(Stdio::null()).output();
        let rustc = rustc.map_err(|error| said("rustc", &error))?;
        let built = cargo_build(root)
            .args(["--lib", "--message-format", "json"])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| said("cargo", &error))?;
        if !built.status.success() {
            return Err(build::failed(built.status));
        }
        let mut libraries = Vec::new();
        for message in String::from_utf8_lossy(&built.stdout).lines() {
            let Ok(message) = serde_json::from_str::<serde_json::Value>(message) else { continue };
            let name = message["target"]["name"].as_str().unwrap_or_default().to_string();
            let files = message["filenames"].as_array().into_iter().flatten();
            let rlib = files
                .filter_map(|file| file.as_str())
                .find(|file| Path::new(file).extension().is_some_and(|end| end == "rlib"));
            if let Some(rlib) = rlib.filter(|_| LIBRARIES.contains(&name.as_str())) {
                libraries.push((name, PathBuf::from(rlib)));
            }
        }
        let library = |wanted: &str| libraries.iter().find(|(name, _)| name == wanted);
        let dependencies = library("libc").and_then(|(_, file)| file.parent()).map(PathBuf::from);
        match dependencies {
            Some(dependencies) if LIBRARIES.iter().all(|name| library(name).is_some()) => Ok(Rust {
                sysroot: PathBuf::from(String::from_utf8_lossy(&rustc.stdout).trim()),
                dependencies,
                libraries,
            }),
            _ => Err(Failure::Machine(
                "cargo built the workbook's library but did not report where its files are; try cargo clean"
                    .into(),
            )),
        }
    }
}

/// The folder of the sources in the sandbox.
const SUBMISSION: &str = "/submission";
/// The path of the program that the compiler writes.
const BUILT: &str = "/work/program";
/// The folder of the libraries in the sandbox.
const LIBS: &str = "/libraries";

/// Returns what to mount for building and running: each path of the machine, and its path in the sandbox.
pub(crate) fn mounts(source: &Source, tools: &Tools) -> Vec<(PathBuf, PathBuf)> {
    let mut mounts: Vec<(PathBuf, PathBuf)> =
        source.files().iter().map(|file| (file.clone(), inside(file))).collect();
    if let (Source::Rust(_), Some(rust)) = (source, &tools.rust) {
        mounts.push((rust.sysroot.clone(), rust.sysroot.clone()));
        mounts.push((rust.dependencies.clone(), LIBS.into()));
        for (name, file) in &rust.libraries {
            mounts.push((file.clone(), library(name)));
        }
    }
    mounts
}

/// Builds the source and makes the result the program under test. The inner error says why it does not build.
pub(crate) fn build(
    sandbox: &mut Sandbox,
    source: &Source,
    tools: &Tools,
) -> Result<Result<(), String>, Fault> {
    // Every file has a UTF-8 name in the sandbox.
    let files: Vec<OsString> =
        source.files().iter().map(|file| sandbox.named(&inside(file).to_string_lossy()).into()).collect();
    let program = OsString::from(sandbox.named(BUILT));
    let folder = sandbox.named(SUBMISSION);
    let mut built = match (source, &tools.rust) {
        (Source::Executable(_), _) => {
            return sandbox.take_program(&inside(&source.files()[0]).to_string_lossy()).map(Ok);
        }
        (Source::C(_), _) => {
            let args = c_args(&files, &program);
            let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
            sandbox.run(sandbox.tool("/usr/bin/cc", &args).limits(Limits::BUILD), BUILD_TIMEOUT)?
        }
        (Source::Rust(_), Some(rust)) => {
            let rustc = rust.sysroot.join("bin/rustc").to_string_lossy().into_owned();
            let libraries = rust
                .libraries
                .iter()
                .map(|(name, _)| (&**name, sandbox.named(&library(name).to_string_lossy()).into()));
            let args = rust_args(&files[0], sandbox.named(LIBS).as_ref(), libraries, &program);
            let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
            sandbox.run(sandbox.tool(&rustc, &args).limits(Limits::BUILD), BUILD_TIMEOUT)?
        }
        (Source::Rust(_), None) => {
            return Err(Fault::new("the Rust tools were not looked up before the build"));
        }
    };
    match built.end() {
        End::Exited(0) => sandbox.take_program(BUILT).map(Ok),
        End::Exited(_) => Ok(Err(format!("it does not build: {}", first_error(&built.stderr(), &folder)))),
        End::NotExecuted(errno) => Err(Fault(format!("cannot execute the compiler: {errno:?}"))),
        end => Ok(Err(format!("it does not build: the compiler ended with {end}"))),
    }
}

/// Returns the command that builds the same program outside the sandbox; `None` where no build is needed.
pub(crate) fn command(source: &Source, tools: &Tools, program: &Path) -> Option<Command> {
    let files: Vec<OsString> = source.files().iter().map(|file| file.clone().into_os_string()).collect();
    let program = program.as_os_str();
    let (compiler, args) = match (source, &tools.rust) {
        (Source::C(_), _) => (PathBuf::from("cc"), c_args(&files, program)),
        (Source::Rust(_), Some(rust)) => {
            let libraries =
                rust.libraries.iter().map(|(name, file)| (&**name, file.clone().into_os_string()));
            let args = rust_args(&files[0], rust.dependencies.as_os_str(), libraries, program);
            (rust.sysroot.join("bin/rustc"), args)
        }
        _ => return None,
    };
    let mut command = Command::new(compiler);
    command.args(args);
    Some(command)
}

fn c_args(files: &[OsString], program: &OsStr) -> Vec<OsString> {
    let before = ["-std=gnu11", "-O1", "-g", "-Wall", "-o"].map(OsString::from);
    let after = ["-pthread", "-lrt", "-lm"].map(OsString::from);
    // Headers are found beside the sources; they are not arguments.
    let sources = files.iter().filter(|file| Path::new(file).extension().is_some_and(|end| end == "c"));
    before.into_iter().chain([program.into()]).chain(sources.cloned()).chain(after).collect()
}

fn rust_args<'a>(
    file: &OsStr,
    dependencies: &OsStr,
    libraries: impl Iterator<Item = (&'a str, OsString)>,
    program: &OsStr,
) -> Vec<OsString> {
    let after = |before: &str, path: &OsStr| {
        let mut argument = OsString::from(before);
        argument.push(path);
        argument
    };
    let mut args = ["--edition", "2024", "--crate-name", "program", "-o"].map(OsString::from).to_vec();
    args.extend([program.into(), "-L".into(), after("dependency=", dependencies)]);
    for (name, library) in libraries {
        args.extend(["--extern".into(), after(&format!("{name}="), &library)]);
    }
    args.push(file.into());
    args
}

/// Returns the first error of a compiler as one line, without the name of the sandbox's folder.
fn first_error(text: &str, folder: &str) -> String {
    let error = text.lines().find(|line| line.contains("error")).or_else(|| text.lines().next());
    let place = text.lines().map(str::trim).find(|line| line.starts_with("--> "));
    let error = error.unwrap_or("the compiler printed no message").replace(folder, "");
    match place {
        Some(place) => format!("{error} ({})", place.trim_start_matches("--> ").replace(folder, "")),
        None => error,
    }
}

/// Returns the path of a submission's file in the sandbox. A name that cannot be printed is escaped.
fn inside(file: &Path) -> PathBuf {
    Path::new(SUBMISSION).join(escape::file_name(file.file_name().unwrap_or_default()))
}

fn library(name: &str) -> PathBuf {
    PathBuf::from(format!("/externs/lib{name}.rlib"))
}
