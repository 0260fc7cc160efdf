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
    /// Which of the command's processes makes it, in the order in which they came.
    pub process: usize,
    pub number: c_long,
    pub args: [u64; 6],
}

impl SystemCall {
    /// An argument that the kernel takes for an int.
    pub fn int(&self, arg: usize) -> i32 {
        let low = u32::try_from(self.args[arg] & u64::from(u32::MAX)).unwrap_or(0);
        low.cast_signed()
    }

    /// So many bytes of what an argument points to, or what there is of them.
    pub fn bytes(&self, arg: usize, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let n = memory_of(self.pid, self.args[arg], &mut bytes);
        bytes.truncate(n);
        bytes
    }

    /// Puts bytes where an argument points to, as the kernel does with what it gives.
    pub fn put(&self, arg: usize, bytes: &[u8]) -> std::io::Result<()> {
        self.put_at(self.args[arg], bytes)
    }

    /// Puts bytes at an address of the process.
    pub fn put_at(&self, address: u64, bytes: &[u8]) -> std::io::Result<()> {
        let memory = OpenOptions::new().write(true).open(format!("/proc/{}/mem", self.pid))?;
        memory.write_all_at(bytes, address)
    }

    /// The string that an argument points to.
    pub fn string(&self, arg: usize) -> String {
        let bytes = self.bytes(arg, libc::PATH_MAX.cast_unsigned() as usize);
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    /// What the descriptor in an argument leads to, as /proc has it.
    pub fn descriptor(&self, arg: usize) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{}/fd/{}", self.pid, self.int(arg))).ok()
    }

    /// The file whose mapping begins at the address in an argument, or lies around it.
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

    /// The number that the next new descriptor of the process will have.
    pub fn next_descriptor(&self) -> i64 {
        let is_open = |fd: &i64| std::fs::symlink_metadata(format!("/proc/{}/fd/{fd}", self.pid)).is_ok();
        (0..1024).find(|fd| !is_open(fd)).unwrap_or(1024)
    }
}
