"""From a bare Debian machine to a running kubelet and agent: idempotent, run at every boot, and again when metadata change.

web.py       one HTTP request, with a deadline
metadata.py  the machine's own metadata and token
identify.py  metadata to a `Machine`; pure
storage.py   objects of the bucket
secret.py    the replica's keys and certificates
disk.py      the data disk: found, formatted if blank, mounted
fetch.py     pinned binaries and images from the mirror
write.py     files, each whole or not at all
units.py     systemd, containerd, packages
commands.py  programs, run with a deadline
apply.py     what metadata ask for, made so
startup.py   the VM's start-up script
command.py   all of it in order, with a status in the bucket when it fails
"""
