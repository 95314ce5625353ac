"""`python -m admin pin`: the digests of a release, read where they are published and written beside the stack's files.

command.py      what is said and written, and in what order
published.py    dl.k8s.io and registry.k8s.io, or mirrors that speak as they do
evidence.py     what a reply is worth: sums, digests and indices, without any network
signatures.py   Sigstore's, by cosign where it is installed
"""
