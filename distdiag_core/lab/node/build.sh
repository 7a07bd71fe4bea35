#!/bin/sh
# Builds a node's own view of the machine, then becomes its init.
#
# Runs as the first process of the node's PID, mount, UTS, IPC, network and cgroup namespaces, already inside its cgroups.
# From the environment: NODE, DEVICE, STAGE, LXCFS, FILES, SECRETS, LAB, OBSERVER_ID, CGROUP_V1, CGROUP_V2, HOSTS, ENGINE, BOOTSTRAP,
# and what the engine's own file takes.
set -eu
umask 022
root=$STAGE/root
disk=$STAGE/disk
. "$FILES/$ENGINE.sh"

own_disk() {
    mount -t ext4 -o noatime "$DEVICE" "$disk"
    # A fresh system at every start, on the data of the last one.
    rm -rf "$disk/system" "$disk/work"
    mkdir -p "$disk/system" "$disk/work" "$disk/data/observer"
    chown "$OBSERVER_ID:$OBSERVER_ID" "$disk/data/observer"
}

# The machine's programs, read-only below; what the node writes stays on its own disk and goes with it.
own_root() {
    mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/system,workdir=$disk/work" "$root"
    # An overlay does not look into the file systems mounted on the one below.
    findmnt --real --raw --noheadings --output TARGET | while read -r target; do
        case $target in
            / | "$LAB"*) ;;
            *) [ ! -d "$target" ] || mount -o bind,ro "$target" "$root$target" ;;
        esac
    done
    mkdir -p "$root/data" "$root/opt/observer"
    mount --bind "$disk/data" "$root/data"
    mount_engine
    [ ! -d "$root$LAB" ] || mount -t tmpfs -o mode=700 tmpfs "$root$LAB"
    for directory in root tmp run; do mount -t tmpfs tmpfs "$root/$directory"; done
    # Leases outlive a restart of the node, and those of the machine are none of its business.
    mkdir -p -m 700 "$disk/leases" "$root/var/lib/distdiag"
    mount --bind "$disk/leases" "$root/var/lib/distdiag"
    chmod 700 "$root/root"
    chmod 1777 "$root/tmp"
    mkdir -p "$root/run/sshd" "$root/run/lock"
}

own_devices() {
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$DEVICE"; do
        : >"$root$device"
        mount --bind "$device" "$root$device"
    done
    mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t mqueue mqueue "$root/dev/mqueue"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s fd/0 "$root/dev/stdin"
    ln -s fd/1 "$root/dev/stdout"
    ln -s fd/2 "$root/dev/stderr"
}

own_cgroups() {
    [ "$CGROUP_V2" = . ] || mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
    for controllers in $CGROUP_V1; do
        mkdir "$root/sys/fs/cgroup/$controllers"
        mount -t cgroup -o "$controllers" cgroup "$root/sys/fs/cgroup/$controllers"
    done
    if [ -n "$CGROUP_V2" ]; then
        unified=$root/sys/fs/cgroup/$CGROUP_V2
        mkdir -p "$unified"
        mount -t cgroup2 cgroup2 "$unified"
        # The machine's stalls are everybody's; the node's own are what a host of its own would show.
        for resource in cpu io memory; do
            [ ! -e "$unified/$resource.pressure" ] || [ ! -e "$root/proc/pressure/$resource" ] ||
                mount --bind "$unified/$resource.pressure" "$root/proc/pressure/$resource"
        done
    fi
}

own_proc() {
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    [ -n "$LXCFS" ] || return 0
    for file in "$LXCFS"/proc/*; do
        # Uptime is left to the kernel: that of lxcfs does not agree with the start times of the processes.
        [ "${file##*/}" = uptime ] || [ ! -e "$root/proc/${file##*/}" ] || mount --bind "$file" "$root/proc/${file##*/}"
    done
    online=/sys/devices/system/cpu/online
    [ ! -e "$LXCFS$online" ] || mount --bind "$LXCFS$online" "$root$online"
}

own_names() {
    hostname "$NODE"
    echo "$NODE" >"$root/etc/hostname"
    printf '127.0.0.1 localhost\n%b' "$HOSTS" >"$root/etc/hosts"
    # A slow or broken start-up file of the machine's root must not be paid for by every command.
    sed -i '/^root:/d' "$root/etc/passwd" "$root/etc/shadow"
    echo 'root:x:0:0:root:/root:/bin/sh' >>"$root/etc/passwd"
    echo "observer:x:$OBSERVER_ID:$OBSERVER_ID:observer:/data/observer:/usr/sbin/nologin" >>"$root/etc/passwd"
    echo "observer:x:$OBSERVER_ID:" >>"$root/etc/group"
    echo 'root:*:1::::::' >>"$root/etc/shadow"
}

own_services() {
    rm -f "$root"/etc/ssh/ssh_host_*
    install -m 600 "$SECRETS/ssh_host_ed25519_key" "$root/etc/ssh/ssh_host_ed25519_key"
    install -m 644 "$FILES/sshd_config" "$root/etc/ssh/sshd_config"
    install -m 644 "$SECRETS/authorized_keys" "$root/etc/ssh/authorized_keys"
    install -m 600 -o "$OBSERVER_ID" -g "$OBSERVER_ID" "$SECRETS/password" "$root/run/observer.password"
    install -m 755 "$FILES/boot.sh" "$root/opt/observer/"
    install_engine
}

own_disk
own_root
own_devices
own_proc
own_cgroups
own_names
own_services
cd "$root"
pivot_root . mnt
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin HOME=/root \
    chroot . /bin/sh -c 'umount -l /mnt && exec /opt/observer/boot.sh'
