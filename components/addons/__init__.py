"""Users' own Kubernetes objects, which Pulumi's provider of Kubernetes gives to the cluster once its API is up.

documents.py       YAML as Kubernetes reads it
kinds.py           which kinds have no namespace
manifests.py       the objects of all add-ons, and what is wrong with them. Pure but for reading files
programs.py        users' Python files
leaving.py         namespaces and definitions that go while what is theirs stays. Pure
asked.py           all that the running stack asks for
tokens.py          types of objects
way.py             whether the API can be reached from here
skipping.py        what becomes of add-ons where it can't
cluster_addons.py  the component
"""

from components.addons.asked import asked
from components.addons.cluster_addons import Access, ClusterAddons

__all__ = ["Access", "ClusterAddons", "asked"]
