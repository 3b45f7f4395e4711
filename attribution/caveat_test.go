package attribution_test

import (
	"strings"
	"testing"

	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// TestTruncatedPath: a path as long as ES carries may be longer in truth.
func TestTruncatedPath(t *testing.T) {
	h := newHost()
	c := h.wrote(h.app("TextEdit", 501, "com.apple.TextEdit", ""))
	for n, want := range map[int]bool{1000: false, 16 << 10: true} {
		f := &finding.Finding{Path: "/" + strings.Repeat("a", n-1)}
		h.attr.Attribute(c, f)
		if hasCaveat(f, finding.CaveatTruncatedPath) != want {
			t.Errorf("a path of %d bytes: caveats %v", n, f.Caveats)
		}
	}
}

// TestForgottenResponsible: a token that names what was forgotten to stay within memory says so, and not that the recording
// began late.
func TestForgottenResponsible(t *testing.T) {
	h := newHost()
	h.lineage = lineage.New(lineage.Limits{Live: 16, Past: 16})
	h.attr = attribution.New(h.lineage, catalog.Default())
	app := h.app("Notes", 501, "com.example.notes", "ABCDE12345")
	worker := h.child(&h.launchd, "/Applications/Notes.app/Contents/XPCServices/W.xpc/Contents/MacOS/W", "com.example.notes.W", "ABCDE12345")
	worker.ResponsibleAuditToken = app.AuditToken
	for range 200 {
		h.tell(h.child(&h.launchd, "/usr/libexec/other", "com.apple.other", ""), &es.Exit{})
	}
	for range 40 {
		h.child(&h.launchd, "/usr/libexec/other", "com.apple.other", "")
	}
	f := h.attribute(h.wrote(worker))
	if !hasCaveat(f, finding.CaveatEvicted) || hasCaveat(f, finding.CaveatLateStart) || f.Certainty.Responsible > finding.Likely {
		t.Errorf("responsible %v, caveats %v", f.Certainty.Responsible, f.Caveats)
	}
}
