"""From a bare Debian machine to a running kubelet and agent: idempotent, run at every boot, and again when metadata change.

configure.py  makes the machine what its metadata ask for
renewal.py    follows the newest secret once certificates have expired
command.py    all of it in order, with a status in the bucket when it fails
"""
