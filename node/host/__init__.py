"""A machine's hands: each module does one sort of thing, and none knows the order of a boot.

paths.py            where everything lies on a machine
files.py            files, each whole or not there
commands.py         programs, run with a deadline
web.py              one HTTP request, with a deadline
metadata_server.py  the machine's own metadata and token
endpoints.py        where Google's APIs answer
bucket.py           objects of the bucket
secret_manager.py   the replica's keys and certificates
certificates.py     when certificates end
fetch.py            pinned binaries and images from the mirror
disk.py, filesystem.py  the data disk: found, formatted if blank, mounted, grown
units.py            systemd, containerd, packages
"""
