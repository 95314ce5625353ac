//go:build tools

// Package engine pins the Pulumi engine and CLI. It has a module of its own because the engine and the bridge
// ask for versions of one library (tablewriter) that cannot be built together.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
