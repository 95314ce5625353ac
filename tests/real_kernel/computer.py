"""A computer that runs one command: a kernel under QEMU, with this system's files, which it can't change, and no network.

KVM would make it quick, and not every computer that has it can start a usual kernel by it; software emulation always does.
"""

from __future__ import annotations

import gzip
import shlex
import shutil
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.real_kernel.packages import kernel

MODULES = (
    "virtio_ring",
    "virtio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "fuse",
    "virtiofs",
    "virtio_blk",
    "overlay",
)
"""In the order in which they need each other."""

ENDED = "real-kernel: the command ended with "
CPUS, MEMORY_GB, DISK_GB = 2, 10, 20

_SHARE = """
mkdir -p "$1/system" && mount --make-rprivate / && mount --bind / "$1/system" &&
exec /usr/lib/qemu/virtiofsd --socket-path="$1/socket" -o log_level=err,sandbox=chroot,cache=always \\
    -o source="$1/system"
"""

_UNIT = """
[Unit]
After=basic.target
SuccessAction=poweroff-force
FailureAction=poweroff-force

[Service]
Type=oneshot
TimeoutStartSec=infinity
Delegate=yes
WorkingDirectory={folder}
Environment=HOME={home} PATH={path} XDG_STATE_HOME=/mnt/state TMPDIR=/mnt/tmp UV_OFFLINE=1
Environment=HA_MASTERS_PATIENCE=10 LAB_CGROUPS_2=1
StandardOutput=file:/dev/ttyS1
StandardError=file:/dev/ttyS1
ExecStart=/bin/bash -c {command}
"""


def run(command: str, folder: Path, *, home: str, path: str, accelerator: str, seconds: float) -> int:
    """Runs it in `folder`, prints what it says, and returns its exit code. Raises TimeoutError after `seconds`."""
    with TemporaryDirectory(prefix="real-kernel-", dir="/tmp") as place, ExitStack() as stack:
        here, built = Path(place), kernel()
        says = f"({command}); echo '{ENDED}'$?"
        unit = _UNIT.format(folder=folder, home=home, path=path, command=shlex.quote(says).replace("%", "%%"))
        _initial(here, built, unit)
        subprocess.run(["truncate", "-s", f"{DISK_GB}G", here / "disk"], check=True)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", here / "disk"], check=True)
        share = subprocess.Popen(["unshare", "--mount", "sh", "-c", _SHARE, "share", place])
        stack.callback(_end, share)
        machine = subprocess.Popen(
            _qemu(here, built, accelerator),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        stack.callback(_end, machine)
        late = threading.Timer(seconds, machine.kill)
        late.start()
        stack.callback(late.cancel)
        assert machine.stdout is not None
        code = None
        for line in machine.stdout:
            if line.startswith(ENDED):
                code = int(line.removeprefix(ENDED))
            else:
                print(line.rstrip(), flush=True)
        machine.wait()
        if code is None:
            end = (here / "console").read_text(errors="replace")[-3000:]
            raise TimeoutError(f"the command didn't end within {seconds:.0f} s; the console ends so:\n{end}")
        return code


def _initial(here: Path, built: Path, unit: str) -> None:
    """Writes the file system that the kernel begins with."""
    root = here / "initial"
    (root / "bin").mkdir(parents=True)
    (root / "modules").mkdir()
    shutil.copy(str(shutil.which("busybox")), root / "bin/busybox")
    shutil.copy(Path(__file__).with_name("init.sh"), root / "init")
    (root / "init").chmod(0o755)
    (root / "real-kernel.service").write_text(unit)
    (root / "modules/folder").write_text(str(built / "lib/modules"))
    (root / "modules/names").write_text(" ".join(MODULES))
    for name in MODULES:
        (found,) = (built / "lib/modules").rglob(f"{name}.ko")
        shutil.copy(found, root / "modules")
    names = "\0".join(str(each.relative_to(root)) for each in sorted(root.rglob("*")))
    packed = subprocess.run(
        ["cpio", "--null", "--create", "--quiet", "--format=newc"],
        cwd=root,
        input=names.encode(),
        capture_output=True,
        check=True,
    )
    (here / "initial.gz").write_bytes(gzip.compress(packed.stdout, 1))


def _qemu(here: Path, built: Path, accelerator: str) -> list[str]:
    (image,) = (built / "boot").glob("vmlinuz-*")
    words = (
        f"qemu-system-x86_64 -accel {accelerator} -cpu max -smp {CPUS} -m {MEMORY_GB}G -nodefaults -no-reboot -display none"
        f" -object memory-backend-memfd,id=memory,size={MEMORY_GB}G,share=on -machine q35,memory-backend=memory"
        f" -chardev socket,id=share,path={here}/socket -device vhost-user-fs-pci,chardev=share,tag=system"
        f" -drive file={here}/disk,format=raw,if=virtio,cache=unsafe -nic none"
        f" -serial file:{here}/console -serial stdio"
        f" -kernel {image} -initrd {here}/initial.gz -append"
    )
    return [*words.split(), "console=ttyS0 panic=-1 systemd.unified_cgroup_hierarchy=1"]


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
