#!/bin/sh
# Runs the local engine in a Debian kernel that has nothing but cgroup v2, under qemu without hardware support, so that
# any Debian can do it: tests/vm/run-v2.sh. It installs nothing, and writes nothing outside of dist/vm.
#   run-v2.sh          the checks of tests/vm/v2-checks.ts, and the system tests of the local engine
#   run-v2.sh checks   the checks alone
# MINUTES bounds the virtual machine (default 25), KERNEL names another package with a kernel.
set -eu

root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
work=$root/dist/vm
what=${1:-all}
kernel=${KERNEL:-linux-image-amd64}

missing=
for package in qemu-system-x86:qemu-system-x86_64 busybox-static:busybox cpio:cpio; do
  command -v "${package#*:}" >/dev/null || missing="$missing ${package%:*}"
done
if [ "$missing" ]; then
  echo "run-v2.sh: missing programs; as root: apt-get install --no-install-recommends$missing" >&2
  exit 2
fi

# The kernel, as its package has it; it is unpacked, not installed.
mkdir -p "$work"
cd "$work"
if [ ! -e unpacked/complete ]; then
  rm -rf unpacked
  mkdir unpacked
  case $kernel in
  # The package of this name is empty and depends on the newest kernel.
  linux-image-amd64 | linux-image-cloud-amd64)
    kernel=$(apt-cache depends "$kernel" | sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)/\1/p' | head -n 1)
    ;;
  esac
  (cd unpacked && apt-get download "$kernel" && dpkg -x ./*.deb . && rm ./*.deb)
  touch unpacked/complete
fi
version=$(ls unpacked/lib/modules 2>/dev/null || ls unpacked/usr/lib/modules)
modules=$(find unpacked -type d -path "*/lib/modules/$version")

# The first file system: busybox, and the modules that reach the files of this machine.
rm -rf first
mkdir -p first/bin first/machine first/lower first/layer first/proc first/dev "first/lib/modules/$version"
cp "$(command -v busybox)" first/bin/busybox
cp "$root/tests/vm/guest.sh" first/init
chmod 755 first/init
for folder in drivers/virtio net/9p fs/9p fs/fscache fs/netfs fs/overlayfs; do
  [ -d "$modules/kernel/$folder" ] || continue
  mkdir -p "first/lib/modules/$version/kernel/$folder"
  cp "$modules/kernel/$folder"/*.ko* "first/lib/modules/$version/kernel/$folder"
done
cp "$modules"/modules.* "first/lib/modules/$version"
find first -name '*.ko.xz' -exec xz -d {} +
busybox depmod -b first "$version"
(cd first && find . | cpio -o -H newc --quiet | gzip -1) >first.img

# Server and checks, bundled here: that is slow in there.
cd "$root"
mkdir -p "$work/app/bin"
cp bin/marathon "$work/app/bin/marathon"
node --input-type=module -e "
  import { bundle } from '$root/tools/build.mjs'
  await bundle({ marathon: 'src/main.ts', 'v2-checks': 'tests/vm/v2-checks.ts' }, '$work/app/dist')"

echo "run-v2.sh: booting Linux $version; what it says is also in dist/vm/console.log"
timeout "$((${MINUTES:-25} * 60))" nice -n 10 qemu-system-x86_64 \
  -accel tcg -cpu max -smp 1 -m 2560 -nic none -display none -no-reboot -monitor none \
  -kernel "$work/unpacked/boot/vmlinuz-$version" -initrd "$work/first.img" \
  -append "console=ttyS0 quiet panic=-1 marathon.root=$root marathon.what=$what" \
  -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
  -device virtio-9p-pci,fsdev=host,mount_tag=host \
  -device virtio-rng-pci \
  -serial stdio </dev/null 2>&1 | tee "$work/console.log" || true
if grep -q 'guest: all passed' "$work/console.log"; then exit 0; fi
echo "run-v2.sh: something failed, or the machine did not end in time" >&2
exit 1
