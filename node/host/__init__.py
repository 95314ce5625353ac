"""A machine's hands: these modules read or change the machine, or ask Google for it. None knows the order of a boot.

web.py              one HTTP request, with a deadline
rest.py             a call of an API that speaks JSON, on top of it
metadata_server.py  the machine's own metadata and token
endpoints.py        where Google's APIs answer
bucket.py           objects of the bucket
secret_manager.py   the replica's keys and certificates
compute.py, managed_groups.py  VMs, and groups of them
paths.py            where everything lies
files.py            files, each whole or not at all
lock.py             waiting for a lock
commands.py         programs, run with a deadline
disk.py, filesystem.py  the data disk: found, formatted if blank, mounted, grown
fetch.py, archives.py  pinned binaries, archives and images from the mirror
units.py            systemd, containerd, packages, the guest agent
upgrades.py         when unattended upgrades begin: not on two masters at once
pod_logs.py         what a static pod has complained of last
packets.py          routes and filters that others take away
threads.py          threads that begin again when an exception ends them
looking.py          what agents look at again and again
known_pools.py      the pools that this machine last heard of
certificates.py     when certificates end
issuers.py          who has issued them, by which generation of an authority
signing_requests.py, der.py  what a certificate is asked for with
"""
