"""Kubernetes' own conformance tests, on a cluster of the program's in the lab: `make conformance`.

Whoever certifies a distribution runs them, all 446. Here they run on one master and two workers, and no image is pulled:
those that the tests name are made of what can be built and had from Debian, and handed to the machines.

    __main__.py   what `make conformance` does
    upstream.py   which tests there are, and the images that they name
    images.py     makes those
    cluster.py    the cluster that they run on
    running.py    runs a chunk of them, and keeps what came of each
    judging.py    reads the report, and counts; pure
    excused.yaml  what doesn't pass, and why
"""
