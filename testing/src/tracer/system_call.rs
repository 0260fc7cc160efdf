//! A system call of a traced process, and what its arguments point to.

use ipc_workbook::observe::memory_of;
use std::ffi::c_long;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// A system call that is about to be made, or has just returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemCall {
    pub pid: i32,
    /// The number of the process that makes it, in the order in which the processes appeared.
    pub process: usize,
    pub number: c_long,
    pub args: [u64; 6],
}

impl SystemCall {
    /// Returns an argument that the kernel takes as an int.
    pub fn int(&self, arg: usize) -> i32 {
        let low = u32::try_from(self.args[arg] & u64::from(u32::MAX)).unwrap_or(0);
        low.cast_signed()
    }

    /// Reads up to `length` bytes from the address in an argument.
    pub fn bytes(&self, arg: usize, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let n = memory_of(self.pid, self.args[arg], &mut bytes);
        bytes.truncate(n);
        bytes
    }

    /// Writes bytes to the address in an argument, as the kernel does with its results.
    pub fn put(&self, arg: usize, bytes: &[u8]) -> std::io::Result<()> {
        self.put_at(self.args[arg], bytes)
    }

    /// Writes bytes to an address of the process.
    pub fn put_at(&self, address: u64, bytes: &[u8]) -> std::io::Result<()> {
        let memory = OpenOptions::new().write(true).open(format!("/proc/{}/mem", self.pid))?;
        memory.write_all_at(bytes, address)
    }

    /// Reads the string to which an argument points.
    pub fn string(&self, arg: usize) -> String {
        let bytes = self.bytes(arg, libc::PATH_MAX.cast_unsigned() as usize);
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    /// Returns the file of the descriptor in an argument, as /proc shows it.
    pub fn descriptor(&self, arg: usize) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{}/fd/{}", self.pid, self.int(arg))).ok()
    }

    /// Returns the file whose mapping contains the address in an argument.
    pub fn mapped_file(&self, arg: usize) -> Option<String> {
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", self.pid)).ok()?;
        let lies_around = |line: &&str| {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let number = |text| u64::from_str_radix(text, 16).unwrap_or(0);
            range.is_some_and(|(from, to)| (number(from)..number(to)).contains(&self.args[arg]))
        };
        let line = maps.lines().find(lies_around)?;
        line.find('/').map(|path| line[path..].to_string())
    }

    /// Returns the number that the next new descriptor of the process will get.
    pub fn next_descriptor(&self) -> i64 {
        let is_open = |fd: &i64| std::fs::symlink_metadata(format!("/proc/{}/fd/{fd}", self.pid)).is_ok();
        (0..1024).find(|fd| !is_open(fd)).unwrap_or(1024)
    }
}
