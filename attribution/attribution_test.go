package attribution_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ascribe.example/attribution"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// TestExitedToken: a token may name a process that is already gone; it says who it was for, and is no more than likely.
func TestExitedToken(t *testing.T) {
	h := newHost()
	term := h.app("Terminal", 501, "com.apple.Terminal", "")
	zsh := h.child(term, "/bin/zsh", "com.apple.zsh", "")
	h.tell(term, &es.Exit{})
	f := h.attribute(h.wrote(zsh))
	if !hasRule(f, attribution.ExitedToken) || f.Certainty.Responsible != finding.Likely || f.Responsible.Status != finding.StatusExited {
		t.Errorf("responsible %+v, %v, by %+v", f.Responsible, f.Certainty.Responsible, f.Evidence)
	}
	if f.Responsible == nil || f.Responsible.PID != term.AuditToken.PID {
		t.Errorf("responsible %+v, want the terminal", f.Responsible)
	}
}

// TestWhatLowersTheWriter: each thing that could have hidden another writer takes certainty from the one that was seen.
func TestWhatLowersTheWriter(t *testing.T) {
	for name, lower := range map[string]func(*attribution.Case){
		"gap":    func(c *attribution.Case) { c.Gap = true },
		"late":   func(c *attribution.Case) { c.Late = true },
		"mapped": func(c *attribution.Case) { c.Mapped = true },
	} {
		h := newHost()
		c := h.wrote(h.app("TextEdit", 501, "com.apple.TextEdit", ""))
		if f := h.attribute(c); f.Certainty.Actor != finding.Certain {
			t.Fatalf("actor %v of a write that was seen, want certain", f.Certainty.Actor)
		}
		lower(c)
		f := h.attribute(c)
		if f.Certainty.Actor != finding.Likely || f.Certainty.Responsible > finding.Likely || f.Certainty.Initiator > finding.Likely {
			t.Errorf("%s: levels %+v, want none above likely", name, f.Certainty)
		}
	}
}

// TestSeveralWriters: of two writers the one that wrote more is possible and the other an alternative, unless both are
// parts of one tool, whose root is likely then.
func TestSeveralWriters(t *testing.T) {
	h := newHost()
	term := h.app("Terminal", 501, "com.apple.Terminal", "")
	mv := h.child(term, "/bin/mv", "com.apple.mv", "")
	one, two := h.child(mv, "/bin/cp", "com.apple.cp", ""), h.child(mv, "/bin/cp", "com.apple.cp", "")
	c := h.wrote(one, two, two)
	f := h.attribute(c)
	if f.Actor.PID != two.AuditToken.PID || f.Certainty.Actor != finding.Possible || len(f.Alternatives) == 0 {
		t.Errorf("actor %+v %v, %d alternatives", f.Actor, f.Certainty.Actor, len(f.Alternatives))
	}
	c.Root = h.ref(mv)
	f = h.attribute(c)
	if f.Actor.PID != mv.AuditToken.PID || f.Certainty.Actor != finding.Likely || !hasRule(f, attribution.BeganAllParts) {
		t.Errorf("actor %+v %v, want mv, likely", f.Actor, f.Certainty.Actor)
	}
	if len(f.Participants) < 2 {
		t.Errorf("participants %+v, want both that wrote", f.Participants)
	}
}

// TestInjection: what a victim does after another program could have acted in it is no more than likely; a task port taken
// by a part of macOS that is no debugger says nothing.
func TestInjection(t *testing.T) {
	for _, c := range []struct {
		id, team string
		ev       func(*es.Process) es.Event
		injected bool
	}{
		{"com.example.tool", "ABCDE12345", func(p *es.Process) es.Event { return &es.GetTask{Which: es.KindGetTask, Target: *p} }, true},
		{"com.apple.sysmond", "", func(p *es.Process) es.Event { return &es.GetTask{Which: es.KindGetTask, Target: *p} }, false},
		{"com.apple.debugserver", "", func(p *es.Process) es.Event { return &es.GetTask{Which: es.KindGetTask, Target: *p} }, true},
		{"com.apple.sysmond", "", func(p *es.Process) es.Event { return &es.Trace{Target: *p} }, true},
		{"com.apple.sysmond", "", func(p *es.Process) es.Event { return &es.RemoteThreadCreate{Target: *p} }, true},
		{"com.example.tool", "ABCDE12345", func(p *es.Process) es.Event { return &es.GetTask{Which: es.KindGetTaskName, Target: *p} }, false},
	} {
		h := newHost()
		victim := h.app("TextEdit", 501, "com.apple.TextEdit", "")
		by := h.child(&h.launchd, "/usr/libexec/by", c.id, c.team)
		before := h.wrote(victim)
		h.tell(by, c.ev(victim))
		after := h.wrote(victim)
		if f := h.attribute(before); hasCaveat(f, finding.CaveatInjected) {
			t.Errorf("%+v: told of what came before", c)
		}
		f := h.attribute(after)
		if hasCaveat(f, finding.CaveatInjected) != c.injected {
			t.Errorf("%+v: caveats %v", c, f.Caveats)
		}
		if c.injected && f.Certainty.Responsible > finding.Likely {
			t.Errorf("%+v: responsible %v", c, f.Certainty.Responsible)
		}
	}
}

func hasCaveat(f *finding.Finding, c finding.Caveat) bool {
	for _, have := range f.Caveats {
		if have == c {
			return true
		}
	}
	return false
}

// TestUsers: whom the users of a token name.
func TestUsers(t *testing.T) {
	const nobody = es.Unset - 1
	for _, c := range []struct {
		auid, ruid, euid uint32
		uid              uint32 // of the initiator
		person           bool
	}{
		{501, 501, 501, 501, true},
		{501, 0, 0, 501, true},          // sudo
		{501, 502, 502, 501, true},      // su
		{es.Unset, 502, 502, 502, true}, // cron's job
		{es.Unset, 0, 502, 502, true},
		{es.Unset, 0, 0, 0, false},
		{es.Unset, nobody, nobody, nobody, false},
		{es.Unset, 88, 88, 88, false},
	} {
		h := newHost()
		app := h.child(&h.launchd, "/Applications/Notes.app/Contents/MacOS/Notes", "com.example.notes", "ABCDE12345")
		app.AuditToken.AUID, app.AuditToken.RUID, app.AuditToken.EUID = c.auid, c.ruid, c.euid
		app.ResponsibleAuditToken = app.AuditToken
		f := h.attribute(h.wrote(app))
		if f.Initiator.UID != c.uid || (f.Initiator.Class == finding.ClassConsole) != c.person {
			t.Errorf("token %d %d %d: initiator %s %d, want %d, person %v", c.auid, c.ruid, c.euid, f.Initiator.Class, f.Initiator.UID, c.uid, c.person)
		}
		if !c.person && f.Certainty.Initiator > finding.Unknown && f.Initiator.Class == finding.ClassUnknown {
			t.Errorf("token %d %d %d: %v though nobody is named", c.auid, c.ruid, c.euid, f.Certainty.Initiator)
		}
	}
}

// TestFetchedFor: who is named as having asked for a file answers for it; a stale or own name counts for nothing.
func TestFetchedFor(t *testing.T) {
	h := newHost()
	app := h.app("TextEdit", 501, "com.apple.TextEdit", "")
	fp := h.child(&h.launchd, "/usr/libexec/fileproviderd", "com.apple.FileProvider", "")
	fp.AuditToken.AUID, fp.AuditToken.ASID = 501, 100001
	for by, want := range map[lineage.Ref]int32{
		h.ref(app): app.AuditToken.PID, h.ref(fp): fp.AuditToken.PID, 0: fp.AuditToken.PID, 9999: fp.AuditToken.PID,
	} {
		c := h.wrote(fp)
		c.Asker = by
		f := h.attribute(c)
		if f.Responsible == nil || f.Responsible.PID != want || f.Certainty.Responsible > finding.Likely {
			t.Errorf("asked by %d: responsible %+v %v", by, f.Responsible, f.Certainty.Responsible)
		}
	}
}

// TestWhoConnectedAfterHasNotAsked: a client that connects while the act goes on is no candidate, and of two the one that
// connected well after the other is possible.
func TestWhoConnectedAfterHasNotAsked(t *testing.T) {
	const service = "com.apple.DesktopServicesHelper"
	h := newHost()
	one, two := h.app("One", 501, "com.example.one", "ABCDE12345"), h.app("Two", 501, "com.example.two", "ABCDE12345")
	dsh := h.child(&h.launchd, "/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper", service, "")
	h.tell(dsh, &es.BootstrapCheckIn{Instigator: dsh, ServiceName: service})
	h.tell(one, &es.XPCConnect{ServiceName: service})
	c := h.wrote(dsh)
	h.tell(two, &es.XPCConnect{ServiceName: service})
	late := h.tell(dsh, &es.Write{Target: es.File{Path: "/Users/alice/f"}})
	c.Add(h.ref(dsh), attribution.DidWrite, late)
	f := h.attribute(c)
	if f.Responsible == nil || f.Responsible.PID != one.AuditToken.PID || f.Certainty.Responsible != finding.Likely {
		t.Errorf("responsible %+v %v, want who connected before, likely", f.Responsible, f.Certainty.Responsible)
	}
	// Just after each other nothing tells them apart.
	f = h.attribute(h.wrote(dsh))
	if f.Responsible != nil || f.Certainty.Responsible != finding.Unknown {
		t.Errorf("responsible %+v %v, want none", f.Responsible, f.Certainty.Responsible)
	}
	h.clock += 5 * time.Second
	h.tell(two, &es.XPCConnect{ServiceName: service})
	f = h.attribute(h.wrote(dsh))
	if f.Responsible == nil || f.Responsible.PID != two.AuditToken.PID || f.Certainty.Responsible != finding.Possible {
		t.Errorf("responsible %+v %v, want the newest, possible", f.Responsible, f.Certainty.Responsible)
	}
}

// TestNothingKnown: a case of executions that nobody knows gives no names and no levels.
func TestNothingKnown(t *testing.T) {
	h := newHost()
	c := attribution.NewCase()
	c.Add(77, attribution.DidWrite, es.Moment{Clock: 1})
	c.AddName(77, "/bin/x", attribution.DidWrite)
	f := h.attribute(&c)
	if f.Responsible != nil || f.Certainty.Responsible != finding.Unknown || f.Certainty.Initiator != finding.Unknown {
		t.Errorf("%+v %+v", f.Responsible, f.Certainty)
	}
	empty := attribution.NewCase()
	if f := h.attribute(&empty); f.Actor != nil || f.Certainty != (finding.Levels{}) {
		t.Errorf("an empty case has actor %+v, %+v", f.Actor, f.Certainty)
	}
}

// TestAnyCase: whatever a case says, nothing panics, no answer is above its best rule, and nobody is known better than
// the actor.
func TestAnyCase(t *testing.T) {
	highest := make(map[finding.Role]map[string]finding.Certainty)
	for _, r := range attribution.Rules {
		if highest[r.For] == nil {
			highest[r.For] = make(map[string]finding.Certainty)
		}
		highest[r.For][r.Name] = r.Highest
	}
	rapid.Check(t, func(t *rapid.T) {
		h := newHost()
		ps := []*es.Process{&h.launchd, h.app("Finder", 501, "com.apple.finder", ""), h.app("Terminal", 501, "com.apple.Terminal", "")}
		programs := [][3]string{
			{"/bin/zsh", "com.apple.zsh", ""},
			{"/usr/bin/sudo", "com.apple.sudo", ""},
			{"/Users/a/claude", "com.anthropic.claude-code", "Q6L2SF6YDW"},
			{"/usr/sbin/sshd", "com.apple.sshd", ""},
			{"/usr/sbin/cron", "com.apple.cron", ""},
			{"/usr/libexec/xpcproxy", "com.apple.xpc.proxy", ""},
			{"/x/DSH", "com.apple.DesktopServicesHelper", ""},
			{"/usr/sbin/smbd", "com.apple.smbd", ""},
			{"/bin/mv", "com.apple.mv", ""},
			{"/tmp/x", "", ""},
		}
		for range rapid.IntRange(0, 8).Draw(t, "children") {
			g := rapid.SampledFrom(programs).Draw(t, "program")
			ps = append(ps, h.child(rapid.SampledFrom(ps).Draw(t, "parent"), g[0], g[1], g[2]))
		}
		refs := rapid.Int32Range(0, int32(2*len(ps)+3))
		c := attribution.NewCase()
		for range rapid.IntRange(0, 40).Draw(t, "parts") {
			ref, did := lineage.Ref(refs.Draw(t, "by")), attribution.Did(rapid.Uint16().Draw(t, "did"))
			c.Add(ref, did, es.Moment{Seq: h.seq, Clock: h.clock + time.Duration(rapid.IntRange(-5, 5).Draw(t, "at"))})
			c.AddName(ref, rapid.SampledFrom([]string{"", "/usr/libexec/xpcproxy", "/bin/x"}).Draw(t, "name"), did)
		}
		c.Root, c.Asker = lineage.Ref(refs.Draw(t, "root")), lineage.Ref(refs.Draw(t, "asker"))
		c.Owner = rapid.SampledFrom([]uint32{es.Unset, 0, 501, 502}).Draw(t, "owner")
		c.Gap, c.Late, c.Mapped = rapid.Bool().Draw(t, "gap"), rapid.Bool().Draw(t, "late"), rapid.Bool().Draw(t, "mapped")
		if len(c.Parts) > attribution.MaxParts || len(c.Named) > attribution.MaxParts {
			t.Fatalf("%d parts, %d names", len(c.Parts), len(c.Named))
		}
		f := h.attribute(&c)
		for role, level := range map[finding.Role]finding.Certainty{
			finding.RoleActor: f.Certainty.Actor, finding.RoleResponsible: f.Certainty.Responsible, finding.RoleInitiator: f.Certainty.Initiator,
		} {
			best := finding.Unknown
			for i := range f.Evidence {
				if e := &f.Evidence[i]; e.For == role {
					best = max(best, highest[role][e.Rule])
				}
			}
			if level > best {
				t.Fatalf("%s is %v, its rules allow %v: %+v", role, level, best, f.Evidence)
			}
		}
		if f.Actor != nil && f.Certainty.Responsible > f.Certainty.Actor {
			t.Fatalf("responsible %v is surer than the actor %v", f.Certainty.Responsible, f.Certainty.Actor)
		}
		if r := f.Responsible; r != nil && r.PID == es.LaunchdPID {
			t.Fatal("launchd is named as responsible")
		}
	})
}

// TestMergedCases: a batch's case is its items' together, whatever their order.
func TestMergedCases(t *testing.T) {
	at := func(n int) es.Moment { return es.Moment{Seq: uint64(n), Clock: time.Duration(n)} }
	one, two := attribution.NewCase(), attribution.NewCase()
	one.Add(3, attribution.DidCreate, at(5))
	one.Add(3, attribution.DidWrite, at(6))
	two.Add(4, attribution.DidWrite, at(2))
	two.Add(3, attribution.DidWrite, at(9))
	two.Root, two.Asker, two.Owner, two.Gap = 8, 9, 501, true
	for _, order := range [][2]*attribution.Case{{&one, &two}, {&two, &one}} {
		c := attribution.NewCase()
		c.Merge(order[0])
		c.Merge(order[1])
		if c.From != at(2) || c.To != at(9) || c.Root != 8 || c.Asker != 9 || c.Owner != 501 || !c.Gap {
			t.Errorf("merged into %+v", c)
		}
		for _, p := range c.Parts {
			if p.By == 3 && (p.Writes != 2 || p.Did != attribution.DidCreate|attribution.DidWrite) {
				t.Errorf("part %+v, want both writes and the creation", p)
			}
		}
	}
}
