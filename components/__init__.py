"""The ComponentResources of a highly available control plane, one module each.

`__main__` wires them; they render what machines run through `node`, and never reach for the lab. Every component
records its inputs, names its children after itself, and registers its outputs, so that previews, policies and the
state speak of masters rather than of VMs.
"""
