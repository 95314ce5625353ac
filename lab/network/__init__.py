"""The lab's VPC: Linux network namespaces, one for each VM, one for the outside, and a router between them."""

from lab.network.namespaces import NetworkUnavailableError
from lab.network.network import Network

__all__ = ["Network", "NetworkUnavailableError"]
