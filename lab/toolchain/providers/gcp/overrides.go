package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// config is the provider's configuration where the published package names or fills it otherwise.
func config() map[string]*tfbridge.SchemaInfo {
	environment := func(names ...string) *tfbridge.SchemaInfo {
		return &tfbridge.SchemaInfo{Default: &tfbridge.DefaultInfo{EnvVars: names}}
	}
	return map[string]*tfbridge.SchemaInfo{
		"project":                         environment("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"),
		"region":                          environment("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"),
		"zone":                            environment("GOOGLE_ZONE", "GCLOUD_ZONE", "CLOUDSDK_COMPUTE_ZONE"),
		"access_token":                    {Secret: tfbridge.True()},
		"add_terraform_attribution_label": {Name: "addPulumiAttributionLabel"},
		"terraform_attribution_label_addition_strategy": {Name: "pulumiAttributionLabelAdditionStrategy"},
	}
}

// extraConfig is accepted, as the published provider does, and without effect: what it turns off is not done here.
func extraConfig() map[string]*tfbridge.ConfigInfo {
	flag := func(variable string) *tfbridge.ConfigInfo {
		return &tfbridge.ConfigInfo{
			Schema: sdkv2.NewSchema(&schema.Schema{Type: schema.TypeBool, Optional: true}),
			Info: &tfbridge.SchemaInfo{
				Default: &tfbridge.DefaultInfo{Value: false, EnvVars: []string{variable}},
			},
		}
	}
	return map[string]*tfbridge.ConfigInfo{
		"skipRegionValidation":        flag("PULUMI_GCP_SKIP_REGION_VALIDATION"),
		"disableGlobalProjectWarning": flag("PULUMI_GCP_DISABLE_GLOBAL_PROJECT_WARNING"),
	}
}

// override applies what the published package does otherwise than the bridge would of itself.
func override(info *tfbridge.ProviderInfo) {
	lower := tfbridge.AutoNameWithCustomOptions("name", tfbridge.AutoNameOptions{
		Separator: "-", Maxlen: 63, Randlen: 7, Transform: strings.ToLower,
	})
	for _, name := range []string{
		"google_compute_backend_service", "google_compute_network", "google_compute_router",
		"google_compute_router_nat", "google_compute_security_policy", "google_compute_subnetwork",
		"google_compute_http_health_check", "google_compute_https_health_check", "google_compute_target_http_proxy",
		"google_compute_target_https_proxy", "google_compute_url_map",
	} {
		set(info, name, "name", lower)
	}
	set(info, "google_service_account", "account_id", tfbridge.AutoName("", 30, "-"))
	set(info, "google_storage_bucket", "name", tfbridge.AutoName("name", 222, "-"))
	// A record's name is the domain name that it answers for, so it never gets a suffix.
	set(info, "google_dns_record_set", "name", &tfbridge.SchemaInfo{Name: "name"})
	set(info, "google_dns_managed_zone", "description", &tfbridge.SchemaInfo{
		Default: &tfbridge.DefaultInfo{Value: "Managed by Pulumi"},
	})
	set(info, "google_storage_bucket_object", "source", &tfbridge.SchemaInfo{
		Asset: &tfbridge.AssetTranslation{Kind: tfbridge.FileAsset, Format: resource.ZIPArchive},
	})
	for _, name := range []string{
		"google_project_iam_member", "google_project_iam_policy", "google_secret_manager_secret",
	} {
		if found := info.Resources[name]; found != nil {
			found.DeleteBeforeReplace = true
		}
	}
	if found := info.Resources["google_compute_instance_template"]; found != nil {
		found.UniqueNameFields = []string{"name", "name-prefix"}
	}
	for name, mapped := range info.Resources {
		renameLabels(info.P.ResourcesMap().Get(name).Schema(), mapped)
	}
	for name, mapped := range info.DataSources {
		if _, ok := info.P.DataSourcesMap().Get(name).Schema().GetOk("terraform_labels"); ok {
			mapped.Fields["terraform_labels"] = &tfbridge.SchemaInfo{Name: "pulumiLabels"}
		}
	}
	for _, fields := range []map[string]*tfbridge.SchemaInfo{
		fieldsOf(info.Resources["google_dns_managed_zone"]), functionFieldsOf(info.DataSources["google_dns_managed_zone"]),
	} {
		// Its values need all 64 bits, and a number has fewer.
		if fields != nil {
			fields["managed_zone_id"] = &tfbridge.SchemaInfo{Type: "string"}
		}
	}
}

func set(info *tfbridge.ProviderInfo, name, field string, to *tfbridge.SchemaInfo) {
	if found := info.Resources[name]; found != nil {
		found.Fields[field] = to
	}
}

func fieldsOf(mapped *tfbridge.ResourceInfo) map[string]*tfbridge.SchemaInfo {
	if mapped == nil {
		return nil
	}
	return mapped.Fields
}

func functionFieldsOf(mapped *tfbridge.DataSourceInfo) map[string]*tfbridge.SchemaInfo {
	if mapped == nil {
		return nil
	}
	return mapped.Fields
}

// renameLabels names `terraform_labels` as the published package does. The provider fills it while planning; a state
// without it would show a difference at every preview, so an absent one is read as empty.
func renameLabels(fields shim.SchemaMap, mapped *tfbridge.ResourceInfo) {
	if _, ok := fields.GetOk("terraform_labels"); !ok {
		return
	}
	mapped.Fields["terraform_labels"] = &tfbridge.SchemaInfo{Name: "pulumiLabels"}
	mapped.TransformFromState = func(_ context.Context, state resource.PropertyMap) (resource.PropertyMap, error) {
		if _, ok := state["pulumiLabels"]; !ok {
			state["pulumiLabels"] = resource.NewObjectProperty(resource.PropertyMap{})
		}
		return state, nil
	}
	mapped.TransformOutputs = func(_ context.Context, outputs resource.PropertyMap) (resource.PropertyMap, error) {
		if labels, ok := outputs["labels"]; !ok || !labels.ContainsSecrets() {
			return outputs, nil
		}
		for _, derived := range []resource.PropertyKey{"pulumiLabels", "effectiveLabels"} {
			if value, ok := outputs[derived]; ok && !value.IsSecret() {
				outputs[derived] = resource.MakeSecret(value)
			}
		}
		return outputs, nil
	}
}
