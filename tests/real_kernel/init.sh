#!/bin/busybox sh
# First process of the computer: this system's files below, what is written above them in memory, and systemd on top.
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /system /written /new
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/names); do
    insmod "/modules/$module.ko" || echo "no module $module"
done
mount -t virtiofs -o ro system /system
mount -t tmpfs -o size=50% tmpfs /written
mkdir /written/upper /written/work
mount -t overlay -o lowerdir=/system,upperdir=/written/upper,workdir=/written/work overlay /new
mount -t ext4 /dev/vda /new/mnt
mkdir -p /new/lib/modules /new/mnt/state /new/mnt/tmp
for folder in tmp var/tmp run; do # systemd would go through all that is there.
    mount -t tmpfs tmpfs "/new/$folder"
done
mount --bind "/system$(cat /modules/folder)" /new/lib/modules
rm -f /new/.dockerenv /new/run/.containerenv
touch /new/etc/.updated /new/var/.updated # Nothing is made anew for a system that another one's first boot would be.
cp /real-kernel.service /new/etc/systemd/system/
exec switch_root /new /lib/systemd/systemd --unit=real-kernel.service --show-status=0
