"""What a master runs, as files: pure functions of a `Machine`, without any I/O.

pod.py             the form that all static pods share
etcd.py, apiserver.py, controllers.py, cloud_controller.py  one static pod each, or two
apiserver_files.py, worker_authentication.py  encryption at rest, audit policy, who may ask without a name, workers
files.py           all files of a master but its pods and secrets
worker.py          files and units of a worker
kubelet.py         the kubelet's configuration and unit
units.py           the agent's unit, containerd's configuration
kubeconfigs.py     how local components reach the local apiserver
cni.py             addresses of pods, from the VM's alias range

Manifests are JSON, which the kubelet takes as well as YAML and the standard library can write.
"""
