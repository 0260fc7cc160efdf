//! A sandbox like that of a container with Docker's defaults, made with system calls alone.
//!
//! The rules are those of Docker's default seccomp profile (seccomp/default.json of
//! moby/profiles, as of 2026) for a container without `CAP_SYS_ADMIN`, and of its default
//! capabilities. Two groups of calls are left out: calls that this architecture does not have, and
//! `personality`, for which the profile allows five values.
#![allow(unsafe_code)]

use ipc_workbook::capability::keep_only;
use ipc_workbook::seccomp::*;
use libc::c_long;
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use std::sync::OnceLock;

/// The capabilities of root in a container.
const CAPABILITIES: u32 = 1 << 0 // CAP_CHOWN
    | 1 << 1 // CAP_DAC_OVERRIDE
    | 1 << 3 // CAP_FOWNER
    | 1 << 4 // CAP_FSETID
    | 1 << 5 // CAP_KILL
    | 1 << 6 // CAP_SETGID
    | 1 << 7 // CAP_SETUID
    | 1 << 8 // CAP_SETPCAP
    | 1 << 10 // CAP_NET_BIND_SERVICE
    | 1 << 13 // CAP_NET_RAW
    | 1 << 18 // CAP_SYS_CHROOT
    | 1 << 27 // CAP_MKNOD
    | 1 << 29 // CAP_AUDIT_WRITE
    | 1 << 31; // CAP_SETFCAP

/// The calls that fail with EPERM, whatever their arguments.
const REFUSED: &[c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_get_mempolicy,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mbind,
    libc::SYS_migrate_pages,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_move_pages,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_set_mempolicy,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
];

/// The flags of `clone` that create a namespace.
const NAMESPACES: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET)
    .cast_unsigned();

/// The socket families that are refused: AF_ALG and AF_VSOCK.
const FAMILIES: [u32; 2] = [libc::AF_ALG.cast_unsigned(), libc::AF_VSOCK.cast_unsigned()];

fn filter() -> Vec<sock_filter> {
    let refused = refuse(Errno::EPERM);
    let mut code =
        vec![load(ARCHITECTURE), skip_unless(BPF_JEQ, THIS_ARCHITECTURE, 1, 0), refused, load(NUMBER)];
    for call in REFUSED {
        code.extend([skip_unless(BPF_JEQ, number(*call), 0, 1), refused]);
    }
    // The flags of `clone3` are in memory, which a filter cannot read. After ENOSYS, glibc uses `clone`.
    code.extend([skip_unless(BPF_JEQ, number(libc::SYS_clone3), 0, 1), refuse(Errno::ENOSYS)]);
    code.extend([
        skip_unless(BPF_JEQ, number(libc::SYS_clone), 0, 3),
        load(argument(0)),
        skip_unless(BPF_JSET, NAMESPACES, 0, 1),
        refused,
        load(NUMBER),
    ]);
    code.extend([skip_unless(BPF_JEQ, number(libc::SYS_socket), 0, 5), load(argument(0))]);
    for family in FAMILIES {
        code.extend([skip_unless(BPF_JEQ, family, 0, 1), refused]);
    }
    code.push(answer(libc::SECCOMP_RET_ALLOW));
    code
}

/// The filter. It is made before the child exists, because [`confine`] must not allocate.
static FILTER: OnceLock<Vec<sock_filter>> = OnceLock::new();

/// Prepares the filter, and returns a function that confines a process. The process must have every
/// capability over its namespace. The function is made for `Namespace::confined_by`.
#[must_use]
pub fn confinement() -> fn() -> nix::Result<()> {
    FILTER.get_or_init(filter);
    confine
}

fn confine() -> nix::Result<()> {
    let none: Option<&str> = None;
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let again = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | safe;
    mount(Some(c"/proc/sys"), c"/proc/sys", none, MsFlags::MS_BIND, none)?;
    mount(none, c"/proc/sys", none, again | MsFlags::MS_RDONLY, none)?;
    mount(none, c"/dev/shm", none, again, none)?;
    for capability in 0_u32..64 {
        if CAPABILITIES.checked_shr(capability).unwrap_or(0) & 1 == 0 {
            // A program executed later cannot gain a capability outside this set. Linux has fewer than 64.
            // SAFETY: the call changes only this process.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) };
        }
    }
    install(FILTER.get().ok_or(Errno::EINVAL)?, 0)?;
    keep_only(if nix::unistd::geteuid().is_root() { CAPABILITIES } else { 0 })
}
