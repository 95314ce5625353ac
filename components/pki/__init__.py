"""The stack's trust: certificate authorities, the leaves that they sign, and the secrets that carry them to machines."""
