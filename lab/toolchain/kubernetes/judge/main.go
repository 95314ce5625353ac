// Command judge records clients of an etcd and has etcd's own robustness judge say whether what they saw can be.
//
//	judge record --out DIR --members A,B,C --ca F --cert F --key F    until SIGTERM; DIR gets client-N/
//	judge verdict DIR                                                 beside DIR/server-*, the members' data folders
//
// Each prints one line of JSON. `verdict` ends with 1 where a guarantee of etcd's is broken, and then writes
// DIR/history.html. The guarantees: https://etcd.io/docs/v3.6/learning/api_guarantees/.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/anishathalye/porcupine"
	"go.etcd.io/etcd/tests/v3/robustness/report"
	"go.etcd.io/etcd/tests/v3/robustness/validate"
	"go.uber.org/zap"
)

const patience = 3 * time.Minute

type verdict struct {
	Verdict    string  `json:"verdict"`
	Operations int     `json:"operations"`
	Events     int     `json:"events"`
	Persisted  int     `json:"persisted"`
	Seconds    float64 `json:"seconds"`
}

func main() {
	problem := fmt.Errorf("usage: judge record … | judge verdict DIR")
	switch {
	case len(os.Args) > 1 && os.Args[1] == "record":
		problem = recordCommand(os.Args[2:])
	case len(os.Args) == 3 && os.Args[1] == "verdict":
		problem = verdictCommand(os.Args[2])
	}
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		os.Exit(1)
	}
}

func recordCommand(arguments []string) error {
	asked := recording{}
	flags := flag.NewFlagSet("record", flag.ExitOnError)
	flags.StringVar(&asked.out, "out", "", "folder that gets the clients' histories")
	flags.StringVar(&asked.members, "members", "", "addresses of all members that there will ever be")
	flags.StringVar(&asked.ca, "ca", "", "who signs the members' certificates")
	flags.StringVar(&asked.cert, "cert", "", "a client's certificate")
	flags.StringVar(&asked.key, "key", "", "its key")
	flags.IntVar(&asked.clients, "clients", 6, "clients at once")
	flags.DurationVar(&asked.pause, "pause", 25*time.Millisecond, "of a client between two requests")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	return asked.run()
}

func verdictCommand(folder string) error {
	logger := zap.NewNop()
	clients, err := report.LoadClientReports(folder)
	if err != nil {
		return fmt.Errorf("what the clients saw: %w", err)
	}
	persisted, differ := report.LoadClusterPersistedRequests(logger, folder)
	if differ != nil {
		differ = fmt.Errorf("durability: what the members wrote is of more than one history: %w", differ)
	}
	began := time.Now()
	result := validate.ValidateAndReturnVisualize(logger, validate.Config{ExpectRevisionUnique: true}, clients, persisted, patience)
	said := verdict{Verdict: "Success", Persisted: len(persisted), Seconds: time.Since(began).Seconds()}
	for _, each := range clients {
		said.Operations += len(each.KeyValue)
		said.Events += each.WatchEventCount()
	}
	broken := errors.Join(result.Error(), differ)
	if broken != nil {
		said.Verdict = broken.Error()
		if picture := porcupine.VisualizePath(result.Linearization.Model, result.Linearization.Info, filepath.Join(folder, "history.html")); picture != nil {
			said.Verdict += fmt.Sprintf(" (no picture: %v)", picture)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		return err
	}
	return broken
}
