//go:build tools

// Package kwok pins kwok, whose controller is a main package of its module.
package kwok

import _ "sigs.k8s.io/kwok/cmd/kwok"
