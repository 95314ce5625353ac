"""The agent's room for Kubernetes: it runs the pods above etcd and keeps what the API holds of this machine.

control_plane.py       the pods above etcd, in and out of service
static_pods.py         manifests in the kubelet's folder
local_apiserver.py     the local apiserver, and which manifests the running processes come from
apiserver_client.py    its REST API
kubernetes_service.py  its one endpoint, put back
versions_seen.py       what runs here, and which APIs in use a later minor doesn't serve
trust.py               by which generations of the authorities it lives
reencryption.py        Secrets follow a change of their encryption key
addons.py              the add-on loop: manifests and Node objects, kept as they shall be
pruning.py             base add-ons that nobody asks for any more end
"""
