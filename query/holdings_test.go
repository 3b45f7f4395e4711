package query_test

import (
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
)

func verdicts(h *query.Holdings) string {
	var b strings.Builder
	for _, a := range query.Judge(h) {
		b.WriteByte("-~+"[a.Verdict])
		if (a.Verdict == query.Can) != (a.Why == "") {
			b.WriteByte('!')
		}
	}
	return b.String()
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		h    query.Holdings
		want string
	}{
		"nothing":         {query.Holdings{}, "-----------"},
		"everything":      {query.Holdings{Recorded: es.AllKinds(), Version: 11}, "+++++++++++"},
		"with loss":       {query.Holdings{Recorded: es.AllKinds(), Version: 11, Missing: 3}, "~~~~~~~~~~~"},
		"close alone":     {query.Holdings{Recorded: es.NewKinds(es.KindClose), Version: 8}, "--~---~~---"},
		"close and exec":  {query.Holdings{Recorded: es.NewKinds(es.KindClose, es.KindExec), Version: 8}, "--~--~~~--~"},
		"volumes by list": {query.Holdings{Recorded: es.NewKinds(es.KindRename), Snapshot: 300}, "+--" + "-~-~~-+-"},
	} {
		if got := verdicts(&c.h); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
			for _, a := range query.Judge(&c.h) {
				t.Logf("%d %s: %s", a.Verdict, a.Question, a.Why)
			}
		}
	}
}

// The command names what that Mac's eslogger knows, and leaves nothing to be wished for.
func TestCommand(t *testing.T) {
	for version, want := range map[int]struct{ has, lacks string }{
		0:  {" close ", "xpc_connect"},
		6:  {" openssh_login ", "xpc_connect"},
		8:  {" xpc_connect ", "bootstrap_look_up"},
		11: {" bootstrap_look_up ", " other "},
	} {
		cmd := query.Command(version)
		if !strings.HasPrefix(cmd, "sudo eslogger fork exec exit ") || !strings.HasSuffix(cmd, " > recording.jsonl") ||
			!strings.Contains(cmd, want.has) || strings.Contains(cmd, want.lacks) {
			t.Errorf("version %d: %s", version, cmd)
		}
		var all es.Kinds
		for _, w := range strings.Fields(cmd) {
			if k := es.KindOf(w); k != es.KindOther {
				all.Add(k)
			}
		}
		h := &query.Holdings{Recorded: all, Version: version}
		if l := query.Lacks(h); l != nil {
			t.Errorf("version %d: what the command records still lacks %v", version, l)
		}
		if got := verdicts(h); strings.Trim(got, "+") != "" {
			t.Errorf("version %d: what the command records cannot answer everything: %s", version, got)
		}
	}
	if l := query.Lacks(&query.Holdings{}); len(l) < 30 {
		t.Errorf("an empty recording lacks only %v", l)
	}
}

func TestSettle(t *testing.T) {
	f := &finding.Finding{
		Certainty: finding.Levels{Actor: finding.Certain, Responsible: finding.Likely, Initiator: finding.Possible},
		Evidence: []finding.Evidence{
			{For: finding.RoleActor, Rule: "closed-the-file"},
			{For: finding.RoleResponsible, Rule: "unseen-token"},
			{For: finding.RoleInitiator, Rule: "user-of-the-app"},
		},
		Alternatives: []finding.Alternative{{For: finding.RoleInitiator, Rule: "screen-shared"}},
		Caveats:      []finding.Caveat{finding.CaveatLateStart},
	}
	for role, want := range map[finding.Role]int{
		finding.RoleActor: 0, finding.RoleResponsible: 1, finding.RoleInitiator: 3, finding.RoleAction: 1,
	} {
		if got := query.Settle(f, role); len(got) != want {
			t.Errorf("%s: %q", role, got)
		}
	}
	for _, role := range finding.Roles[1:] {
		if got := query.Settle(&finding.Finding{}, role); len(got) != 1 {
			t.Errorf("an unknown %s: %q", role, got)
		}
	}
}
