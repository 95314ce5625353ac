"""From a bare Debian machine to a running kubelet and agent: idempotent, run at every boot, and again when metadata change.

configure.py  what metadata ask for, made so
worker.py     the same for a worker
renewal.py    newer keys than metadata name, when those that are here end
command.py    `node.pyz bootstrap`: all of it in order, with a status in the bucket when it fails
"""
