//go:build tools

// Package metrics pins metrics-server, whose program is a main package of its module.
package metrics

import _ "sigs.k8s.io/metrics-server/cmd/metrics-server"
