// Command cloud-controller-manager is Kubernetes' own frame of such managers (k8s.io/cloud-provider) around Google's provider: what the
// official image is made of, without the controllers of it that no module holds (pods' ranges from instances, GKE's networks).
package main

import (
	"os"

	"k8s.io/apimachinery/pkg/util/wait"
	cloudprovider "k8s.io/cloud-provider"
	"k8s.io/cloud-provider/app"
	"k8s.io/cloud-provider/app/config"
	"k8s.io/cloud-provider/names"
	"k8s.io/cloud-provider/options"
	"k8s.io/component-base/cli"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/klog/v2"

	_ "k8s.io/cloud-provider-gcp/providers/gce"
)

func main() {
	configured, err := options.NewCloudControllerManagerOptions()
	if err != nil {
		klog.Fatalf("options: %v", err)
	}
	os.Exit(cli.Run(app.NewCloudControllerManagerCommand(
		configured, provider, app.DefaultInitFuncConstructors, names.CCMControllerAliases(), cliflag.NamedFlagSets{}, wait.NeverStop,
	)))
}

func provider(completed *config.CompletedConfig) cloudprovider.Interface {
	named := completed.ComponentConfig.KubeCloudShared.CloudProvider
	cloud, err := cloudprovider.InitCloudProvider(named.Name, named.CloudConfigFile)
	if err != nil || cloud == nil {
		klog.Fatalf("provider %q: %v", named.Name, err)
	}
	return cloud
}
