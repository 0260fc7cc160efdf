//! Changes the time that a program reads.
//!
//! A program reads its clocks without a system call: the kernel maps the vDSO, which has functions for that,
//! into each process, and no seccomp filter sees them. These functions are replaced in the program's memory
//! by others, which add how far the sandbox's clock has jumped. Otherwise, the program would see a
//! contradiction when the clock jumps. Only the program's own copy of the page is written, as a debugger
//! writes a breakpoint.
//!
//! The machine's time still shows in system calls that a program makes without the vDSO, in the times of
//! files and objects, and in `rdtsc`. On architectures other than x86-64 it shows in all clocks.

use ipc_workbook::observe::text_of;
use std::fs;
use std::os::unix::fs::FileExt;
use std::time::Duration;

/// Writes to the memory of a process, even where the process itself may not write.
pub(super) fn write_memory(pid: i32, address: u64, bytes: &[u8]) -> bool {
    let memory = fs::OpenOptions::new().write(true).open(format!("/proc/{pid}/mem"));
    memory.and_then(|memory| memory.write_all_at(bytes, address)).is_ok()
}

/// Makes the clocks of a process run `ahead` of the machine's clocks.
#[cfg(target_arch = "x86_64")]
pub(super) fn set_ahead(pid: i32, ahead: Duration) {
    let maps = text_of(format!("/proc/{pid}/maps")).unwrap_or_default();
    let vdso = maps.lines().find(|line| line.ends_with("[vdso]"));
    let Some(start) = vdso.and_then(|line| u64::from_str_radix(line.split('-').next()?, 16).ok()) else {
        return;
    };
    let Some(places) = x86_64::Places::here() else { return };
    for (at, bytes) in places.patches(ahead) {
        write_memory(pid, start + at, &bytes);
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn set_ahead(_pid: i32, _ahead: Duration) {}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86_64 {
    use std::time::Duration;

    // The three functions, followed by how far the clock is ahead: seconds, nanoseconds, microseconds.
    // Clocks 2 and 3 and negative numbers measure processor time, which does not jump.
    core::arch::global_asm!(
        "lab_clock_gettime:
            mov eax, 228
            syscall
            test eax, eax
            jnz 2f
            test edi, edi
            js 2f
            cmp edi, 2
            je 2f
            cmp edi, 3
            je 2f
            mov rdx, [rip + lab_ahead]
            add [rsi], rdx
            mov rdx, [rip + lab_ahead + 8]
            add rdx, [rsi + 8]
            cmp rdx, 1000000000
            jl 1f
            sub rdx, 1000000000
            inc qword ptr [rsi]
        1:  mov [rsi + 8], rdx
        2:  ret
        lab_gettimeofday:
            mov eax, 96
            syscall
            test eax, eax
            jnz 2f
            test rdi, rdi
            jz 2f
            mov rdx, [rip + lab_ahead]
            add [rdi], rdx
            mov rdx, [rip + lab_ahead + 16]
            add rdx, [rdi + 8]
            cmp rdx, 1000000
            jl 1f
            sub rdx, 1000000
            inc qword ptr [rdi]
        1:  mov [rdi + 8], rdx
        2:  ret
        lab_time:
            mov eax, 201
            syscall
            add rax, [rip + lab_ahead]
            test rdi, rdi
            jz 2f
            mov [rdi], rax
        2:  ret
        lab_ahead:
            .quad 0, 0, 0
        lab_clock_end:"
    );

    unsafe extern "C" {
        static lab_clock_gettime: u8;
        static lab_gettimeofday: u8;
        static lab_time: u8;
        static lab_ahead: u8;
        static lab_clock_end: u8;
    }

    /// The offsets of the functions in the vDSO.
    #[derive(Clone, Copy)]
    pub(super) struct Places {
        clock_gettime: u64,
        gettimeofday: u64,
        time: u64,
    }

    impl Places {
        /// Finds them in the vDSO of this process, which is the same in all processes.
        pub(super) fn here() -> Option<Self> {
            let [clock_gettime, gettimeofday, time] =
                ["__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time"].map(symbol);
            let (clock_gettime, room) = clock_gettime?;
            let fits = offset_of(&raw const lab_clock_end) <= room;
            fits.then_some(Places { clock_gettime, gettimeofday: gettimeofday?.0, time: time?.0 })
        }

        /// Returns the bytes to write, and their offsets. All three functions are written over the largest
        /// one; the other two get a jump to them.
        pub(super) fn patches(self, ahead: Duration) -> [(u64, Vec<u8>); 3] {
            let mut code = code().to_vec();
            let numbers = [ahead.as_secs(), ahead.subsec_nanos().into(), ahead.subsec_micros().into()];
            let at = usize::try_from(offset_of(&raw const lab_ahead)).unwrap_or(0);
            code[at..].copy_from_slice(&numbers.map(u64::to_ne_bytes).concat());
            let jump = |from: u64, to: *const u8| {
                let distance = (self.clock_gettime + offset_of(to)).wrapping_sub(from + 5);
                // The instruction takes the lower half of the distance.
                [&[0xe9], &distance.to_le_bytes()[..4]].concat()
            };
            [
                (self.clock_gettime, code),
                (self.gettimeofday, jump(self.gettimeofday, &raw const lab_gettimeofday)),
                (self.time, jump(self.time, &raw const lab_time)),
            ]
        }
    }

    fn offset_of(label: *const u8) -> u64 {
        (label.addr() - (&raw const lab_clock_gettime).addr()) as u64
    }

    /// Returns the machine code of the functions.
    fn code() -> &'static [u8] {
        let length = usize::try_from(offset_of(&raw const lab_clock_end)).unwrap_or(0);
        // SAFETY: the code is between the two labels, and nothing writes there.
        unsafe { std::slice::from_raw_parts(&raw const lab_clock_gettime, length) }
    }

    /// Returns the offset and the length of a symbol of the vDSO.
    fn symbol(wanted: &str) -> Option<(u64, u64)> {
        const DT_STRTAB: u64 = 5;
        const DT_SYMTAB: u64 = 6;
        // SAFETY: the kernel maps an ELF image at this address, or getauxval returns 0.
        unsafe {
            let base = libc::getauxval(libc::AT_SYSINFO_EHDR);
            let header = (base as *const libc::Elf64_Ehdr).as_ref()?;
            let segments = (base + header.e_phoff) as *const libc::Elf64_Phdr;
            let segments = std::slice::from_raw_parts(segments, header.e_phnum.into());
            let dynamic = segments.iter().find(|segment| segment.p_type == libc::PT_DYNAMIC)?;
            let entries = (base + dynamic.p_offset) as *const [u64; 2];
            let entries = std::slice::from_raw_parts(entries, usize::try_from(dynamic.p_filesz).ok()? / 16);
            let table = |tag| entries.iter().find(|entry| entry[0] == tag).map(|entry| base + entry[1]);
            let (names, symbols) = (table(DT_STRTAB)?, table(DT_SYMTAB)?);
            // The table of names follows the table of symbols.
            let count = usize::try_from(names.checked_sub(symbols)?).ok()? / size_of::<libc::Elf64_Sym>();
            let symbols = std::slice::from_raw_parts(symbols as *const libc::Elf64_Sym, count);
            let name = |symbol: &libc::Elf64_Sym| {
                std::ffi::CStr::from_ptr((names + u64::from(symbol.st_name)) as *const libc::c_char)
            };
            let found = symbols.iter().find(|symbol| name(symbol).to_bytes() == wanted.as_bytes())?;
            Some((found.st_value, found.st_size))
        }
    }
}
