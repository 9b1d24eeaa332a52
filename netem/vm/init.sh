#!/bin/busybox sh
# The first process of the emulated machine: loads the modules, makes the host's root, read-only, its own, and runs
# the command there. It switches to that root and does not chroot to it: in a chroot nobody may make user namespaces.
/bin/busybox mkdir -p /proc /sys /dev /host
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
while read -r module; do
  /bin/busybox insmod "/modules/$module" || echo "cannot load $module"
done </modules/order
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host ||
  echo "cannot mount the host's root"
for folder in proc sys dev; do /bin/busybox mount -o move "/$folder" "/host/$folder"; done
/bin/busybox mount -t tmpfs tmpfs /host/run
/bin/busybox mkdir -m 1777 /host/run/tmp
/bin/busybox cp /bin/busybox /command /host/run/
/bin/busybox ip link set lo up
exec /bin/busybox switch_root /host /run/busybox sh /run/command
