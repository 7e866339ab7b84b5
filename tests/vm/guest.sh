#!/bin/busybox sh
# The first process of the virtual machine: makes the host's files, read-only below a layer in memory, its root, with
# cgroup v2 alone, runs what it was asked to, and switches the machine off. It reaps orphans as an init does.
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t devtmpfs dev /dev
for word in $($bb cat /proc/cmdline); do
  case $word in
  marathon.root=*) root=${word#*=} ;;
  marathon.what=*) what=${word#*=} ;;
  esac
done

end() {
  echo "guest: $1"
  $bb sync
  $bb poweroff -f
}

for module in virtio_pci 9pnet_virtio 9p overlay; do
  $bb modprobe "$module" || end "module $module could not be loaded"
done
$bb mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /lower || end 'no files of the host'
$bb mount -t tmpfs -o size=1g layer /layer
$bb mkdir /layer/upper /layer/work
$bb mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work overlay /machine || end 'no root'
cd /machine || end 'no root'
$bb mount -t proc proc proc
$bb mount -t sysfs sysfs sys
$bb mount -t devtmpfs dev dev
$bb mkdir -p dev/pts dev/shm
$bb ln -s /proc/self/fd dev/fd
for stream in 0:stdin 1:stdout 2:stderr; do $bb ln -s "/proc/self/fd/${stream%:*}" "dev/${stream#*:}"; done
$bb mount -t devpts devpts dev/pts
for folder in dev/shm run tmp; do $bb mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
$bb mount -t cgroup2 cgroup2 sys/fs/cgroup || end 'no cgroup v2'
$bb ip link set lo up

# As a service manager does it: controllers on, and what runs in a leaf of its own.
leaf=sys/fs/cgroup/system.slice/checks.service
$bb mkdir -p "$leaf"
echo '+cpu +memory +pids' >sys/fs/cgroup/cgroup.subtree_control

inside() {
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp NO_COLOR=1 $bb chroot /machine \
    /bin/sh -c "echo 0 >/$leaf/cgroup.procs && cd '$root' && $1"
}

echo "guest: Linux $($bb uname -r), booted in $($bb cut -d ' ' -f 1 /proc/uptime) s"
verdict='all passed'
inside 'exec node --enable-source-maps dist/vm/app/dist/v2-checks.mjs' || verdict='checks failed'
if [ "$what" = all ]; then
  inside 'CI=true KILLS=150 exec node node_modules/vitest/vitest.mjs run --project system --reporter verbose \
    tests/system/local-engine.test.ts tests/system/local-engine-restart.test.ts tests/system/local-engine-kills.test.ts' ||
    verdict='system tests failed'
fi
end "$verdict"
