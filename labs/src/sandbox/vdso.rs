//! What a program reads as the time.
//!
//! A program reads its clocks without a system call: the kernel maps the functions for that, the vDSO, into
//! each process, and no filter sees them. So that no program finds a contradiction when the sandbox's clock
//! jumps, these functions are replaced in its memory by others, which add how far it has jumped. Its own
//! copy of the page is written, as a debugger writes a breakpoint.
//!
//! A program that makes the system calls itself, times of files and of objects, and `rdtsc` show the
//! machine's time. So do all clocks on architectures other than x86-64.

use std::fs;
use std::os::unix::fs::FileExt;
use std::time::Duration;

/// Writes to the memory of a process, also where the process itself may not write.
pub(super) fn write_memory(pid: i32, address: u64, bytes: &[u8]) -> bool {
    let memory = fs::OpenOptions::new().write(true).open(format!("/proc/{pid}/mem"));
    memory.and_then(|memory| memory.write_all_at(bytes, address)).is_ok()
}

/// Has the clocks of a process show a time so far ahead of the machine's.
#[cfg(target_arch = "x86_64")]
pub(super) fn set_ahead(pid: i32, ahead: Duration) {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
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

    // The three functions, and behind them how far the clock is ahead: seconds, nanoseconds, microseconds.
    // Clocks 2, 3 and those below 0 count a processor's time, which does not jump.
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

    /// Where the functions stand in the vDSO, from its start on.
    #[derive(Clone, Copy)]
    pub(super) struct Places {
        clock_gettime: u64,
        gettimeofday: u64,
        time: u64,
    }

    impl Places {
        /// In that of this process: it is the same in all.
        pub(super) fn here() -> Option<Self> {
            let [clock_gettime, gettimeofday, time] =
                ["__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time"].map(symbol);
            let (clock_gettime, room) = clock_gettime?;
            let fits = offset_of(&raw const lab_clock_end) <= room;
            fits.then_some(Places { clock_gettime, gettimeofday: gettimeofday?.0, time: time?.0 })
        }

        /// What is to be written, and where. All three functions lie where the largest was; at the places
        /// of the others is a jump.
        pub(super) fn patches(self, ahead: Duration) -> [(u64, Vec<u8>); 3] {
            let mut code = code().to_vec();
            let numbers = [ahead.as_secs(), ahead.subsec_nanos().into(), ahead.subsec_micros().into()];
            let at = usize::try_from(offset_of(&raw const lab_ahead)).unwrap_or(0);
            code[at..].copy_from_slice(&numbers.map(u64::to_ne_bytes).concat());
            let jump = |from: u64, to: *const u8| {
                let distance = (self.clock_gettime + offset_of(to)).wrapping_sub(from + 5);
                // The lower half of the distance, as the instruction has it.
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

    /// The functions as they lie in this program.
    fn code() -> &'static [u8] {
        let length = usize::try_from(offset_of(&raw const lab_clock_end)).unwrap_or(0);
        // SAFETY: the code lies between the two labels, and nothing writes there.
        unsafe { std::slice::from_raw_parts(&raw const lab_clock_gettime, length) }
    }

    /// A symbol of the vDSO: where it stands, and how long it is.
    fn symbol(wanted: &str) -> Option<(u64, u64)> {
        const DT_STRTAB: u64 = 5;
        const DT_SYMTAB: u64 = 6;
        // SAFETY: the kernel has mapped an ELF image there, or returns 0.
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
            // The names follow the symbols.
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
