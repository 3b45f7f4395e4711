package engine_test

import (
	"testing"

	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// TestLostAgentLeavesNobodyLikely loses every run of messages in turn: where what stands between the terminal and the tool
// was lost, an agent could stand there, and no person is likely.
func TestLostAgentLeavesNobodyLikely(t *testing.T) {
	hidden := 0
	for _, program := range []string{"claude", "gemini"} {
		s, err := scenario.Parse("lost "+program, "user alice 501 console\napp Terminal com.apple.Terminal of alice\n"+
			"shell zsh in Terminal\nagent agent "+program+" in zsh\nshell sub in agent\nsub starts /usr/bin/touch as tool\n"+
			"wait 3s\ntool makes file /Users/alice/by-agent.txt 3k\n")
		if err != nil {
			t.Fatal(err)
		}
		n := len(build(t, s, scenario.Options{}).Messages)
		for from := 0; from < n; from++ {
			for many := 1; many <= 12; many += 1 + min(stride, 6) {
				o := scenario.Options{}
				for i := range many {
					o.Loss.Seqs = append(o.Loss.Seqs, uint64(from+i))
				}
				for _, f := range sound(t, s.Name, build(t, s, o)) {
					if f.Kind != finding.KindOperation || f.Path != "/Users/alice/by-agent.txt" || f.Initiator == nil ||
						f.Initiator.Class == finding.ClassAgent {
						continue
					}
					hidden++
					if f.Certainty.Initiator > finding.Possible {
						t.Errorf("%s, %d lost from %d: %s is %s", s.Name, many, from, f.Initiator.Class, f.Certainty.Initiator)
					}
				}
			}
		}
	}
	if hidden == 0 {
		t.Error("no loss hid the agent: nothing was tested")
	}
}
