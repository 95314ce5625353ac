"""What runs on a worker, beside its kubelet.

credential.py  `node.pyz identity`: the kubelet's token, from the metadata server
apiserver.py   the few calls to the cluster's API, with the same token
joining.py     why the machine isn't a Ready node, in words
command.py     `node.pyz worker`: says so, and follows the metadata
"""
