// Command collector is OpenTelemetry's own receiver of OTLP, as its collector runs it: it prints the address that it listens
// at, and then log.record.original of each log record that it takes, a line each, until standard input ends.
//
// It is a module of its own, so that its dependencies are nobody else's.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sync"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

func main() {
	ctx := context.Background()
	out := bufio.NewWriter(os.Stdout)
	var mu sync.Mutex
	sink, err := consumer.NewLogs(func(_ context.Context, logs plog.Logs) error {
		mu.Lock()
		defer mu.Unlock()
		for _, rl := range logs.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, l := range sl.LogRecords().All() {
					v, _ := l.Attributes().Get("log.record.original")
					fmt.Fprintln(out, v.Str())
				}
			}
		}
		return out.Flush()
	})
	check(err)
	// A free port: the receiver does not say which one it got.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	address := l.Addr().String()
	check(l.Close())
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	check(confmap.NewFromStringMap(map[string]any{
		"protocols": map[string]any{"http": map[string]any{"endpoint": address}},
	}).Unmarshal(config))
	settings := receivertest.NewNopSettings(factory.Type())
	receiver, err := factory.CreateLogs(ctx, settings, config, sink)
	check(err)
	check(receiver.Start(ctx, componenttest.NewNopHost()))
	fmt.Println("http://" + address)
	_, _ = io.Copy(io.Discard, os.Stdin)
	check(receiver.Shutdown(ctx))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
