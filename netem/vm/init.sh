#!/bin/busybox sh
# The first process of the emulated machine: loads the modules, mounts the host's root read-only, runs the checks in it.
/bin/busybox mkdir -p /proc /sys /dev /host
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
while read -r module; do /bin/busybox insmod "/modules/$module" || echo "cannot load $module"; done </modules/order
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host || echo "cannot mount the host's root"
for folder in proc sys dev; do /bin/busybox mount -o bind "/$folder" "/host/$folder"; done
/bin/busybox mount -t tmpfs tmpfs /host/run
/bin/busybox mkdir -m 1777 /host/run/tmp
/bin/busybox ip link set lo up
/bin/busybox hostname netem-vm
. /command
echo "vm-exit $?"
/bin/busybox poweroff -f
