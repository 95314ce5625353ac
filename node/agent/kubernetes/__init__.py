"""The pods above etcd, and what the cluster's API is asked.

control_plane.py       the pods above etcd, in and out of service
static_pods.py         manifests in the kubelet's folder
local_apiserver.py     the local apiserver, and which manifests the running processes come from
apiserver_client.py    the local apiserver's REST API
kubernetes_service.py  puts the `kubernetes` service's one endpoint back
addons.py              add-on manifests and Node objects
"""
