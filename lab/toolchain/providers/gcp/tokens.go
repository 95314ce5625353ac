package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sort"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	google "github.com/hashicorp/terraform-provider-google/google/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

//go:embed tokens.json
var published []byte

// table maps the provider's own names to the published tokens.
type table struct {
	Resources map[string]string `json:"resources"`
	Functions map[string]string `json:"functions"`
}

// mapTokens gives each name of the table its token, and leaves out what is not in it.
func mapTokens(info *tfbridge.ProviderInfo, all *schema.Provider) {
	var known table
	if err := json.Unmarshal(published, &known); err != nil {
		panic(fmt.Errorf("tokens.json: %w", err))
	}
	info.Resources = map[string]*tfbridge.ResourceInfo{}
	info.DataSources = map[string]*tfbridge.DataSourceInfo{}
	for name, token := range known.Resources {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tokens.Type(token), Fields: map[string]*tfbridge.SchemaInfo{}}
	}
	for name, token := range known.Functions {
		info.DataSources[name] = &tfbridge.DataSourceInfo{
			Tok: tokens.ModuleMember(token), Fields: map[string]*tfbridge.SchemaInfo{},
		}
	}
	for name := range all.ResourcesMap {
		if info.Resources[name] == nil {
			info.IgnoreMappings = append(info.IgnoreMappings, name)
		}
	}
	for name := range all.DataSourcesMap {
		if info.DataSources[name] == nil {
			info.IgnoreMappings = append(info.IgnoreMappings, name)
		}
	}
}

// printNames lists the provider's own names, for the script that makes the table.
func printNames() {
	all := google.Provider()
	names := map[string][]string{}
	for name := range all.ResourcesMap {
		names["resources"] = append(names["resources"], name)
	}
	for name := range all.DataSourcesMap {
		names["functions"] = append(names["functions"], name)
	}
	for _, list := range names {
		sort.Strings(list)
	}
	text, err := encode(names)
	if err != nil {
		panic(err)
	}
	fmt.Println(text)
}

func encode(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}
