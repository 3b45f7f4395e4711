package text_test

import (
	"unicode"

	"ascribe.example/finding"
)

func isMark(r rune) bool { return unicode.In(r, unicode.Mn, unicode.Me) }

// The people and programs of the goldens.
var (
	alice = &finding.Initiator{Class: finding.ClassConsole, UID: 501, User: "alice", Session: &finding.Session{ASID: 100019, Type: finding.SessionConsole}}
	bob   = &finding.Initiator{Class: finding.ClassRemote, UID: 502, User: "bob", Session: &finding.Session{ASID: 100100, Type: finding.SessionSSH, RemoteAddress: "203.0.113.7"}}
	agent = &finding.Initiator{Class: finding.ClassAgent, UID: 501, User: "alice", Agent: &finding.Agent{Name: "Claude Code", PID: 900, PIDVersion: 3000}}
	macOS = &finding.Initiator{Class: finding.ClassSystem, UID: 0}

	xpcproxy = finding.Process{PID: 700, PIDVersion: 101, Path: "/usr/libexec/xpcproxy", Platform: true, HasToken: true}
	helper   = finding.Process{
		PID: 700, PIDVersion: 102, Platform: true, HasToken: true, AUID: 501, ASID: 100019, SigningID: "com.apple.DesktopServicesHelper",
		Path:    "/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper",
		Service: "com.apple.DesktopServicesHelper", Parent: finding.ProcessRef{PID: 1, PIDVersion: 7}, StartTime: at(-10),
	}
	finder   = finding.Responsible{Process: program(400, 80, "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder"), App: "Finder", Basis: finding.BasisToken, Status: finding.StatusLive}
	terminal = finding.Responsible{Process: program(500, 90, "/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal"), App: "Terminal", Basis: finding.BasisToken, Status: finding.StatusLive}
	zsh      = program(510, 95, "/bin/zsh")
	textedit = program(520, 99, "/System/Applications/TextEdit.app/Contents/MacOS/TextEdit")
)

func program(pid int32, version uint32, path string) finding.Process {
	return finding.Process{PID: pid, PIDVersion: version, Path: path, Platform: true, HasToken: true, AUID: 501, UID: 501, EUID: 501, ASID: 100019}
}

func external() *finding.Volume {
	return &finding.Volume{Mount: "/Volumes/USB", Kind: finding.VolumeExternal, FS: "exfat"}
}

// founding is the case that the project began with: the copy of a file to a USB stick, closed under the starter's name.
func founding() *finding.Finding {
	return &finding.Finding{
		Kind: finding.KindOperation, ID: finding.ID("", "1", "", 410, finding.KindOperation, finding.Copy, 0), Boot: "1",
		Time: at(0), EndTime: at(2), Action: finding.Copy, Method: finding.ByReadWrite,
		Path: "/Volumes/USB/plan.pdf", Object: &finding.Object{Type: finding.ObjectFile, Size: 90210, Volume: external()},
		SourcePath: "/Users/alice/plan.pdf",
		Source:     &finding.Object{Type: finding.ObjectFile, Size: 90210, Volume: &finding.Volume{Mount: "/", Kind: finding.VolumeInternal, FS: "apfs"}},
		ItemsTotal: 1, ReportedAs: []finding.Process{helper, xpcproxy}, Actor: &helper, Responsible: &finder, Initiator: alice,
		Participants: []finding.Participant{{Role: "closer", Process: xpcproxy}},
		Certainty:    finding.Levels{Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely},
		Evidence: []finding.Evidence{
			{For: finding.RoleAction, Rule: "read-one-wrote-the-other", Events: []uint64{411, 412}, Says: "DesktopServicesHelper read one file and wrote another of the same name and size"},
			{For: finding.RoleActor, Rule: "wrote-the-file", Events: []uint64{412, 413}, Says: "DesktopServicesHelper was seen to write the file; the close by xpcproxy came when the process ended and says only who let go of it"},
			{For: finding.RoleResponsible, Rule: "live-token", Events: []uint64{410}, Says: "the responsible token named Finder, which was running"},
			{For: finding.RoleInitiator, Rule: "user-of-the-app", Events: []uint64{410}, Says: "Finder runs as alice, in the login session at the console"},
		},
		Alternatives: []finding.Alternative{{
			For: finding.RoleInitiator, Certainty: finding.Possible, Rule: "screen-shared",
			Initiator: &finding.Initiator{Class: finding.ClassRemote, UID: 501, User: "alice", Session: &finding.Session{Type: finding.SessionScreenSharing}},
			Says:      "remote input looks like local input",
		}},
		Events: []finding.Range{{410, 413}, {420, 420}}, EventsTotal: 5,
	}
}

func operation(second int64, action finding.Action, path string, actor finding.Process, r finding.Responsible, in *finding.Initiator, l finding.Levels) *finding.Finding {
	return &finding.Finding{
		Kind: finding.KindOperation, ID: finding.ID("", "1", "", uint64(second), finding.KindOperation, action, 0), Boot: "1",
		Time: at(second), EndTime: at(second), Action: action, Path: path, ItemsTotal: 1,
		ReportedAs: []finding.Process{actor}, Actor: &actor, Responsible: &r, Initiator: in, Certainty: l,
	}
}

// day is a bit of everything.
func day() []*finding.Finding {
	sure := finding.Levels{Action: finding.Certain, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely}
	spotlight := program(88, 60, "/System/Library/Frameworks/CoreServices.framework/Support/mds")
	self := func(p finding.Process, app string) finding.Responsible {
		return finding.Responsible{Process: p, App: app, Basis: finding.BasisOwn, Status: finding.StatusLive}
	}
	index := operation(1, finding.Write, "/.Spotlight-V100/index.db", spotlight, self(spotlight, ""), macOS, sure)
	index2 := operation(2, finding.Write, "/.Spotlight-V100/index.db", spotlight, self(spotlight, ""), macOS, sure)

	renamed := operation(5, finding.Rename, "/Users/alice/final.txt", textedit, self(textedit, "TextEdit"), alice, sure)
	renamed.SourcePath = "/Users/alice/draft.txt"
	saved := operation(8, finding.Save, "/Users/alice/final.txt", textedit, self(textedit, "TextEdit"), alice, sure)
	saved.Method = finding.ByReplace

	batch := operation(20, finding.Copy, "/Volumes/USB/photos", helper, finder, alice, finding.Levels{Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Likely, Initiator: finding.Likely})
	batch.SourcePath, batch.ItemsTotal = "/Users/alice/Pictures/photos", 1214
	batch.Object = &finding.Object{Type: finding.ObjectDirectory, Size: -1, Volume: external()}
	batch.Source = &finding.Object{Type: finding.ObjectDirectory, Size: -1}
	for _, n := range []string{"IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg", "IMG_0004.jpg"} {
		batch.Items = append(batch.Items, finding.Item{Path: batch.Path + "/" + n, SourcePath: batch.SourcePath + "/" + n})
	}

	claude := program(900, 3000, "/opt/claude/claude")
	edited := operation(31, finding.Save, "/Users/alice/src/main.go", claude, terminal, agent, sure)
	checkout := operation(33, finding.Create, "/Users/alice/src", program(950, 3100, "/usr/bin/git"), terminal, agent, sure)
	checkout.ItemsTotal = 5
	for i, a := range []finding.Action{"", finding.Save, finding.Delete, "", finding.Save} {
		checkout.Items = append(checkout.Items, finding.Item{Path: "/Users/alice/src/" + string(rune('a'+i)) + ".go", Action: a})
	}

	removed := operation(40, finding.Delete, "/srv/old/report.csv", program(980, 3200, "/bin/rm"), self(program(970, 3190, "/usr/libexec/sshd-keygen-wrapper"), ""), bob, sure)
	removed.Caveats = []finding.Caveat{finding.CaveatGapBefore, finding.CaveatInferredParent}
	over := operation(44, finding.Move, "/srv/data/now.csv", program(981, 3201, "/bin/mv"), self(program(970, 3190, "/usr/libexec/sshd-keygen-wrapper"), ""), bob, sure)
	over.SourcePath, over.Replaced = "/srv/in/now.csv", &finding.Object{Type: finding.ObjectFile, Size: 1_240_000}

	doubt := operation(50, finding.Create, "/Users/alice/Desktop/note.txt", zsh, terminal, alice, finding.Levels{Action: finding.Likely, Actor: finding.Possible, Responsible: finding.Likely, Initiator: finding.Possible})
	doubt.Evidence = []finding.Evidence{
		{For: finding.RoleActor, Rule: "several-wrote", Says: "zsh and python3 both wrote the file; zsh wrote more"},
		{For: finding.RoleInitiator, Rule: "agent-is-the-app", Says: "The terminal holds an AI agent and is also what alice types in."},
	}
	other := program(990, 3300, "/usr/bin/python3")
	other.Script = "/Users/alice/bin/sync.py"
	doubt.Alternatives = []finding.Alternative{
		{For: finding.RoleActor, Process: &other, Certainty: finding.Possible},
		{For: finding.RoleInitiator, Initiator: agent, Certainty: finding.Possible},
	}

	gap := &finding.Finding{Kind: finding.KindGap, ID: finding.ID("", "1", "", 55, finding.KindGap, "", 0), Time: at(55), Gap: &finding.Gap{From: at(54), To: at(55) + 250e6, Missing: 37, Why: "lost"}}
	started := &finding.Finding{
		Kind: finding.KindProcess, ID: finding.ID("", "1", "", 60, finding.KindProcess, "", 0), Time: at(60),
		Execution: &finding.Execution{Process: helper, Origin: "exec", Parent: &finding.Process{PID: 1, PIDVersion: 7, Path: "/sbin/launchd", HasToken: true}, Responsible: &finder},
	}
	nobody := operation(86461, finding.Trash, "/Users/alice/.Trash/plan.pdf", unset(finding.Process{PID: 77}), finder, alice, finding.Levels{Action: finding.Certain})
	nobody.SourcePath, nobody.Actor, nobody.Responsible = "/Users/alice/plan.pdf", nil, nil
	return []*finding.Finding{index, index2, founding(), renamed, saved, batch, edited, checkout, removed, over, doubt, gap, started, nobody}
}

// closeOnly is the asker's own recording: closes, and nothing else.
func closeOnly() []*finding.Finding {
	var fs []*finding.Finding
	for i, path := range []string{"/Volumes/USB/plan.pdf", "/Volumes/USB/plan.pdf", "/Volumes/USB/plan.pdf", "/dev/null"} {
		fs = append(fs, &finding.Finding{
			Kind: finding.KindEvent, ID: finding.ID("", "1", "", uint64(i), finding.KindEvent, "", 0), Time: at(int64(i)), EndTime: at(int64(i)),
			Event: "close", Seq: uint64(i), Path: path, Object: &finding.Object{Type: finding.ObjectFile, Size: -1, Volume: external()},
			Reported: &xpcproxy, Actor: &helper, Responsible: &finder, Initiator: alice,
			Certainty: finding.Levels{Actor: finding.Possible, Responsible: finding.Possible, Initiator: finding.Possible},
			Evidence:  []finding.Evidence{{For: finding.RoleActor, Rule: "successor-of-starter", Says: "xpcproxy only starts other programs; this process became DesktopServicesHelper"}},
			Caveats:   []finding.Caveat{finding.CaveatUnsubscribed},
		})
	}
	return fs
}

// hostile names try to steer the terminal.
func hostile() []*finding.Finding {
	evil := program(666, 666, "/tmp/\x1b]0;pwned\x07\x1b[2J\u202egpj.exe")
	f := operation(0, finding.Copy, "/tmp/"+"a\nb\r\x1b[31m"+"/very/long/path/that/no/line/can/hold/because/it/goes/on/and/on/and/on.txt", evil, finder,
		&finding.Initiator{Class: finding.ClassRemote, User: "mal\x1b[1mlory", UID: 666, Session: &finding.Session{RemoteAddress: "\u009b2J"}}, finding.Levels{})
	f.SourcePath = "/tmp/図図図図図図図図図図図図図図図図図図図図図図図図図図図図図図/é"
	f.Host = "mac\x00host"
	return []*finding.Finding{f}
}
