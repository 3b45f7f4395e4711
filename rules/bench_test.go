package rules_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
	"ascribe.example/rules"
)

// twoHundred are the shipped rules and more of their like: other places, other programs, other users.
func twoHundred(b *testing.B) *rules.Set {
	var s rules.Set
	if err := s.LoadShipped(); err != nil {
		b.Fatal(err)
	}
	var t strings.Builder
	t.WriteString("rules:\n")
	for i := len(s.Rules()); i < 200; i++ {
		when := []string{
			`action in ["create", "save", "write"] && path.glob("/Users/*/Projects/p%d/**") && initiator.class == "agent"`,
			`action in ["copy", "move"] && object.volume.kind == "network" && object.volume.mount == "/Volumes/Share%d"`,
			`action in ["create", "write", "save", "rename"] && path.under("/Library/Tool%d")`,
			`action == "delete" && responsible.signing_id == "com.example.tool%d"`,
			`action in ["rename", "move"] && initiator.is("user%d") && items_total > 10`,
			`path.under("/Users/Shared/s%d") && certainty.actor >= likely`,
			`initiator.class == "remote" && path.glob("/Users/*/Documents/d%d/*.pdf")`,
			`action == "download" && path.ext() in ["dmg", "pkg"] && actor.signing_id != "com.example.browser%d"`,
		}[i%8]
		fmt.Fprintf(&t, "  - {name: r%d, severity: low, when: '%s', message: '{path}'}\n", i, fmt.Sprintf(when, i))
	}
	if err := s.Load("more.yaml", []byte(t.String())); err != nil {
		b.Fatal(err)
	}
	if n := len(s.Rules()); n != 200 {
		b.Fatalf("%d rules", n)
	}
	return &s
}

// A day of a Mac, with others' messages between its own as real recordings have them.
func messages(b *testing.B) []*es.Message {
	text, err := os.ReadFile("../internal/scenario/testdata/day.txt")
	if err != nil {
		b.Fatal(err)
	}
	s, err := scenario.Parse("day.txt", string(text))
	if err != nil {
		b.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{Noise: scenario.Noise{Ratio: 3, Seed: 1}})
	if err != nil {
		b.Fatal(err)
	}
	return r.Messages
}

// cpu is the time that this process had a processor: what else the machine does tells little of it.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What 200 rules cost beside the engine: both over the same messages, in turn. The budget is a tenth.
func BenchmarkTwoHundredRules(b *testing.B) {
	s, all := twoHundred(b), messages(b)
	var inference, marking time.Duration
	findings := 0
	for b.Loop() {
		var out []*finding.Finding
		began := cpu(b)
		e := engine.New(engine.Options{}, func(f *finding.Finding) { out = append(out, f) })
		for _, m := range all {
			e.Add(m)
		}
		e.Drain()
		inference += cpu(b) - began
		began = cpu(b)
		for _, f := range out {
			s.Mark(f)
		}
		marking += cpu(b) - began
		findings += len(out)
	}
	b.ReportMetric(float64(inference.Nanoseconds())/float64(b.N*len(all)), "engine-ns/message")
	b.ReportMetric(float64(marking.Nanoseconds())/float64(findings), "rules-ns/finding")
	b.ReportMetric(100*float64(marking)/float64(inference), "rules-%-of-engine")
	b.ReportMetric(float64(len(all))/float64(findings/b.N), "messages/finding")
}
