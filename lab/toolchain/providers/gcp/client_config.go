package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	oauth "golang.org/x/oauth2/google"
)

// clientConfigToken is a function that the provider's other half holds, the one on Terraform's newer framework, which
// is not bridged here. It only tells what was configured, so it is answered from there.
const clientConfigToken = "gcp:organizations/getClientConfig:getClientConfig"

var propertyOptions = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true}

// clientConfig is the project, region and zone that the provider is configured with, and a token for the API.
func clientConfig(ctx context.Context, configured resource.PropertyMap) (*rpc.InvokeResponse, error) {
	text := func(name resource.PropertyKey) string {
		value := configured[name]
		for value.IsSecret() {
			value = value.SecretValue().Element
		}
		if !value.IsString() {
			return ""
		}
		return value.StringValue()
	}
	access := text("accessToken")
	if access == "" {
		found, err := oauth.FindDefaultCredentials(ctx, "https://www.googleapis.com/auth/cloud-platform")
		if err != nil {
			return nil, fmt.Errorf("no gcp:accessToken, and no credentials: %w", err)
		}
		token, err := found.TokenSource.Token()
		if err != nil {
			return nil, err
		}
		access = token.AccessToken
	}
	project, region, zone := text("project"), text("region"), text("zone")
	answer, err := plugin.MarshalProperties(resource.PropertyMap{
		"accessToken":   resource.MakeSecret(resource.NewStringProperty(access)),
		"defaultLabels": resource.NewObjectProperty(resource.PropertyMap{}),
		"id":            resource.NewStringProperty(fmt.Sprintf("projects/%s/regions/%s/zones/%s", project, region, zone)),
		"project":       resource.NewStringProperty(project),
		"region":        resource.NewStringProperty(region),
		"zone":          resource.NewStringProperty(zone),
	}, propertyOptions)
	return &rpc.InvokeResponse{Return: answer}, err
}
