package attribution_test

import (
	"fmt"
)

// An AI agent in a terminal's shell changes a file: the agent did it, for the user, and Terminal answers for it.
func Example() {
	h := newHost() // a tracker that is told of the processes, and an attributor over it
	terminal := h.app("Terminal", 501, "com.apple.Terminal", "")
	shell := h.child(terminal, "/bin/zsh", "com.apple.zsh", "")
	agent := h.child(shell, "/Users/alice/.local/bin/claude", "com.anthropic.claude-code", "Q6L2SF6YDW")

	f := h.attribute(h.wrote(agent))

	fmt.Println("actor", f.Actor.Path, f.Certainty.Actor)
	fmt.Println("responsible", f.Responsible.App, f.Certainty.Responsible)
	fmt.Println("initiator", f.Initiator.Class, f.Initiator.UID, f.Initiator.Agent.Name, f.Certainty.Initiator)
	for _, e := range f.Evidence {
		fmt.Printf("%s, %s: %s\n", e.For, e.Rule, e.Says)
	}
	// Output:
	// actor /Users/alice/.local/bin/claude certain
	// responsible Terminal certain
	// initiator agent 501 Claude Code likely
	// actor, wrote-the-file: claude wrote the file, once
	// responsible, live-token: the responsible token named Terminal, seen and running
	// initiator, agent-in-lineage: Claude Code did it itself
}
