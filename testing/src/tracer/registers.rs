//! The registers in which a stopped process keeps a system call: its number, arguments and result. They
//! differ between architectures.

use super::ptrace::{Registers, get_registers, set_registers};
use nix::Result;
use std::ffi::c_long;

/// Replaces the call that is about to be made.
#[cfg(target_arch = "x86_64")]
pub(super) fn set_call(pid: i32, number: c_long, args: [u64; 6]) -> Result<()> {
    let mut registers = get_registers(pid)?;
    registers.orig_rax = number.cast_unsigned();
    set_args(&mut registers, args);
    set_registers(pid, &registers)
}

/// Replaces the call that is about to be made. Its number is in a register set of its own.
#[cfg(target_arch = "aarch64")]
pub(super) fn set_call(pid: i32, number: c_long, args: [u64; 6]) -> Result<()> {
    let mut registers = get_registers(pid)?;
    set_args(&mut registers, args);
    set_registers(pid, &registers)?;
    super::ptrace::set_call_number(pid, i32::try_from(number).unwrap_or(-1))
}

/// Changes the result of the call that has just returned, and restores its arguments: the program
/// expects to find them in their registers.
#[cfg(target_arch = "x86_64")]
pub(super) fn set_result(pid: i32, args: [u64; 6], result: i64) -> Result<()> {
    let mut registers = get_registers(pid)?;
    set_args(&mut registers, args);
    registers.rax = result.cast_unsigned();
    set_registers(pid, &registers)
}

/// Changes the result of the call that has just returned. It shares a register with the first argument.
#[cfg(target_arch = "aarch64")]
pub(super) fn set_result(pid: i32, args: [u64; 6], result: i64) -> Result<()> {
    let mut registers = get_registers(pid)?;
    set_args(&mut registers, args);
    registers.regs[0] = result.cast_unsigned();
    set_registers(pid, &registers)
}

/// Moves the process back to the instruction of the call that has just returned.
#[cfg(target_arch = "x86_64")]
pub(super) fn go_back(pid: i32, number: c_long, args: [u64; 6]) -> Result<()> {
    const SYSCALL_INSTRUCTION: u64 = 2; // its length in bytes
    let mut registers = get_registers(pid)?;
    set_args(&mut registers, args);
    registers.rax = number.cast_unsigned();
    registers.rip -= SYSCALL_INSTRUCTION;
    set_registers(pid, &registers)
}

/// Moves the process back to the instruction of the call that has just returned.
#[cfg(target_arch = "aarch64")]
pub(super) fn go_back(pid: i32, number: c_long, args: [u64; 6]) -> Result<()> {
    const SVC_INSTRUCTION: u64 = 4; // its length in bytes
    let mut registers = get_registers(pid)?;
    set_args(&mut registers, args);
    registers.regs[8] = number.cast_unsigned();
    registers.pc -= SVC_INSTRUCTION;
    set_registers(pid, &registers)
}

#[cfg(target_arch = "x86_64")]
fn set_args(registers: &mut Registers, args: [u64; 6]) {
    [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9] = args;
}

#[cfg(target_arch = "aarch64")]
fn set_args(registers: &mut Registers, args: [u64; 6]) {
    registers.regs[..6].copy_from_slice(&args);
}
