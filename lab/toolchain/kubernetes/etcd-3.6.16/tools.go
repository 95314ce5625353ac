//go:build tools

// Package etcd pins the etcd that a live upgrade passes on its way to 3.7.
package etcd

import (
	_ "go.etcd.io/etcd/etcdctl/v3"
	_ "go.etcd.io/etcd/etcdutl/v3"
	_ "go.etcd.io/etcd/server/v3"
)
