package scenario

import (
	"testing"
)

// A wrong script is told with file, line, the word, and what was expected there.
func TestErrors(t *testing.T) {
	const world = "user alice 501 console\napp Finder com.apple.finder of alice\nvolume /Volumes/USB external exfat\n"
	for _, c := range []struct{ script, want string }{
		{"Findr copies /a to /b", `t:4: "Findr": expected a declaration (user, volume, app, service, daemon, …) or a declared name (is Finder meant?)`},
		{"Finder copeis /a to /b", `t:4: "copeis": expected what an actor does`},
		{"Finder copie /a to /b", `t:4: "copie": expected what an actor does (is "copies" meant?)`},
		{"Finder copies /a too /b", `t:4: "too": expected an absolute path or "to"`},
		{"Finder copies a to /b", `t:4: "a": expected an absolute path`},
		{"Finder copies /a to", `t:4: end of line: expected an absolute path`},
		{"Finder copies /a to /b keeps it open", `t:4: "keeps": expected "by" or the end of the sentence (a comma before "keeps it open"?)`},
		{"Finder copies /a to /b, keeps open", `t:4: "open": expected "it" or "both"`},
		{"Finder copies /a to /b, in x writes", `t:4: "x": expected a number`},
		{"Finder", `t:4: end of line: expected what Finder does`},
		{"app Dock com.apple.dock of bob", `t:4: "bob": expected a declared user`},
		{"app Finder com.apple.finder of alice", `t:4: "Finder": expected a name that is not taken yet`},
		{"user bob 501", `t:4: "501": expected a user id of its own: alice has it`},
		{"volume /Volumes/USB internal apfs", `t:4: "/Volumes/USB": expected a place where no volume is mounted yet`},
		{"volume /Volumes/X inward apfs", `t:4: "inward": expected "internal" or "external" or "network" or "image" or "virtual"`},
		{"recorded in version 5", `t:4: "5": expected a message version from 6 to 11`},
		{"recorded losing 105%", `t:4: "105%": expected a share such as 5% or 0.05 or "message" or "messages"`},
		{"recorded subscribed to clsoe", `t:4: subscribed to "clsoe": not an event that this package knows; say everything, close only, close exec, edr, or ES's short names`},
		{"Finder renames /Users/alice/a to /Volumes/USB/a", `t:4: "/Volumes/USB/a": expected a place on the same volume: a rename cannot leave it`},
		{"Finder clones /Users/alice/a to /Volumes/USB/a", `t:4: "/Volumes/USB/a": expected a place on the same volume, to clone to`},
		{"Finder deletes /Users/alice/a\nFinder reads /Users/alice/a", `t:5: "/Users/alice/a": expected a file that is there (line 4 took /Users/alice/a away)`},
		{"Finder exits\nFinder reads /Users/alice/a", `t:5: "Finder": expected a process that is still running`},
		{"Finder closes /Users/alice/a", `t:4: "/Users/alice/a": expected a file that Finder has open`},
		{"Finder reads \"/Users/alice", `t:4: "\"/Users/alice": expected a closing quotation mark`},
		{"Finder reads /a\napp Dock com.apple.dock of alice, already running", `t:5: what already runs must stand before what happens`},
		{"shell Z in Finder tcsh", `t:4: "tcsh": expected "zsh" or "bash" or "sh" or "fish" or the end of the sentence`},
		{"shell Z in Finder\nZ runs rm", `t:5: "rm": expected words as in "rm a"`},
		{"Finder asks launchd to sing", `t:4: "sing": expected what an actor does, as in "to copy"`},
		{"Finder makes symlink /Users/alice/l to /Users/alice/l", `t:4: "/Users/alice/l": expected a target that leads away from the link`},
		{"---\ncopied /a", `t:5: "copied": expected "nothing" or "no" or "event" or "gap" or "process" or what happened: copy, move, rename, save, write, create, trash, restore, empty_trash, delete, download, extract, archive, receive, sync, install, mount, unmount, link, protect, unquarantine, read, send`},
		{"---\ncopy /a, surely", `t:5: "surely": expected "at" or "certain" or "likely" or "possible" or "unknown" or the end`},
		{"---\n  actor DSH", `t:5: "actor": expected an expectation that begins at the line's beginning`},
		{"---\ncopy /a\n  actor Finder certainly", `t:6: "certainly": expected "at" or "certain" or "likely" or "possible" or "unknown" or the end`},
	} {
		s, err := Parse("t", world+c.script+"\n")
		if err == nil {
			_, err = Build(s, Options{})
		}
		if err == nil {
			t.Errorf("%s: no error", c.script)
		} else if err.Error() != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.script, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"testdata/day.txt", "../../testdata/scenarios/founding-c.txt"} {
		f.Add(scriptFile(f, s).Text)
	}
	for seed := range uint64(20) {
		f.Add(Random(seed, 6).Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		s, err := Parse("fuzz", text)
		if err != nil {
			return
		}
		o := Options{}
		for _, st := range s.sentence {
			for _, v := range st.args.vals {
				for _, w := range v.words {
					if n, ok := parseSize(w); ok && n > 300 {
						return // a count this big is only slow
					}
				}
			}
		}
		r, err := Build(s, o)
		if err != nil {
			return
		}
		if r2, _ := Build(s, o); string(r2.Recording()) != string(r.Recording()) {
			t.Error("other bytes the second time")
		}
	})
}
