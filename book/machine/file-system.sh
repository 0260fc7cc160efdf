#!/bin/sh
# file-system.sh PACKAGES LESSONS LABS OUT [RUST]
#
# Makes the file system of the machine in the page, as an archive that the kernel unpacks: busybox, the compiler tcc, the
# C programs of the lessons with their sources, and the labs with the command check.
#
#   PACKAGES   Debian's i386 packages, unpacked
#   LESSONS    the folder lessons/ of the workbook
#   LABS       for each lab, a folder with what the machine needs of it
#   OUT        the archive; a folder of the same name without its ending is made again
#   RUST       the program that contains all Rust lessons, if there is one

set -eu
packages=$(cd "$1" && pwd)
lessons=$(cd "$2" && pwd)
labs=$(cd "$3" && pwd)
out=$4
rust=${5:-}
root=${out%.*}
here=$(cd "$(dirname "$0")" && pwd)
triplet=i386-linux-gnu
gcc_files=$(echo "$packages"/usr/lib/gcc/i686-linux-gnu/*)

rm -rf "$root"
umask 022 # the folder becomes /, and every user must be able to search it
for folder in bin etc proc sys dev tmp root lessons src labs check lib "lib/$triplet" usr/bin "usr/lib/$triplet/tcc" usr/include; do
	mkdir -p "$root/$folder"
done

cp "$packages/bin/busybox" "$root/bin/"
install -m 755 "$here/guest/init" "$root/init"
cp "$here/guest/shell.rc" "$here/guest/obey" "$here/guest/clean-up" "$root/etc/"
printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"

# All programs share one libc.
for library in ld-linux.so.2 libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0; do
	cp -L "$packages/lib/$triplet/$library" "$root/lib/"
done
ln -s /lib/libc.so.6 "$root/lib/$triplet/libc.so.6"

compile() {
	PACKAGES=$packages "$here/gcc-i386" -static-libgcc -std=gnu11 -Os -s -w -pthread "$@"
}
for source in "$lessons"/*/c/*.c; do
	compile "$source" -o "$root/lessons/$(basename "$source" .c)" -lrt
done

# The Rust lessons are one program, with a link for each lesson.
if [ -n "$rust" ]; then
	mkdir "$root/rust"
	cp "$rust" "$root/rust/lessons"
	cp -L "$packages/lib/$triplet/libgcc_s.so.1" "$root/lib/"
	for source in "$lessons"/../src/bin/*.rs; do
		ln -s lessons "$root/rust/$(basename "$source" .rs)"
	done
fi

# The labs, and the command that judges a program without a grader.
cp -r "$labs/." "$root/labs/"
for script in check process-1 words.sh ipcrm; do
	install -m 755 "$here/guest/check/$script" "$root/check/"
done
compile "$here"/guest/check/*.c -o "$root/check/peer" -lrt

# The compiler in the page, with the headers that the programs read and no others. A program of a lab may need more headers
# than its starter: those that the C library and Linux have for IPC.
cp "$packages/usr/bin/tcc" "$root/usr/bin/"
cp -r "$packages/usr/lib/$triplet/tcc/libtcc1.a" "$packages/usr/lib/$triplet/tcc/include" "$root/usr/lib/$triplet/tcc/"
for object in crt1.o crti.o crtn.o libc.so libc_nonshared.a libpthread.a librt.a; do
	cp "$packages/usr/lib/$triplet/$object" "$root/usr/lib/$triplet/"
done
for source in "$lessons"/*/c/*.c "$lessons"/*/labs/*/*.c "$lessons"/*/labs/*/good/*.c; do
	gcc -m32 -std=gnu11 -w -nostdinc -isystem "$packages/usr/lib/$triplet/tcc/include" \
		-isystem "$packages/usr/include/$triplet" -isystem "$packages/usr/include" -isystem "$gcc_files/include" -M "$source"
done | tr -s ' \134' '\n' | grep "^$packages/usr/include" | sort -u | while read -r header; do
	to=$root${header#"$packages"}
	mkdir -p "$(dirname "$to")"
	cp "$header" "$to"
done

cp -r "$lessons/c" "$root/src/c"
for folder in "$lessons"/*/c; do
	to=$root/src/$(basename "$(dirname "$folder")")
	mkdir -p "$to"
	cp -r "$folder" "$to/c"
done

find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$out"
