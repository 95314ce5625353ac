// pulumi-resource-tls serves the TLS provider under the tokens and shapes of the published pulumi_tls package.
package main

import (
	"context"
	"io"

	"github.com/hashicorp/terraform-provider-tls/internal/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	bridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// version is that of the installed pulumi_tls package; the build sets it.
var version = "0.0.0"

func resource(name string, fields map[string]*bridge.SchemaInfo) *bridge.ResourceInfo {
	file := string(name[0]|0x20) + name[1:]
	return &bridge.ResourceInfo{Tok: tokens.Type("tls:index/" + file + ":" + name), Fields: fields}
}

func function(name string) *bridge.DataSourceInfo {
	return &bridge.DataSourceInfo{Tok: tokens.ModuleMember("tls:index/" + name + ":" + name)}
}

func info() bridge.ProviderInfo {
	one := true
	// The provider takes a list of at most one subject; pulumi_tls takes the subject itself.
	subject := func() map[string]*bridge.SchemaInfo {
		return map[string]*bridge.SchemaInfo{"subject": {Name: "subject", MaxItemsOne: &one}}
	}
	return bridge.ProviderInfo{
		P:            tfbridge.ShimProvider(provider.New()),
		Name:         "tls",
		Version:      version,
		MetadataInfo: bridge.NewProviderMetadata([]byte("{}")),
		Config: map[string]*bridge.SchemaInfo{
			"proxy": {MaxItemsOne: &one},
		},
		Resources: map[string]*bridge.ResourceInfo{
			"tls_cert_request":        resource("CertRequest", subject()),
			"tls_locally_signed_cert": resource("LocallySignedCert", nil),
			"tls_private_key":         resource("PrivateKey", nil),
			"tls_self_signed_cert":    resource("SelfSignedCert", subject()),
		},
		DataSources: map[string]*bridge.DataSourceInfo{
			"tls_certificate": function("getCertificate"),
			"tls_public_key":  function("getPublicKey"),
		},
	}
}

// schema is made when asked for, which an update never does: it would cost every start of the plugin.
func schema(ctx context.Context, _ plugin.GetSchemaRequest) ([]byte, error) {
	made, err := tfgen.GenerateSchema(ctx, tfgen.GenerateSchemaOptions{
		ProviderInfo:    info(),
		DiagnosticsSink: diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never}),
		XInMemoryDocs:   true,
	})
	if err != nil {
		return nil, err
	}
	return made.ProviderMetadata.PackageSchema, nil
}

func main() {
	tfbridge.Main(context.Background(), "tls", info(), tfbridge.ProviderMetadata{XGetSchema: schema})
}
