package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/tests/v3/robustness/client"
	"go.etcd.io/etcd/tests/v3/robustness/identity"
	"go.etcd.io/etcd/tests/v3/robustness/report"
	"go.uber.org/zap"
)

const (
	keys           = 6
	answerTimeout  = time.Second
	backOff        = 200 * time.Millisecond
	lastAnswerTime = time.Minute
)

type recording struct {
	out, members, ca, cert, key string
	clients                     int
	pause                       time.Duration
}

type recorded struct {
	Acknowledged int64   `json:"acknowledged"`
	Failed       int64   `json:"failed"`
	LongestGap   float64 `json:"longestGap"` // Seconds in which no request of any client was answered.
	Answers      bool    `json:"answers"`    // Whether a write was acknowledged after all was over.
}

// run has clients ask until SIGTERM. The first request of all is a read of the empty database, as the judge's model asks.
func (r recording) run() error {
	endpoints, err := forwarders(strings.Split(r.members, ","), r.ca, r.cert, r.key)
	if err != nil {
		return err
	}
	ids, base := identity.NewIDProvider(), time.Now()
	first, err := client.NewRecordingClient(endpoints, ids, base)
	if err != nil {
		return err
	}
	if err := untilAnswered(func(ctx context.Context) error {
		answer, err := first.Get(ctx, key(0))
		if err == nil && answer.Header.Revision != 1 {
			return fmt.Errorf("the database isn't empty: it is at revision %d", answer.Header.Revision)
		}
		return err
	}); err != nil {
		return fmt.Errorf("no answer to begin with: %w", err)
	}
	fmt.Fprintln(os.Stderr, "recording")

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	seen := &seen{last: time.Now()}
	all := []*client.RecordingClient{first}
	var working sync.WaitGroup
	for number := range r.clients {
		given := endpoints
		if number%2 == 1 { // Every other asks one member only, which may be behind.
			given = endpoints[number%len(endpoints) : number%len(endpoints)+1]
		}
		one, err := client.NewRecordingClient(given, ids, base)
		if err != nil {
			return err
		}
		all = append(all, one)
		working.Go(func() { ask(ctx, one, ids, seen, r.pause, rand.New(rand.NewSource(int64(number)))) })
	}
	watcher, err := client.NewRecordingClient(endpoints, ids, base)
	if err != nil {
		return err
	}
	all = append(all, watcher)
	working.Go(func() { watch(ctx, watcher) })

	<-ctx.Done()
	working.Wait()
	answered := untilAnswered(func(ctx context.Context) error {
		_, err := first.Put(ctx, key(0), value(ids))
		return err
	})
	seen.answered()

	histories := []report.ClientReport{}
	for _, each := range all {
		histories = append(histories, each.Report())
	}
	written, err := report.NewTestReport(zap.NewNop(), r.out, nil, &report.TrafficDetail{ExpectUniqueRevision: true})
	if err != nil {
		return err
	}
	written.SetClientReports(histories)
	if err := written.SaveEtcdData(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(recorded{seen.acknowledged.Load(), seen.failed.Load(), seen.longest.Seconds(), answered == nil})
}

// ask is one client: reads, writes, deletes, and writes that hold only if nobody was faster.
func ask(ctx context.Context, c *client.RecordingClient, ids identity.Provider, seen *seen, pause time.Duration, chance *rand.Rand) {
	known := map[string]int64{}
	for ctx.Err() == nil {
		name := key(chance.Intn(keys))
		limited, cancel := context.WithTimeout(context.Background(), answerTimeout)
		var err error
		switch dice := chance.Intn(20); {
		case dice < 8:
			var answer *clientv3.GetResponse
			if answer, err = c.Get(limited, name); err == nil {
				known[name] = 0
				for _, each := range answer.Kvs {
					known[name] = each.ModRevision
				}
			}
		case dice < 14:
			_, err = c.Put(limited, name, value(ids))
		case dice < 18:
			_, err = c.Txn(limited).If(clientv3.Compare(clientv3.ModRevision(name), "=", known[name])).
				Then(clientv3.OpPut(name, value(ids))).Else(clientv3.OpGet(name)).Commit()
		default:
			_, err = c.Delete(limited, name)
		}
		cancel()
		rest := pause
		if err != nil {
			seen.failed.Add(1)
			rest = backOff
		} else {
			seen.answered()
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
}

// watch sees every event once, and goes on behind the last whenever its stream ends.
func watch(ctx context.Context, c *client.RecordingClient) {
	next := int64(1)
	for ctx.Err() == nil {
		limited, cancel := context.WithCancel(ctx)
		for answer := range c.Watch(limited, "key", next, true, false, false) {
			for _, event := range answer.Events {
				next = event.Kv.ModRevision + 1
			}
			if answer.Err() != nil {
				break
			}
		}
		cancel()
		select {
		case <-ctx.Done():
		case <-time.After(backOff):
		}
	}
}

func untilAnswered(ask func(context.Context) error) error {
	deadline := time.Now().Add(lastAnswerTime)
	for {
		limited, cancel := context.WithTimeout(context.Background(), answerTimeout)
		err := ask(limited)
		cancel()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(backOff)
	}
}

type seen struct {
	acknowledged, failed atomic.Int64
	mutex                sync.Mutex
	last                 time.Time
	longest              time.Duration
}

func (s *seen) answered() {
	s.acknowledged.Add(1)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := time.Now()
	s.longest, s.last = max(s.longest, now.Sub(s.last)), now
}

func key(number int) string { return fmt.Sprintf("key%d", number) }

// value is another for each write, by which the judge tells them apart.
func value(ids identity.Provider) string { return fmt.Sprint(ids.NewRequestID()) }
