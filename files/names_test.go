package files

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"ascribe.example/es"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"/System/Volumes/Data/Users/a":                 "/Users/a",
		"/System/Volumes/Data/private/tmp/x":           "/private/tmp/x",
		"/System/Volumes/Data":                         "/",
		"/System/Volumes/Data/":                        "/",
		"/System/Volumes/Data/.Spotlight-V100":         "/System/Volumes/Data/.Spotlight-V100",
		"/System/Volumes/Data/Usersx":                  "/System/Volumes/Data/Usersx",
		"/System/Volumes/Database/Users":               "/System/Volumes/Database/Users",
		"/System/Volumes/Data/System/Library/Caches/x": "/System/Library/Caches/x",
		"/System/Volumes/Preboot/x":                    "/System/Volumes/Preboot/x",
		"/tmp":                                         "/private/tmp",
		"/tmp/x":                                       "/private/tmp/x",
		"/tmpx":                                        "/tmpx",
		"/var/log/x":                                   "/private/var/log/x",
		"/etc/hosts":                                   "/private/etc/hosts",
		"/a//b/./c/../d":                               "/a/b/d",
		"/a/...b/.c/..d":                               "/a/...b/.c/..d",
		"/a/":                                          "/a",
		"/":                                            "/",
		"":                                             "",
		"a/b":                                          "a/b",
		"/..":                                          "/",
	} {
		if got := Canonical(in); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
}

func (w *mac) history(ref Ref) []string {
	var l []string
	for _, n := range w.tab.History(nil, ref) {
		s := fmt.Sprintf("%d-", n.From.Seq)
		if !n.Current {
			s += fmt.Sprint(n.Until.Seq)
		}
		l = append(l, s+" "+n.Path)
	}
	return l
}

func (w *mac) same(what string, got, want any) {
	w.t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestTemporaryToFinal(t *testing.T) {
	w := newMac(t)
	folder := dir("/Users/a", 3)
	doc := w.open(5, old("/Users/a/doc", 10), es.FRead)
	f := w.born("/Users/a/.doc.sb-1", 11)
	a := w.create(5, f)
	w.write(5, f)
	r := w.over(5, f, old("/Users/a/doc", 10))
	w.is("before", r.Before, "/Users/a/.doc.sb-1")
	w.is("after", r.After, "/Users/a/doc")
	w.is("replaced", r.Replaced, doc.Target)
	w.is("the old one is gone", w.file(doc.Target).Gone, true)
	w.is("found", w.tab.Find("/Users/a/doc"), a.Target)
	w.rename(5, old("/Users/a/doc", 11), folder, "doc2")
	w.same("history", w.history(a.Target), []string{"2-4 /Users/a/.doc.sb-1", "4-5 /Users/a/doc", "5- /Users/a/doc2"})
	w.is("first", w.tab.FirstName(a.Target), "/Users/a/.doc.sb-1")
	w.is("last", w.tab.Path(a.Target), "/Users/a/doc2")
	for seq, want := range map[uint64]string{1: "/Users/a/.doc.sb-1", 3: "/Users/a/.doc.sb-1", 4: "/Users/a/doc", 5: "/Users/a/doc2", 9: "/Users/a/doc2"} {
		at := es.Moment{Seq: seq, Clock: w.step * (1 << 0) * 1}
		at.Clock = w.step
		for i := uint64(1); i < seq; i++ {
			at.Clock += w.step
		}
		w.is(fmt.Sprintf("name at %d", seq), w.tab.NameAt(a.Target, at), want)
	}
	w.is("replaced file's path", w.tab.Path(doc.Target), "/Users/a/doc")
	w.unlink(5, old("/Users/a/doc2", 11), folder)
	w.is("gone", w.file(a.Target).Gone, true)
	w.is("a gone file's path", w.tab.Path(a.Target), "/Users/a/doc2")
	w.is("nobody there", w.tab.Find("/Users/a/doc2"), Ref(0))
}

func TestFirmlinks(t *testing.T) {
	w := newMac(t)
	a := w.open(5, old("/System/Volumes/Data/Users/a/x", 20), es.FRead)
	w.is("path", a.After, "/Users/a/x")
	b := w.open(5, old("/Users/a/x", 20), es.FRead)
	w.is("the same", b.Target, a.Target)
	w.is("not moved", b.Unseen, false)
	w.is("found", w.tab.Find("/System/Volumes/Data/Users/a/x"), a.Target)
	c := w.open(5, old("/tmp/x", 21), es.FRead)
	w.is("tmp", w.open(5, old("/private/tmp/x", 21), es.FRead).Target, c.Target)
	w.same("names", w.history(c.Target), []string{"3- /private/tmp/x"})
	v, _ := w.tab.VolumeOf(a.Target)
	w.is("volume", v.Mount, "/")
}

// APFS and HFS+ compare names without case and Unicode form; a name keeps the form it was given.
func TestCaseAndUnicodeForm(t *testing.T) {
	w := newMac(t)
	folder := dir("/Users/a", 3)
	nfc, nfd := "/Users/a/\u00e9t\u00e9", "/Users/a/e\u0301te\u0301"
	a := w.open(5, old(nfc, 20), es.FRead)
	b := w.open(5, old(nfd, 20), es.FRead)
	w.is("the same", b.Target, a.Target)
	w.is("not moved", b.Unseen, false)
	w.is("form kept", w.tab.Path(a.Target), nfc)
	w.is("found as NFD", w.tab.Find(nfd), a.Target)
	w.is("found in capitals", w.tab.Find("/users/A/\u00c9T\u00c9"), a.Target)

	// A rename by case only is a rename: whether ES gives the new name, or the file itself as what is overwritten.
	c := w.open(5, old("/Users/a/readme", 21), es.FRead)
	r := w.rename(5, old("/Users/a/readme", 21), folder, "README")
	w.is("replaced by case", r.Replaced, Ref(0))
	w.is("new case", w.tab.Path(c.Target), "/Users/a/README")
	w.is("still there", w.file(c.Target).Gone, false)
	r = w.over(5, old("/Users/a/README", 21), old("/Users/a/ReadMe", 21))
	w.is("replaced by case", r.Replaced, Ref(0))
	w.is("newer case", w.tab.Path(c.Target), "/Users/a/ReadMe")
	w.same("history", w.history(c.Target), []string{"3-4 /Users/a/readme", "4-5 /Users/a/README", "5- /Users/a/ReadMe"})

	// Made under another case: the same place, so the old one had been taken away unseen.
	d := w.create(5, w.born("/Users/a/README", 22))
	w.is("took the name of", d.Replaced, c.Target)
	w.is("gone", w.file(c.Target).Gone, true)
}

// A volume that tells cases apart is recognised once both files are seen to be there.
func TestCaseSensitiveVolume(t *testing.T) {
	w := newMac(t)
	w.mount(usbDev, "/Volumes/Src", "apfs", es.MountVirtual)
	lower, upper := on(usbDev, old("/Volumes/Src/makefile", 1)), on(usbDev, old("/Volumes/Src/Makefile", 2))
	a, b := w.open(5, lower, es.FRead), w.open(5, upper, es.FRead)
	w.open(5, lower, es.FRead)
	v, _ := w.tab.VolumeOf(a.Target)
	w.is("case-sensitive", v.CaseSensitive, true)
	w.open(5, upper, es.FRead)
	w.open(5, lower, es.FRead)
	w.is("lower", w.tab.Find(lower.Path), a.Target)
	w.is("upper", w.tab.Find(upper.Path), b.Target)
	w.is("both", w.file(a.Target).Gone || w.file(b.Target).Gone, false)

	w.mount(usbDev+1, "/Volumes/N", "nfs", es.MountNetwork)
	c, d := w.open(5, on(usbDev+1, old("/Volumes/N/x", 1)), es.FRead), w.open(5, on(usbDev+1, old("/Volumes/N/X", 2)), es.FRead)
	w.is("nfs", w.file(c.Target).Gone || w.file(d.Target).Gone, false)
}

func TestHardLinks(t *testing.T) {
	w := newMac(t)
	folder := dir("/Users/a", 3)
	f := old("/Users/a/one", 20)
	a := w.open(5, f, es.FRead)
	c := w.link(5, f, folder, "two")
	w.is("link", c.After, "/Users/a/two")
	w.is("names", w.file(a.Target).Names, 2)
	w.is("by the second", w.tab.Find("/Users/a/two"), a.Target)
	// ES shows either name [D].
	w.is("not moved", w.open(5, linked(old("/Users/a/two", 20), 2), es.FRead).Unseen, false)
	w.is("a third, unseen", w.open(5, linked(old("/Users/a/three", 20), 3), es.FRead).Unseen, false)
	w.is("names", w.file(a.Target).Names, 3)
	// Each unlink takes one name, whether the status counts the link that goes or not.
	u := w.unlink(5, linked(old("/Users/a/one", 20), 2), folder)
	w.is("gone", u.Gone, false)
	u = w.unlink(5, linked(old("/Users/a/three", 20), 1), folder)
	w.is("gone", u.Gone, false)
	w.is("path", w.tab.Path(a.Target), "/Users/a/two")
	u = w.unlink(5, linked(old("/Users/a/two", 20), 1), folder)
	w.is("gone", u.Gone, true)

	// Renaming one name leaves the other.
	g := linked(old("/Users/a/p", 30), 2)
	b := w.open(5, g, es.FRead)
	w.open(5, linked(old("/Users/a/q", 30), 2), es.FRead)
	w.rename(5, g, folder, "r")
	w.is("q", w.tab.Find("/Users/a/q"), b.Target)
	w.is("r", w.tab.Find("/Users/a/r"), b.Target)
	w.is("p", w.tab.Find("/Users/a/p"), Ref(0))
	// Renaming over one of two names does not end the file.
	x := w.over(5, old("/Users/a/new", 31), linked(old("/Users/a/q", 30), 2))
	w.is("replaced", x.Replaced, b.Target)
	w.is("still there", w.file(b.Target).Gone, false)
	w.is("path", w.tab.Path(b.Target), "/Users/a/r")
}

func TestFolderRename(t *testing.T) {
	w := newMac(t)
	top := dir("/Users/a", 3)
	a := w.open(5, old("/Users/a/proj/src/deep/x", 20), es.FRead)
	b := w.open(5, old("/Users/a/proj/y", 21), es.FRead)
	w.do(5, &es.Rename{Source: dir("/Users/a/proj", 4), DestinationType: es.DestinationNewPath, Dir: top, Filename: "done"})
	w.is("deep", w.tab.Path(a.Target), "/Users/a/done/src/deep/x")
	w.is("shallow", w.tab.Path(b.Target), "/Users/a/done/y")
	w.is("found", w.tab.Find("/Users/a/done/src/deep/x"), a.Target)
	w.is("not there", w.tab.Find("/Users/a/proj/y"), Ref(0))
	c := w.open(5, old("/Users/a/done/src/deep/x", 20), es.FRead)
	w.is("not moved", c.Unseen, false)
	w.is("then", w.tab.NameAt(a.Target, es.Moment{Seq: 2, Clock: 2 * w.step}), "/Users/a/proj/src/deep/x")
	w.is("now", w.tab.NameAt(a.Target, w.moment()), "/Users/a/done/src/deep/x")
	w.is("first", w.tab.FirstName(a.Target), "/Users/a/proj/src/deep/x")

	// Into another folder that is moved in turn.
	w.open(5, dir("/Users/a/arch", 5), es.FRead)
	w.do(5, &es.Rename{Source: dir("/Users/a/done", 4), DestinationType: es.DestinationNewPath, Dir: dir("/Users/a/arch", 5), Filename: "2026"})
	w.do(5, &es.Rename{Source: dir("/Users/a/arch", 5), DestinationType: es.DestinationNewPath, Dir: top, Filename: "Archive"})
	w.is("twice", w.tab.Path(a.Target), "/Users/a/Archive/2026/src/deep/x")
	w.is("in between", w.tab.NameAt(a.Target, es.Moment{Seq: 6, Clock: 6 * w.step}), "/Users/a/arch/2026/src/deep/x")
	w.is("at first", w.tab.NameAt(a.Target, es.Moment{Seq: 2, Clock: 2 * w.step}), "/Users/a/proj/src/deep/x")

	// A new file in the old place is another one.
	d := w.create(5, w.born("/Users/a/proj/y", 40))
	w.is("old place", w.tab.Find("/Users/a/proj/y"), d.Target)
	w.is("moved one", w.tab.Find("/Users/a/Archive/2026/y"), b.Target)
}

// The rename was lost; the folder itself is seen in its new place, and what is in it follows.
func TestFolderRenameLost(t *testing.T) {
	w := newMac(t)
	a := w.open(5, old("/Users/a/proj/src/x", 20), es.FRead)
	w.open(5, dir("/Users/a/proj", 4), es.FRead)
	c := w.open(5, dir("/Users/a/done", 4), es.FRead)
	w.is("unseen", c.Unseen, true)
	w.is("was", c.Was, "/Users/a/proj")
	w.is("path", w.tab.Path(a.Target), "/Users/a/done/src/x")
}

func TestFolderIntoItself(t *testing.T) {
	w := newMac(t)
	a := w.open(5, old("/a/b/c/x", 20), es.FRead)
	w.open(5, dir("/a/b", 5), es.FRead)
	w.do(5, &es.Rename{Source: dir("/a", 4), DestinationType: es.DestinationNewPath, Dir: dir("/a/b", 5), Filename: "a"})
	if p := w.tab.Path(a.Target); p == "" {
		t.Error("the file lost its path")
	}
	w.do(5, &es.Rename{Source: dir("/a/b", 5), DestinationType: es.DestinationNewPath, Dir: dir("/a/b", 5), Filename: "b"})
}

// Two folders change places, twice: no folder is lost and the tree is let go of in the end.
func TestFoldersSwap(t *testing.T) {
	w := newMac(t)
	x, y := w.open(5, old("/p/one/x", 20), es.FRead), w.open(5, old("/p/two/y", 21), es.FRead)
	one, two := dir("/p/one", 4), dir("/p/two", 5)
	w.open(5, one, es.FRead)
	w.open(5, two, es.FRead)
	w.over(5, one, two)
	c := w.over(5, two, one)
	w.is("swapped", c.Swapped, true)
	w.is("x", w.tab.Path(x.Target), "/p/two/x")
	w.is("y", w.tab.Path(y.Target), "/p/one/y")
	w.is("find x", w.tab.Find("/p/two/x"), x.Target)
	w.is("find y", w.tab.Find("/p/one/y"), y.Target)
	w.is("x again", w.open(5, old("/p/two/x", 20), es.FRead).Unseen, false)
}

// RENAME_SWAP is told as two renames, each over the other [S].
func TestSwap(t *testing.T) {
	w := newMac(t)
	doc, tmp := old("/Users/a/doc", 10), w.born("/Users/a/tmp/doc", 11)
	a := w.open(5, doc, es.FRead)
	b := w.create(5, tmp)
	first := w.over(5, tmp, doc)
	w.is("first", first.Replaced, a.Target)
	w.is("taken for gone", w.file(a.Target).Gone, true)
	second := w.over(5, doc, tmp)
	w.is("swapped", second.Swapped, true)
	w.is("target", second.Target, a.Target)
	w.is("replaced", second.Replaced, b.Target)
	w.is("after", second.After, "/Users/a/tmp/doc")
	w.is("doc", w.tab.Find("/Users/a/doc"), b.Target)
	w.is("tmp", w.tab.Find("/Users/a/tmp/doc"), a.Target)
	w.is("there again", w.file(a.Target).Gone, false)
	if d := w.tab.Deeds(nil, a.Target, DidReplace, es.Moment{}); len(d) != 0 {
		t.Errorf("the swapped file was replaced: %+v", d)
	}
	// What follows a swap is not its third half.
	third := w.over(5, old("/Users/a/tmp/doc", 10), old("/Users/a/doc", 11))
	w.is("a plain rename", third.Swapped, false)
	w.is("doc", w.tab.Find("/Users/a/doc"), a.Target)
	w.is("gone", w.file(b.Target).Gone, true)
	// On a volume without numbers the paths tell.
	w.mount(usbDev, "/Volumes/S", "smbfs", es.MountNetwork)
	p, q := on(usbDev, old("/Volumes/S/p", 1)), on(usbDev, old("/Volumes/S/q", 2))
	pc, qc := w.open(5, p, es.FRead), w.open(5, q, es.FRead)
	w.over(5, p, q)
	w.is("swapped", w.over(5, q, p).Swapped, true)
	w.is("p", w.tab.Find("/Volumes/S/p"), qc.Target)
	w.is("q", w.tab.Find("/Volumes/S/q"), pc.Target)
}

// Another thread's rename back is no swap, nor is one after a second.
func TestNoSwap(t *testing.T) {
	w := newMac(t)
	doc, tmp := old("/Users/a/doc", 10), w.born("/Users/a/tmp", 11)
	w.open(5, doc, es.FRead)
	w.create(5, tmp)
	w.over(5, tmp, doc)
	w.is("other execution", w.over(6, doc, tmp).Swapped, false)
}

// One half of a swap was lost: the next sight of the other file corrects the table.
func TestHalfASwap(t *testing.T) {
	for half := uint64(3); half <= 4; half++ {
		w := newMac(t)
		w.lost = half
		doc, tmp := old("/Users/a/doc", 10), w.born("/Users/a/tmp", 11)
		a := w.open(5, doc, es.FRead)
		b := w.create(5, tmp)
		w.over(5, tmp, doc)
		w.over(5, doc, tmp)
		w.open(5, old("/Users/a/tmp", 10), es.FRead)
		w.open(5, old("/Users/a/doc", 11), es.FRead)
		w.is("doc", w.tab.Find("/Users/a/doc"), b.Target)
		w.is("tmp", w.tab.Find("/Users/a/tmp"), a.Target)
		w.is("there", w.file(a.Target).Gone || w.file(b.Target).Gone, false)
	}
}

func TestRetries(t *testing.T) {
	w := newMac(t)
	w.step = 1000
	folder := dir("/Users/a", 3)
	doc, tmp := old("/Users/a/doc", 10), w.born("/Users/a/tmp", 11)
	a := w.open(5, doc, es.FRead)
	b := w.create(5, tmp)
	w.is("create", w.create(5, tmp).Retry, true)
	first := w.over(5, tmp, doc)
	again := w.over(5, tmp, doc)
	w.is("rename", again.Retry, true)
	w.is("target", again.Target, first.Target)
	w.is("replaced", again.Replaced, a.Target)
	w.is("path", w.tab.Path(b.Target), "/Users/a/doc")
	w.unlink(5, old("/Users/a/doc", 11), folder)
	w.is("unlink", w.unlink(5, old("/Users/a/doc", 11), folder).Retry, true)
	w.is("gone", w.file(b.Target).Gone, true)
	w.is("counted", w.tab.Stats().Retries, uint64(3))
	d := w.tab.Deeds(nil, b.Target, DidRename|DidUnlink|DidCreate, es.Moment{})
	for _, x := range d {
		w.is("count", x.Count, uint32(1))
	}
	// Made, deleted and made again is no retry.
	w.create(5, w.born("/Users/a/n", 12))
	w.unlink(5, old("/Users/a/n", 12), folder)
	w.is("made again", w.create(5, w.born("/Users/a/n", 13)).Retry, false)
}

// A file without a link is still open, and still told under its old name, while another has that name.
func TestUnlinkWhileOpen(t *testing.T) {
	w := newMac(t)
	folder := dir("/Users/a", 3)
	f := w.born("/Users/a/log", 20)
	a := w.create(5, f)
	w.open(5, f, es.FWrite)
	w.unlink(6, f, folder)
	b := w.create(7, w.born("/Users/a/log", 21))
	c := w.write(5, linked(f, 0))
	w.is("the old one", c.Target, a.Target)
	w.is("the name", w.tab.Find("/Users/a/log"), b.Target)
	w.is("gone", w.file(a.Target).Gone, true)
	w.is("held", w.tab.OpenForWriting(a.Target), 1)
	w.close(5, linked(f, 0), true)
	w.is("let go", w.tab.OpenForWriting(a.Target), 0)
	// First seen so: it has a path, and takes no name from anybody.
	d := w.write(8, linked(old("/Users/a/log", 22), 0))
	w.is("its path", w.tab.Path(d.Target), "/Users/a/log")
	w.is("the name", w.tab.Find("/Users/a/log"), b.Target)
}

func TestLostRename(t *testing.T) {
	w := newMac(t)
	a := w.create(5, w.born("/Users/a/x.part", 20))
	f := old("/Users/a/x", 20)
	f.Stat.BirthTime = 0
	c := w.open(6, f, es.FRead)
	w.is("the same", c.Target, a.Target)
	w.is("unseen", c.Unseen, true)
	w.is("was", c.Was, "/Users/a/x.part")
	w.is("counted", w.tab.Stats().Moved, uint64(1))
	h := w.tab.History(nil, a.Target)
	w.is("inferred", h[1].How, NamedInferred)
}

func TestManyNames(t *testing.T) {
	w := newMac(t)
	folder := dir("/Users/a", 3)
	a := w.create(5, w.born("/Users/a/n0", 20))
	for i := range 40 {
		w.rename(5, old(fmt.Sprintf("/Users/a/n%d", i), 20), folder, fmt.Sprintf("n%d", i+1))
	}
	h := w.tab.History(nil, a.Target)
	w.is("bounded", len(h), MaxNames)
	w.is("first", h[0].Path, "/Users/a/n0")
	w.is("last", h[len(h)-1].Path, "/Users/a/n40")
	for i := range 40 {
		w.open(5, linked(old(fmt.Sprintf("/Users/a/l%d", i), 30), 100), es.FRead)
	}
	w.is("links bounded", len(w.tab.History(nil, w.tab.Find("/Users/a/l39"))), MaxNames)
	for i := range 40 {
		w.do(5, &es.Rename{Source: dir(fmt.Sprintf("/d%d", i), 40), DestinationType: es.DestinationNewPath, Dir: dir("/", 2), Filename: fmt.Sprintf("d%d", i+1)})
	}
	w.is("folder", w.tab.Path(w.tab.FindIdentity(dataDev, 40)), "/d40")
}

func TestDeepPaths(t *testing.T) {
	w := newMac(t)
	deep := "/Users/a" + strings.Repeat("/dir", 3000) + "/leaf"
	a := w.open(5, old(deep, 20), es.FRead)
	w.is("path", w.tab.Path(a.Target), deep)
	w.is("found", w.tab.Find(deep), a.Target)
	w.is("known", w.open(5, old(deep, 20), es.FRead).Unseen, false)
	// Folders moved into each other without end.
	for i := range 300 {
		p := fmt.Sprintf("/m%d/a/b/c/d/e/f/g/h/i/j", i)
		w.open(5, dir(p, uint64(1000+i)), es.FRead)
		w.open(5, dir(fmt.Sprintf("/m%d", i), uint64(5000+i)), es.FRead)
		if i > 0 {
			w.do(5, &es.Rename{Source: dir(fmt.Sprintf("/m%d", i-1), uint64(5000+i-1)), DestinationType: es.DestinationNewPath, Dir: dir(p, uint64(1000+i)), Filename: "x"})
		}
	}
}

func TestRootFolder(t *testing.T) {
	w := newMac(t)
	a := w.open(5, dir("/", 2), es.FRead)
	w.is("path", w.tab.Path(a.Target), "/")
	w.is("found", w.tab.Find("/"), a.Target)
	b := w.open(5, old("/x", 20), es.FRead)
	w.is("parent", w.tab.Parent(b.Target), a.Target)
}

func TestFolding(t *testing.T) {
	var f folding
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"README", "readme", true},
		{"a", "b", false},
		{"\u00c9", "e\u0301", true},
		{"\u212a", "k", true},
		{"\u017f", "S", true},
		{"\u03a3", "\u03c2", true},
		{"a\xff", "A\xff", true},
		{"\xff", "\xfe", false},
		{"\u1e9b\u0323", "\u1e9b\u0323", true},
		{"", "", true},
	} {
		if f.same(c.a, c.b) != c.same {
			t.Errorf("%q, %q: same %v", c.a, c.b, !c.same)
		}
	}
}

// What is folded eight bytes at a time is what is folded one by one, wherever in a name it stands.
func TestFoldingAnyLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("@AMZ[`amz{\x00\x7f \u00e9\u212a")), 0, 30, -1).Draw(t, "name")
		want := ""
		for _, r := range norm.NFD.String(s) {
			want += string(foldRune(r))
		}
		f := folding{a: []byte("KEPT FROM BEFORE, AND LONGER THAN A NAME")}
		if got := string(f.fold(s)); got != want {
			t.Fatalf("%q folds to %q, should be %q", s, got, want)
		}
	})
}

// A path is untidy where one of its components says nothing, however long it is and wherever that stands.
func TestUntidyAnyLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := "/" + rapid.StringOfN(rapid.RuneFrom([]rune("//...a-0\u00e9")), 1, 30, -1).Draw(t, "path")
		if got, want := Canonical(p), path.Clean(p); got != want {
			t.Fatalf("%q is %q, should be %q", p, got, want)
		}
	})
}
