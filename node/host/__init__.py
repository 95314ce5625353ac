"""A machine's hands: these modules read or change the machine, or ask Google for it. None knows the order of a boot.

web.py              one HTTP request, with a deadline
metadata_server.py  the machine's own metadata and token
endpoints.py        where Google's APIs answer
bucket.py           objects of the bucket
secret_manager.py   the replica's keys and certificates
paths.py            where everything lies
files.py            files, each whole or not at all
lock.py             waiting for a lock
commands.py         programs, run with a deadline
disk.py, filesystem.py  the data disk: found, formatted if blank, mounted, grown
fetch.py            pinned binaries and images from the mirror
units.py            systemd, containerd, packages, the guest agent
certificates.py     when certificates end
"""
