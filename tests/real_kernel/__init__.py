"""A computer with cgroups of version 2 alone and Debian's cloud kernel, under QEMU, for what this computer can't show.

packages.py   what it takes of Debian: QEMU, and the kernel
computer.py   a computer that runs one command, with this system's files
__main__.py   `make real-kernel`
"""
