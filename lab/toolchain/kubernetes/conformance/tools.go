//go:build tools

// Package conformance pins Kubernetes' own end-to-end tests, what they run in pods, and the program that runs them many at a
// time. Its staging modules are replaced by their published twins, as in ../binaries.
package conformance

import (
	_ "github.com/onsi/ginkgo/v2/ginkgo"
	_ "k8s.io/kubernetes/test/e2e"
	_ "k8s.io/kubernetes/test/images/agnhost"
	_ "k8s.io/kubernetes/test/images/nonewprivs"
	_ "k8s.io/sample-apiserver"
)
