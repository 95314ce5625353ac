"""The CIS Kubernetes Benchmark: checks as data, judged on what the program writes, and on machines by `make cis`.

checks.yaml  the checks, and why some don't pass
facts.py  what of a machine is looked at
written.py  the same of what the program writes
live.py  the same of a machine of the lab
judge.py  whether a check passes
"""
