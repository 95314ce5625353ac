// Command pulumi-resource-kubernetes is Pulumi's provider of Kubernetes. Its own command embeds a schema that is generated
// and in no module. Only `pulumi import` of an object, and those who generate SDKs, ask for one.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is that of the installed pulumi_kubernetes package; the build sets it.
var version = "0.0.0"

func main() {
	provider.Serve("kubernetes", version, []byte("{}"), []byte("{}"))
}
