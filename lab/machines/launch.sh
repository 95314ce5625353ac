#!/bin/bash
# Becomes one machine: systemd-nspawn in cgroups and mounts of its own, which all end with it.
#   launch.sh CGROUP FOLDER IMAGE-ROOT NAMESPACE NAME [LOOP-DEVICE GUEST-PATH]…
# Cgroups are version 1, as on the kernels that this was tried on: the machine sees its own part of each hierarchy only.
set -eu
export CGROUP=$1 FOLDER=$2 ROOT=$3 NAMESPACE=$4 NAME=$5
shift 5

for hierarchy in /sys/fs/cgroup/*/; do
    [ "$hierarchy" != /sys/fs/cgroup/unified/ ] || continue
    mkdir -p "$hierarchy$CGROUP"
    if [ -e "${hierarchy}cpuset.cpus" ]; then # Empty in a new one, and then nothing may enter it.
        for setting in cpuset.cpus cpuset.mems; do
            at=$hierarchy
            for step in ${CGROUP//\// }; do
                cat "$at/$setting" > "$at/$step/$setting"
                at=$at/$step
            done
        done
    fi
    echo $$ > "$hierarchy$CGROUP/cgroup.procs"
done

exec unshare --cgroup --mount --propagation private bash -eu -c '
mkdir -p "$FOLDER"/{upper,work,merged,cgroups}
mount -t tmpfs -o mode=755 tmpfs "$FOLDER/cgroups"
for hierarchy in /sys/fs/cgroup/*/; do
    name=$(basename "$hierarchy")
    case $name in unified) continue ;; systemd) options=none,name=systemd ;; *) options=$name ;; esac
    mkdir "$FOLDER/cgroups/$name"
    mount -t cgroup -o "$options" cgroup "$FOLDER/cgroups/$name"
done
mount --rbind "$FOLDER/cgroups" /sys/fs/cgroup
mount -t overlay -o "lowerdir=$ROOT,upperdir=$FOLDER/upper,workdir=$FOLDER/work" overlay "$FOLDER/merged"
binds=(--bind=/sys/fs/cgroup
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
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
exec systemd-nspawn --quiet --boot --register=no --keep-unit --directory="$FOLDER/merged" --machine="$NAME" \
    --hostname="$NAME" --uuid="$(cat "$FOLDER/uuid")" --network-namespace-path="/run/netns/$NAMESPACE" \
    --capability=all --system-call-filter=@known --link-journal=no --resolv-conf=off --timezone=off \
    --console=read-only "${binds[@]}" systemd.log_target=console systemd.show_status=no
' launch "$@"
