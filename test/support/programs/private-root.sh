#!/bin/sh
# private-root.sh ROOT DIST FILES DISK WRITABLE COMMAND...: runs a command in a file system of its own: /usr and the built program (as /rind) of this
# machine, FILES, and as /disk the folder DISK, if any. To be called in a mount namespace. WRITABLE: a folder in it that is a tmpfs, the rest can only be read; empty: only be read;
# "/": all of it can be written to.
set -e
root=$1 dist=$2 files=$3 disk=$4 writable=$5
shift 5
mount --make-rprivate /
mount -t tmpfs tmpfs "$root"
cd "$root"
mkdir -p usr rind disk etc proc sys dev run var tmp mnt old
for link in bin sbin lib lib64; do ln -s "usr/$link" "$link"; done
mount --bind /usr usr
mount --bind "$dist" rind
[ -z "$disk" ] || mount --bind "$disk" disk
mount -t tmpfs tmpfs dev
for device in null zero random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
cp -r "$files/." .
[ "$writable" = / ] || mount -t proc proc proc
[ "$writable" = / ] || [ -z "$writable" ] || mount -t tmpfs tmpfs "$root$writable"
pivot_root . old
# umount looks things up there
[ "$writable" != / ] || mount -t proc proc /proc
umount -l /old
if [ "$writable" = / ]; then umount /proc; else mount -o remount,bind,ro /; fi
exec env -i NO_COLOR=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
