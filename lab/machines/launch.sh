#!/bin/bash
# Becomes one machine: systemd-nspawn in cgroups and mounts of its own, which all end with it.
#   launch.sh CGROUP FOLDER IMAGE-ROOT NAMESPACE NAME [LOOP-DEVICE GUEST-PATH]…
# It sees its own part of the computer's cgroups only (lab/machines/cgroups.py has made it), of the version that the computer has.
set -eu
export CGROUP=$1 FOLDER=$2 ROOT=$3 NAMESPACE=$4 NAME=$5
shift 5

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
    own=() # nspawn divides the part, and gives one half to the machine in a namespace that it makes.
    echo $$ > "/sys/fs/cgroup/$CGROUP/cgroup.procs"
else
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0
    own=(--cgroup)
    for hierarchy in /sys/fs/cgroup/*/; do
        [ "$hierarchy" = /sys/fs/cgroup/unified/ ] || echo $$ > "$hierarchy$CGROUP/cgroup.procs"
    done
fi

exec unshare "${own[@]}" --mount --propagation private bash -eu -c '
mkdir -p "$FOLDER"/{upper,work,merged,cgroups}
binds=()
if [ "$SYSTEMD_NSPAWN_UNIFIED_HIERARCHY" = 0 ]; then
    mount -t tmpfs -o mode=755 tmpfs "$FOLDER/cgroups"
    for hierarchy in /sys/fs/cgroup/*/; do
        name=$(basename "$hierarchy")
        case $name in unified) continue ;; systemd) options=none,name=systemd ;; *) options=$name ;; esac
        mkdir "$FOLDER/cgroups/$name"
        mount -t cgroup -o "$options" cgroup "$FOLDER/cgroups/$name"
    done
    mount --rbind "$FOLDER/cgroups" /sys/fs/cgroup
    binds+=(--bind=/sys/fs/cgroup)
fi
mount -t overlay -o "lowerdir=$ROOT,upperdir=$FOLDER/upper,workdir=$FOLDER/work" overlay "$FOLDER/merged"
binds+=(
    # The kubelet would write the settings of the host otherwise. These sources are paths inside the machine.
    --bind=/etc/lab/one:/proc/sys/vm/overcommit_memory
    --bind=/etc/lab/ten:/proc/sys/kernel/panic
    --bind=/etc/lab/one:/proc/sys/kernel/panic_on_oops)
for name in containerd kubelet; do
    mkdir -p "$FOLDER/$name"
    binds+=("--bind=$FOLDER/$name:/var/lib/$name") # Overlay on overlay fails.
done
while [ $# -gt 0 ]; do
    binds+=("--bind=$1:$2")
    shift 2
done
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
exec systemd-nspawn --quiet --boot --register=no --keep-unit --directory="$FOLDER/merged" --machine="$NAME" \
    --hostname="$NAME" --uuid="$(cat "$FOLDER/uuid")" --network-namespace-path="/run/netns/$NAMESPACE" \
    --capability=all --system-call-filter=@known --link-journal=no --resolv-conf=off --timezone=off \
    --console=read-only "${binds[@]}" systemd.log_target=console systemd.show_status=no
' launch "$@"
