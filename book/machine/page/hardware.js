// The hardware of the machine. A saved state fits only the hardware on which it was saved, so the build and the page share it.

export const hardware = {
	memory_size: 128 << 20, // with 64 MiB, Debian's kernel does not start
	vga_memory_size: 2 << 20,
	acpi: false,
	uart1: true, // the second terminal
	uart2: true, // the page's own line: see guest/init
	disable_keyboard: true,
	disable_mouse: true,
	disable_speaker: true,
};

// The command line of the kernel. With init_on_free, freed pages are zero, and the state shrinks by a third.
export const START = "console=ttyS0 quiet loglevel=3 tsc=reliable mitigations=off random.trust_cpu=on nokaslr " +
	"apparmor=0 lsm= nosmp noapic nolapic init_on_free=1";
