// pulumi-resource-gcp serves the Google provider under the tokens and shapes of the published pulumi_gcp package.
//
// tokens.json says which of the provider's resources and functions answer to which published token; it is made from
// the installed Python package by lab/toolchain/tokens.py. overrides.go holds what the published package does otherwise.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	google "github.com/hashicorp/terraform-provider-google/google/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// version is that of the installed pulumi_gcp package; the build sets it.
var version = "0.0.0"

func info() tfbridge.ProviderInfo {
	all := google.Provider()
	made := tfbridge.ProviderInfo{
		P:                              sdkv2.NewProvider(all),
		Name:                           "google",
		ResourcePrefix:                 "google",
		Version:                        version,
		MetadataInfo:                   tfbridge.NewProviderMetadata([]byte("{}")),
		Config:                         config(),
		ExtraConfig:                    extraConfig(),
		EnableZeroDefaultSchemaVersion: true,
		EnableAccurateBridgePreview:    true,
		EnableRawStateDelta:            true,
	}
	mapTokens(&made, all)
	override(&made)
	made.SetAutonaming(255, "-")
	return made
}

// server answers as the bridge does, and makes the schema only when asked for it: an update never asks.
type server struct {
	rpc.ResourceProviderServer
	configured resource.PropertyMap
}

func (s *server) Configure(ctx context.Context, request *rpc.ConfigureRequest) (*rpc.ConfigureResponse, error) {
	configured, err := plugin.UnmarshalProperties(request.GetArgs(), propertyOptions)
	if err != nil {
		return nil, err
	}
	s.configured = configured
	return s.ResourceProviderServer.Configure(ctx, request)
}

func (s *server) Invoke(ctx context.Context, request *rpc.InvokeRequest) (*rpc.InvokeResponse, error) {
	if request.GetTok() == clientConfigToken {
		return clientConfig(ctx, s.configured)
	}
	return s.ResourceProviderServer.Invoke(ctx, request)
}

func (*server) GetSchema(context.Context, *rpc.GetSchemaRequest) (*rpc.GetSchemaResponse, error) {
	sink := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	described := info()
	described.Name = "gcp"
	made, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo: described, DiagnosticsSink: sink, XInMemoryDocs: true,
	})
	if err != nil {
		return nil, err
	}
	text, err := encode(made.PackageSpec)
	return &rpc.GetSchemaResponse{Schema: text}, err
}

// skipIdentityLookup saves each start a call to Google. Configuring the provider asks who the caller is, only to write
// it to the debug log, and does so through the default transport, which nothing else here uses.
func skipIdentityLookup() {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return
	}
	proxy := transport.Proxy
	transport.Proxy = func(request *http.Request) (*url.URL, error) {
		if request.URL.Host == "openidconnect.googleapis.com" {
			return nil, fmt.Errorf("the identity lookup is left out")
		}
		return proxy(request)
	}
}

func main() {
	for _, argument := range os.Args[1:] {
		switch argument {
		case "-names":
			printNames()
			return
		case "-version", "--version":
			fmt.Println(version)
			return
		}
	}
	skipIdentityLookup()
	serve := func(host *provider.HostClient) (rpc.ResourceProviderServer, error) {
		described := info()
		described.P.InitLogging(context.Background())
		bridged := tfbridge.NewProvider(context.Background(), host, "gcp", version, described.P, described, nil)
		return &server{ResourceProviderServer: bridged}, nil
	}
	if err := provider.Main("gcp", serve); err != nil {
		cmdutil.ExitError(err.Error())
	}
}
