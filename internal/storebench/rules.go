package main

import (
	"fmt"
	"strings"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/finding"
	"ascribe.example/internal/bench/mix"
	"ascribe.example/rules"
)

// twoHundred are the shipped rules and more of their like: other places, other programs, other users.
func twoHundred() (*rules.Set, error) {
	var s rules.Set
	if err := s.LoadShipped(); err != nil {
		return nil, err
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
	return &s, s.Load("more.yaml", []byte(t.String()))
}

// rulesBesideEngine is what 200 rules cost beside the engine: both over the messages of the mix edr, in turn, by processor
// time, so that what else the machine does tells little of it.
func rulesBesideEngine() (string, error) {
	const messages, turn = 1_000_000, 20_000
	set, err := twoHundred()
	if err != nil {
		return "", err
	}
	m, err := mix.New("edr", 0, 1)
	if err != nil {
		return "", err
	}
	var (
		out       []*finding.Finding
		findings  int
		inference float64
		marking   float64
		line      []byte
		message   es.Message
	)
	e, d := engine.New(engine.Options{}, func(f *finding.Finding) { out = append(out, f) }), eslogger.NewDecoder()
	lines := make([][]byte, turn)
	for done := 0; done < messages; done += turn {
		for i := range lines {
			line = m.Append(line[:0])
			lines[i] = append(lines[i][:0], line...)
		}
		begun := ownTime()
		for _, l := range lines {
			if err := d.Decode(l, &message); err != nil {
				return "", err
			}
		}
		decoded := ownTime()
		for _, l := range lines {
			if err := d.Decode(l, &message); err != nil {
				return "", err
			}
			e.Add(&message)
		}
		inference += ownTime() - decoded - (decoded - begun)
		begun = ownTime()
		for _, f := range out {
			set.Mark(f)
		}
		marking += ownTime() - begun
		findings += len(out)
		out = out[:0]
	}
	return fmt.Sprintf("\n### Rules\n\n200 rules, the shipped ones and their like, asked about the findings of %d messages of the mix `edr`: %.1f %% of the processor time that\n"+
		"the engine took for these messages, without decoding; %.1f µs a finding, of which there were %d, or %.2f µs a message beside the engine's %.2f.\n",
		messages, 100*marking/inference, 1e6*marking/float64(findings), findings, 1e6*marking/messages, 1e6*inference/messages), nil
}
