package operation_test

import (
	"bytes"
	"testing"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/operation"
)

// world is what the sentences of the tables happen in.
const world = `user alice 501 console
volume /Volumes/USB external exfat
volume /Volumes/Share network smbfs
file /Users/alice/a.txt 40k of alice
file /Users/alice/b.txt 30k of alice
file /Users/alice/old.txt 40k of alice
file /Users/alice/.Trash/t.txt 4k of alice
file /Users/alice/in.zip 90k of alice
file /Users/alice/q.dmg 40k of alice, with com.apple.quarantine
folder /Users/alice/Photos of alice, with 3 files
app Finder com.apple.finder of alice
service DSH com.apple.DesktopServicesHelper for Finder
app TextEdit com.apple.TextEdit of alice
app Drawer com.example.drawer of alice
app Chrome com.google.Chrome of alice
app Mail com.apple.mail of alice
app AU com.apple.archiveutility of alice
app Terminal com.apple.Terminal of alice
shell zsh in Terminal
daemon sharing com.apple.sharingd of alice
daemon bird com.apple.bird of alice
daemon smbd com.apple.smbd
daemon installd com.apple.installd
daemon disk com.apple.diskarbitrationd
wait 70s
`

// claimed is which claim takes what: the act, and the action, method and rule that it is told under.
var claimed = []struct {
	act    string
	action finding.Action
	method finding.Method
	rule   string
}{
	// Above copy and create: what a browser makes is a download, however it puts it there.
	{"Chrome downloads /Users/alice/Downloads/x.pdf 40k", finding.Download, finding.ByRename, "download-name"},
	{"Chrome makes file /Users/alice/Downloads/y.pdf 40k, as a step\nChrome sets attribute com.apple.quarantine on /Users/alice/Downloads/y.pdf", finding.Download, finding.ByStream, "marked-as-downloaded"},
	{"zsh runs curl -o /Users/alice/f.bin https://example.com/f.bin", finding.Download, finding.ByStream, "downloader-made-it"},
	{"sharing receives /Users/alice/Downloads/p.heic 40k", finding.Receive, finding.ByStream, "marked-as-received"},
	{"smbd makes file /Users/alice/Public/s.txt 40k", finding.Receive, finding.ByStream, "share-server"},
	{"bird syncs /Users/alice/Library/CloudStorage/n.txt 40k", finding.Sync, finding.ByStream, "sync-service"},
	// Archives: read and write alike would fit a copy too.
	{"zsh runs zip /Users/alice/a.zip /Users/alice/a.txt", finding.Archive, finding.ByStream, "archive-made"},
	{"zsh runs unzip /Users/alice/in.zip -d /Users/alice/out", finding.Extract, finding.ByStream, "archive-open"},
	// A tool's copy, also over a file, where it could be taken for a write.
	{"zsh runs cp /Users/alice/a.txt /Users/alice/c.txt", finding.Copy, finding.ByReadWrite, "tool-read-and-wrote"},
	{"zsh runs cp /Users/alice/a.txt /Users/alice/b.txt", finding.Copy, finding.ByReadWrite, "tool-read-and-wrote"},
	{"zsh runs cp -c /Users/alice/a.txt /Users/alice/c.txt", finding.Copy, finding.ByClone, "clone-confirmed"},
	{"zsh runs mv /Users/alice/a.txt /Volumes/USB/a.txt", finding.Move, finding.ByCopyDelete, "copied-then-unlinked"},
	{"DSH copies /Users/alice/a.txt to /Volumes/Share/a.txt by copyfile", finding.Copy, finding.ByCopyfile, "copyfile-confirmed"},
	{"DSH copies /Users/alice/a.txt to /Volumes/USB/a.txt", finding.Copy, finding.ByReadWrite, "read-and-wrote-alike"},
	// Saves: a new file is in each; what gives it the document's name decides.
	{"TextEdit saves /Users/alice/a.txt by swap", finding.Save, finding.BySwap, "swapped-in"},
	{"TextEdit saves /Users/alice/a.txt by replacement", finding.Save, finding.ByReplace, "renamed-over"},
	{"TextEdit saves /Users/alice/a.txt by dat.nosync", finding.Save, finding.ByReplace, "renamed-over"},
	{"TextEdit saves /Users/alice/new.txt by sb", finding.Save, finding.ByReplace, "save-name-made"},
	{"Drawer makes file /Users/alice/t.tmp 41k, as a step\nDrawer unlinks /Users/alice/a.txt\nDrawer renames /Users/alice/t.tmp to /Users/alice/a.txt", finding.Save, finding.ByReplace, "put-in-its-place"},
	{"Drawer makes file /Users/alice/t.tmp 41k, as a step\nDrawer exchanges /Users/alice/t.tmp and /Users/alice/a.txt\nDrawer unlinks /Users/alice/t.tmp", finding.Save, finding.BySwap, "contents-exchanged"},
	{"TextEdit saves /Users/alice/a.txt by backup", finding.Save, finding.ByBackup, "made-anew"},
	{"TextEdit saves /Users/alice/a.txt by in-place", finding.Write, finding.ByInPlace, "changed-in-place"},
	{"Drawer changes /Users/alice/a.txt through a mapping", finding.Write, finding.ByMMap, "changed-in-place"},
	{"installd installs /Library/Thing.plist with 1 files", finding.Install, finding.ByStream, "installer-made-it"},
	{"Drawer makes file /Users/alice/n.txt 7k", finding.Create, finding.ByStream, "new-file"},
	{"Drawer makes symlink /Users/alice/l.txt to /Users/alice/a.txt", finding.Create, finding.BySymlink, "new-file"},
	// The same size, and nothing else alike: chance.
	{"Drawer reads /Users/alice/a.txt, as a step\nDrawer makes file /Users/alice/z.dat 40k", finding.Create, finding.ByStream, "new-file"},
	// What is there already.
	{"Finder makes folder /Users/alice/d", finding.Create, finding.ByDirectory, "folder-made"},
	{"Finder renames /Users/alice/a.txt to /Users/alice/a2.txt", finding.Rename, finding.ByRename, "rename-message"},
	{"Finder moves /Users/alice/a.txt to /Users/alice/Photos/a.txt", finding.Move, finding.ByRename, "rename-message"},
	{"zsh runs mv /Users/alice/a.txt /Users/alice/b.txt", finding.Rename, finding.ByRename, "rename-message"},
	{"Finder trashes /Users/alice/a.txt", finding.Trash, finding.ByRename, "into-trash"},
	{"Finder puts back /Users/alice/.Trash/t.txt to /Users/alice/t.txt", finding.Restore, finding.ByRename, "out-of-trash"},
	{"Finder empties the trash", finding.EmptyTrash, finding.ByUnlink, "unlink-in-trash"},
	{"zsh runs rm /Users/alice/a.txt", finding.Delete, finding.ByUnlink, "unlink-message"},
	{"zsh runs ln /Users/alice/a.txt /Users/alice/h.txt", finding.Link, finding.ByHardLink, "link-message"},
	{"zsh runs chmod 600 /Users/alice/a.txt", finding.Protect, finding.ByMode, "attribute-message"},
	{"zsh runs xattr -d com.apple.quarantine /Users/alice/q.dmg", finding.Unquarantine, finding.ByAttribute, "quarantine-removed"},
	{"disk mounts /Volumes/Stick external exfat", finding.Mount, "", "mount-message"},
	{"disk unmounts /Volumes/USB", finding.Unmount, "", "unmount-message"},
}

// Each act is told by one operation, under the claim that is meant for it.
func TestClaims(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range claimed {
		fs := told(t, world+c.act+"\n", engine.Options{})
		if len(fs) != 1 {
			t.Errorf("%s: %d operations", c.act, len(fs))
			for _, f := range fs {
				t.Logf("  %s %s from %q by %s", f.Action, f.Path, f.SourcePath, f.Method)
			}
			continue
		}
		f := fs[0]
		rule := ""
		for _, e := range f.Evidence {
			if e.For == finding.RoleAction {
				rule = e.Rule
			}
		}
		seen[rule] = true
		if f.Action != c.action || f.Method != c.method || rule != c.rule {
			t.Errorf("%s: %s by %q (%s), not %s by %q (%s)", c.act, f.Action, f.Method, rule, c.action, c.method, c.rule)
		}
	}
	// What needs a hole in the recording, or an option, is tested elsewhere.
	other := map[string]bool{"clone-sighted": true, "archiver-made-it": true, "save-name": true, "copier-made-it": true, "opened-for-reading": true, "read-by-uploader": true, "read-afterwards": true}
	for _, r := range operation.Rules {
		if !seen[r.Name] && !other[r.Name] {
			t.Errorf("no act is told by the rule %s", r.Name)
		}
	}
}

// Reads, and reads by what uploads, are told on request only.
func TestReadsOnRequest(t *testing.T) {
	act := world + "zsh runs cat /Users/alice/a.txt\nwait 5s\nzsh runs scp /Users/alice/b.txt afar:b.txt\n"
	for _, c := range []struct {
		o    engine.Options
		want map[string]finding.Action
	}{
		{engine.Options{}, nil},
		{engine.Options{Reads: true}, map[string]finding.Action{"/Users/alice/a.txt": finding.Read, "/Users/alice/b.txt": finding.Read}},
		{engine.Options{Send: true}, map[string]finding.Action{"/Users/alice/b.txt": finding.Send}},
		{engine.Options{Reads: true, Send: true}, map[string]finding.Action{"/Users/alice/a.txt": finding.Read, "/Users/alice/b.txt": finding.Send}},
	} {
		got := make(map[string]finding.Action)
		for _, f := range told(t, act, c.o) {
			if f.Path == "/Users/alice/a.txt" || f.Path == "/Users/alice/b.txt" {
				got[f.Path] = f.Action
			}
			if f.Action == finding.Send && f.Certainty.Action > finding.Possible {
				t.Errorf("a sending is %v", f.Certainty.Action)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%+v: %v, not %v", c.o, got, c.want)
		}
		for p, a := range c.want {
			if got[p] != a {
				t.Errorf("%+v: %s is %q, not %s", c.o, p, got[p], a)
			}
		}
	}
}

// A run that is saved and restored at any message tells the same bytes: every form of draft is open at some cut.
func TestOpenDraftsAreSavedAndRestored(t *testing.T) {
	r := built(t, world+`Finder makes file /Users/alice/film.mov 4k, keeps it open
DSH copies /Users/alice/a.txt to /Volumes/USB/a.txt
zsh runs cp -R /Users/alice/Photos /Volumes/USB/Photos
Finder makes folder /Users/alice/d
TextEdit saves /Users/alice/b.txt by swap
TextEdit saves /Users/alice/old.txt by backup
zsh runs mv /Users/alice/old.txt /Volumes/USB/old.txt
zsh runs ln /Users/alice/b.txt /Users/alice/h.txt
zsh runs chmod 600 /Users/alice/b.txt
Finder renames /Users/alice/b.txt to /Users/alice/c.txt
Finder deletes /Users/alice/c.txt
wait 50s
Finder writes 4k to /Users/alice/film.mov
wait 12s
Finder writes 4k to /Users/alice/film.mov
`)
	var want []byte
	line := func(to *[]byte) func(*finding.Finding) {
		return func(f *finding.Finding) { *to = append(finding.Append(*to, f), '\n') }
	}
	whole := engine.New(engine.Options{}, line(&want))
	whole.Begin(r.Header)
	for _, m := range r.Messages {
		whole.Add(m)
	}
	whole.Drain()
	for cut := 60; cut < len(r.Messages); cut += 3 {
		var got []byte
		var saved bytes.Buffer
		e := engine.New(engine.Options{}, line(&got))
		e.Begin(r.Header)
		for _, m := range r.Messages[:cut] {
			e.Add(m)
		}
		if err := e.Save(&saved); err != nil {
			t.Fatal(err)
		}
		e, err := engine.Restore(&saved, engine.Options{}, line(&got))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range r.Messages[cut:] {
			e.Add(m)
		}
		e.Drain()
		if !bytes.Equal(got, want) {
			t.Fatalf("cut at message %d: other findings than uncut", cut)
		}
	}
}
