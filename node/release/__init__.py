"""How this code reaches a machine.

zipapp.py   all of `node/` as one file, the same bytes for the same sources
startup.py  the VM's start-up script, which fetches and runs it
"""
