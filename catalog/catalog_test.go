package catalog

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What real programs carry: flags of a valid signature, and of an ad hoc one.
const (
	validFlags = 0x22010301
	adhocFlags = 0x22000203
)

func apple(id, path string) Identity {
	return Identity{Path: path, SigningID: id, Platform: true, CSFlags: 0x26010301}
}

func maker(team, id, path string) Identity {
	return Identity{Path: path, SigningID: id, TeamID: team, CSFlags: validFlags}
}

func unsigned(id, path string, args ...string) Identity {
	return Identity{Path: path, SigningID: id, CSFlags: adhocFlags, Args: args}
}

const node, python = "/opt/homebrew/Cellar/node/25.1.0/bin/node", "/opt/homebrew/Cellar/python@3.13/3.13.1/bin/python3.13"

// known has at least one program of every class, and beside each a look-alike that must not be taken for it.
var known = []struct {
	class     Class
	name      string
	is, isNot Identity
}{
	{
		Starter, "xpcproxy", apple("com.apple.xpc.proxy", "/usr/libexec/xpcproxy"),
		unsigned("com.apple.xpc.proxy", "/tmp/.xpcproxy"), // malware has done so [R]
	},
	{Starter, "xpcproxy", apple("com.apple.xpc.proxy", "/usr/libexec/xpcproxy"), apple("com.apple.something", "/usr/libexec/xpcproxy")},
	{Starter, "xpcproxy", apple("com.apple.xpc.proxy", "/usr/libexec/xpcproxy"), apple("com.apple.xpc.proxy", "/private/tmp/xpcproxy")},
	{Starter, "Xcode tool shim", apple("com.apple.dt.xcode_select.tool-shim-public", "/usr/bin/git"), apple("com.apple.dt.xcode", "/usr/bin/git")},
	{Starter | Privilege, "sudo", apple("com.apple.sudo", "/usr/bin/sudo"), unsigned("com.apple.sudo", "/usr/local/libexec/sudo")},
	{
		Broker, "DesktopServicesHelper",
		apple("com.apple.DesktopServicesHelper", "/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper"),
		maker("ABCDE12345", "com.apple.DesktopServicesHelper", "/Library/PrivilegedHelperTools/DesktopServicesHelper"),
	},
	{FileManager, "Finder", apple("com.apple.finder", "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder"), unsigned("com.apple.finder", "/Applications/Finder.app/Contents/MacOS/Finder")},
	{Shell, "zsh", apple("com.apple.zsh", "/bin/zsh"), unsigned("com.apple.zsh", "/private/tmp/zsh")},
	{Shell, "fish", unsigned("fish-555549441a", "/opt/homebrew/Cellar/fish/4.1.2/bin/fish"), unsigned("fish", "/private/tmp/opt/homebrew/bin/fish")},
	{Interpreter, "Python", apple("com.apple.python3", "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9/Resources/Python.app/Contents/MacOS/Python"), unsigned("com.apple.python3", "/Users/alice/Python")},
	{Interpreter, "Node.js", maker("HX7739G8FX", "node", "/usr/local/bin/node"), maker("ABCDE12345", "node", "/usr/local/bin/node")},
	{Terminal, "Terminal", apple("com.apple.Terminal", "/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal"), unsigned("com.apple.Terminal", "/Applications/Terminal.app/Contents/MacOS/Terminal")},
	{Terminal | Editor, "Visual Studio Code", maker("UBF8T346G9", "com.microsoft.VSCode.helper", "/Applications/Visual Studio Code.app/Contents/Frameworks/Code Helper.app/Contents/MacOS/Code Helper"), maker("ABCDE12345", "com.microsoft.VSCode.helper", "/x")},
	{Multiplexer, "tmux", unsigned("tmux-555549447f", "/opt/homebrew/Cellar/tmux/3.5a/bin/tmux"), unsigned("tmux", "/Users/alice/Downloads/tmux")},
	{RemoteDaemon, "OpenSSH server", apple("com.apple.sshd", "/usr/sbin/sshd"), unsigned("com.apple.sshd", "/usr/sbin2/sshd")},
	{FileServer, "SMB server", apple("com.apple.smbd", "/usr/sbin/smbd"), unsigned("smbd", "/opt/samba/sbin/smbd")},
	{Scheduler, "cron", apple("com.apple.cron", "/usr/sbin/cron"), maker("ABCDE12345", "com.apple.cron", "/usr/local/sbin/cron")},
	{Sync, "iCloud Drive", apple("com.apple.bird", "/System/Library/PrivateFrameworks/CloudDocsDaemon.framework/Versions/A/Support/bird"), unsigned("com.apple.bird", "/private/tmp/bird")},
	{Sync, "Dropbox", maker("G7HH3F8CAK", "com.getdropbox.dropbox", "/Applications/Dropbox.app/Contents/MacOS/Dropbox"), maker("G7HH3F8CAX", "com.getdropbox.dropbox", "/Applications/Dropbox.app/Contents/MacOS/Dropbox")},
	{Receiver, "AirDrop and sharing", apple("com.apple.sharingd", "/usr/libexec/sharingd"), unsigned("sharingd", "/usr/local/libexec/sharingd")},
	{Browser, "Google Chrome", maker("EQHXZ8M8AV", "com.google.Chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"), unsigned("com.google.Chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")},
	{Browser | Helper, "Google Chrome's helpers", maker("EQHXZ8M8AV", "com.google.Chrome.helper.renderer", "/x"), maker("EQHXZ8M8AV", "com.google.ChromeRemote", "/x")},
	{Browser | Helper, "Safari's helpers", apple("com.apple.WebKit.Networking", "/x"), maker("ABCDE12345", "com.apple.WebKit.Networking", "/x")},
	{Downloader, "curl", apple("com.apple.curl", "/usr/bin/curl"), unsigned("curl", "/private/tmp/curl")},
	{Archiver, "Archive Utility", apple("com.apple.archiveutility", "/System/Library/CoreServices/Applications/Archive Utility.app/Contents/MacOS/Archive Utility"), unsigned("com.apple.archiveutility", "/Applications/Archive Utility.app/Contents/MacOS/Archive Utility")},
	{Archiver | CopyTool, "ditto", apple("com.apple.ditto", "/usr/bin/ditto"), unsigned("com.apple.ditto", "/private/tmp/ditto")},
	{Editor, "TextEdit", apple("com.apple.TextEdit", "/System/Applications/TextEdit.app/Contents/MacOS/TextEdit"), unsigned("com.apple.TextEdit", "/Applications/TextEdit.app/Contents/MacOS/TextEdit")},
	{Installer, "installd", apple("com.apple.installd", "/System/Library/PrivateFrameworks/PackageKit.framework/Versions/A/Resources/installd"), unsigned("installd", "/usr/local/bin/installd")},
	{VersionControl, "git", apple("com.apple.git", "/Applications/Xcode.app/Contents/Developer/usr/bin/git"), unsigned("com.apple.git", "/Users/alice/bin/git")},
	{VersionControl, "git", unsigned("git-55554944fbf65684", "/opt/homebrew/Cellar/git/2.51.0/bin/git"), maker("ABCDE12345", "git", "/opt/homebrew/Cellar/git/2.51.0/bin/git")},
	{PackageManager | Interpreter, "npm", unsigned("node", node, "node", "/opt/homebrew/lib/node_modules/npm/bin/npm-cli.js", "install"), unsigned("node", node, "node", "/x/server.js", "/opt/homebrew/lib/node_modules/npm/bin/npm-cli.js")},
	{PackageManager, "pip", unsigned("python3.13", python, "python3", "-um", "pip", "install", "x"), unsigned("python3.13", python, "python3", "-c", "import pip", "-m", "pip")},
	{CopyTool, "cp", apple("com.apple.cp", "/bin/cp"), unsigned("com.apple.cp", "/private/tmp/cp")},
	{Mover | CopyTool, "mv", apple("com.apple.mv", "/bin/mv"), unsigned("com.apple.mv", "/private/tmp/mv")},
	{Remover, "rm", apple("com.apple.rm", "/bin/rm"), unsigned("com.apple.rm", "/private/tmp/rm")},
	{Guest, "Docker Desktop", maker("9BNSXJN65R", "com.docker", "/Applications/Docker.app/Contents/MacOS/com.docker.backend"), unsigned("com.docker", "/Applications/Docker.app/Contents/MacOS/com.docker.backend")},
	{Backup, "Time Machine", apple("com.apple.backupd", "/System/Library/CoreServices/TimeMachine/backupd"), unsigned("backupd", "/usr/local/bin/backupd")},
	{Indexer, "Spotlight", apple("com.apple.mdworker_shared", "/System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Versions/A/Support/mdworker_shared"), unsigned("com.apple.mdworker_shared", "/private/tmp/mdworker_shared")},
	{Cleaner, "CleanMyMac", maker("S8EX82NJP6", "com.macpaw.CleanMyMac5", "/Applications/CleanMyMac_5.app/Contents/MacOS/CleanMyMac_5"), unsigned("com.macpaw.CleanMyMac5", "/Applications/CleanMyMac_5.app/Contents/MacOS/CleanMyMac_5")},
	{Uploader, "Transmit", maker("VE8FC488U5", "com.panic.Transmit", "/Applications/Transmit.app/Contents/MacOS/Transmit"), unsigned("com.panic.Transmit", "/Applications/Transmit.app/Contents/MacOS/Transmit")},
	{Agent, "Claude Code", maker("Q6L2SF6YDW", "com.anthropic.claude-code", "/Users/alice/.local/share/claude/versions/2.1.284"), unsigned("com.anthropic.claude-code", "/Users/alice/.local/share/claude/versions/2.1.284")},
	{Agent, "Codex", maker("2DC432GLL2", "codex", "/opt/homebrew/Caskroom/codex/0.156.0/bin/codex"), maker("ABCDE12345", "codex", "/opt/homebrew/Caskroom/codex/0.156.0/bin/codex")},
	{Agent | Interpreter, "Gemini CLI", unsigned("node", node, "node", "--no-warnings=DEP0040", "/opt/homebrew/lib/node_modules/@google/gemini-cli/dist/index.js"), unsigned("node", node, "node", "-e", "1", "/opt/homebrew/lib/node_modules/@google/gemini-cli/dist/index.js")},
	{Agent | Interpreter, "Aider", unsigned("python3.13", python, "python3", "-m", "aider"), unsigned("vim", "/opt/homebrew/bin/vim", "vim", "/Users/alice/.local/bin/aider")},
	{Debugger, "Sampling tools", apple("com.apple.dt.SamplingTools.sample", "/usr/bin/sample"), maker("ABCDE12345", "com.apple.dt.SamplingTools.sample", "/usr/bin/sample")},
	{Automation | Interpreter, "osascript", apple("com.apple.osascript", "/usr/bin/osascript"), unsigned("com.apple.osascript", "/private/tmp/osascript")},
	{Broker | Translator, "Rosetta translator", apple("com.apple.oahd", "/usr/libexec/rosetta/oahd"), unsigned("com.apple.oahd", "/private/tmp/oahd")},
	{Opener, "open", apple("com.apple.open", "/usr/bin/open"), unsigned("com.apple.open", "/private/tmp/open")},
	{SessionHost, "loginwindow", apple("com.apple.loginwindow", "/System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow"), unsigned("com.apple.loginwindow", "/Applications/loginwindow")},
}

func TestProgramsAndTheirLookAlikes(t *testing.T) {
	c := Default()
	var seen Class
	for _, k := range known {
		seen |= k.class
		p := c.Match(k.is)
		if p.Name != k.name || !p.Has(k.class) {
			t.Errorf("%+v\n is %q (%s), should be %q of %s", k.is, p.Name, p.Classes, k.name, k.class)
		}
		if q := c.Match(k.isNot); q.Name == k.name {
			t.Errorf("%+v\n is taken for %q", k.isNot, k.name)
		}
	}
	for i, name := range classNames {
		if seen&(1<<i) == 0 {
			t.Errorf("class %s has no program in this test", name)
		}
	}
}

func TestStrengthSaysByWhat(t *testing.T) {
	c := Default()
	for _, x := range []struct {
		id   Identity
		want Strength
	}{
		{apple("com.apple.cp", "/bin/cp"), Platform},
		{maker("EQHXZ8M8AV", "com.google.Chrome", "/x"), Signed},
		{unsigned("tmux", "/opt/homebrew/bin/tmux"), Weak},
		{Identity{Path: node, SigningID: "node", TeamID: "HX7739G8FX", CSFlags: validFlags, Args: []string{"node", "/x/bin/gemini"}}, Weak}, // the script is not signed
		{unsigned("", "/private/tmp/x"), Unmatched},
	} {
		if p := c.Match(x.id); p.Strength != x.want || p.Weak() != (x.want == Weak) {
			t.Errorf("%+v\n has strength %s, should be %s", x.id, p.Strength, x.want)
		}
	}
}

func TestSignaturesThatDoNotHold(t *testing.T) {
	c := Default()
	good := maker("EQHXZ8M8AV", "com.google.Chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
	if !c.Match(good).Has(Browser) {
		t.Fatal("Chrome is not known")
	}
	for what, change := range map[string]func(*Identity){
		"no longer valid": func(p *Identity) { p.CSFlags &^= csValid },
		"ad hoc":          func(p *Identity) { p.CSFlags |= csAdhoc },
		"no team":         func(p *Identity) { p.TeamID = "" },
		"another team":    func(p *Identity) { p.TeamID = "ABCDE12345" },
		"another id":      func(p *Identity) { p.SigningID = "com.google.Chrom" },
	} {
		bad := good
		change(&bad)
		if p := c.Match(bad); p.Has(Browser) {
			t.Errorf("%s: taken for %q", what, p.Name)
		}
	}
	good.CSFlags = 0 // unknown: what a snapshot may lack
	if !c.Match(good).Has(Browser) {
		t.Error("flags that are unknown must not hide a team id")
	}
}

// Every rule of every entry finds its own entry, and does not once what it rests on is taken away.
func TestEveryRuleHoldsAndOnlyForItsOwn(t *testing.T) {
	c := Default()
	for _, e := range c.entries {
		for i := range e.rules {
			r := &e.rules[i]
			for _, p := range examplesOf(r) {
				if got := c.Match(p); got.Classes&e.classes != e.classes {
					t.Errorf("%s, line %d: %+v\n is %q (%s)", e.name, e.line, p, got.Name, got.Classes)
				}
				switch r.kind {
				case byApple:
					p.Platform = false
				case byTeam:
					p.TeamID = "NOBODYS999"
				case byAdhoc:
					p.Path = "/private/tmp" + p.Path
				case byScript, byModule:
					p.Args = append([]string{p.Args[0], "/x/other.txt"}, p.Args[1:]...)
				}
				if got := c.Match(p); got.Name == e.name {
					t.Errorf("%s, line %d: still taken for it: %+v", e.name, e.line, p)
				}
			}
		}
	}
}

func examplesOf(r *rule) []Identity {
	fill := func(p pattern) string { return strings.ReplaceAll(p.text, "*", "3") }
	ids, at := r.ids, r.at
	if len(ids) == 0 {
		ids = newPatterns([]string{"some.id"})
	}
	if len(at) == 0 {
		at = newPatterns([]string{"/Applications/Some.app/Contents/MacOS/Some"})
	}
	var all []Identity
	for _, id := range ids {
		for _, path := range at {
			id, path := fill(id), fill(path)
			switch r.kind {
			case byApple:
				all = append(all, apple(id, path))
			case byTeam:
				all = append(all, maker(r.team, id, path))
			case byAdhoc:
				all = append(all, unsigned(id, path, "x"))
			case byScript:
				all = append(all, unsigned("node", node, "node", id))
			case byModule:
				all = append(all, unsigned("python3", python, "python3", "-m", id))
			}
		}
	}
	return all
}

func TestScriptOf(t *testing.T) {
	c := Default()
	for _, x := range []struct {
		args   string
		script string
		module string
	}{
		{"node /x/a.js b", "/x/a.js", ""},
		{"node -r ./hook.js /x/a.js", "/x/a.js", ""},
		{"node --require=./hook.js --no-warnings /x/a.js", "/x/a.js", ""},
		{"node --eval=1 /x/a.js", "", ""},
		{"node -pe 1 /x/a.js", "", ""},
		{"node", "", ""},
		{"node -- /x/a.js", "/x/a.js", ""},
		{"node -", "", ""},
		{"python3 -m aider x", "", "aider"},
		{"python3 -um aider", "", "aider"},
		{"python3 -W error -u /x/a.py", "/x/a.py", ""},
		{"python3 -c pass /x/a.py", "", ""},
		{"python3 -m", "", ""},
		{"bash -euo pipefail /x/a.sh", "/x/a.sh", ""},
		{"bash -lc true /x/a.sh", "", ""},
	} {
		args := strings.Fields(x.args)
		name := map[string]string{"node": "Node.js", "python3": "Python", "bash": "bash"}[args[0]]
		var e *entry
		for i := range c.entries {
			if c.entries[i].name == name {
				e = &c.entries[i]
			}
		}
		script, module, _ := e.scriptOf(&Identity{Args: args})
		if script != x.script || module != x.module {
			t.Errorf("%s: script %q module %q, should be %q and %q", x.args, script, module, x.script, x.module)
		}
	}
	if s, _, ok := c.entries[0].scriptOf(&Identity{Script: "/x/run.sh", Args: []string{"a", "b"}}); !ok || s != "/x/run.sh" {
		t.Errorf("what exec names as the script comes first, not %q", s)
	}
}

func TestEmbeddedEntriesAreInOrder(t *testing.T) {
	names := make(map[string]bool)
	for _, e := range Default().entries {
		if names[e.name] {
			t.Errorf("%s is described twice", e.name)
		}
		names[e.name] = true
		if e.source == "" {
			t.Errorf("%s has no source: say where its ids are known from", e.name)
		}
		for i := range e.rules {
			if e.rules[i].kind == byTeam && e.rules[i].known == Documented {
				t.Errorf("%s: Apple documents no other maker's signature", e.name)
			}
		}
		if e.interactive && e.classes&(Agent|RemoteDaemon) == 0 {
			t.Errorf("%s: interactive matters for agents and remote daemons only", e.name)
		}
	}
}

// A program that works for itself in the field's eyes must not be a starter: its acts would be given to its successor.
func TestStartersAreNothingElse(t *testing.T) {
	for _, e := range Default().entries {
		if e.classes&Starter != 0 && e.classes&^(Starter|Privilege) != 0 {
			t.Errorf("%s is a starter and also %s", e.name, e.classes&^Starter)
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	c := Default()
	ids := make([]Identity, 0, len(known)*2)
	for _, k := range known {
		ids = append(ids, k.is, k.isNot)
	}
	if n := testing.AllocsPerRun(20, func() {
		for i := range ids {
			c.Match(ids[i])
		}
	}); n != 0 {
		t.Errorf("%v allocations for %d programs", n, len(ids))
	}
}

func TestDocumentHasEveryClass(t *testing.T) {
	text, err := os.ReadFile("../docs/catalog.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Classes() {
		if !strings.Contains(string(text), fmt.Sprintf("| `%s` |", name)) {
			t.Errorf("docs/catalog.md does not say what class %s is", name)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	c := Default()
	for _, x := range []struct {
		name string
		id   Identity
	}{
		{"apple", apple("com.apple.cp", "/bin/cp")},
		{"apple-unknown", apple("com.apple.unknown", "/usr/libexec/unknown")},
		{"signed", maker("EQHXZ8M8AV", "com.google.Chrome.helper", "/x")},
		{"tool", unsigned("tmux", "/opt/homebrew/Cellar/tmux/3.5a/bin/tmux")},
		{"script", unsigned("node", node, "node", "/Users/alice/src/server/index.js")},
		{"unknown", unsigned("a.out", "/Users/alice/src/a.out")},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Match(x.id)
			}
		})
	}
}
