package catalog

import (
	"strings"
	"testing"
)

func TestTrashOf(t *testing.T) {
	for _, x := range []struct {
		path string
		want Trash // Kind 0: no Trash
	}{
		{"/Users/alice/.Trash/plan.pdf", Trash{HomeTrash, "/Users/alice/.Trash", "alice", NoUID, "plan.pdf"}},
		{"/Users/alice/.Trash/Photos/a.jpg", Trash{HomeTrash, "/Users/alice/.Trash", "alice", NoUID, "Photos/a.jpg"}},
		{"/Users/alice/.Trash", Trash{HomeTrash, "/Users/alice/.Trash", "alice", NoUID, ""}},
		{"/private/var/root/.Trash/x", Trash{HomeTrash, "/private/var/root/.Trash", "root", NoUID, "x"}},
		{"/Volumes/Big/Users/alice/.Trash/x", Trash{HomeTrash, "/Volumes/Big/Users/alice/.Trash", "alice", NoUID, "x"}},
		{"/Volumes/USB/.Trashes/501/x", Trash{VolumeTrash, "/Volumes/USB/.Trashes/501", "", 501, "x"}},
		{"/.Trashes/501/x", Trash{VolumeTrash, "/.Trashes/501", "", 501, "x"}},
		{"/Volumes/USB/.Trashes/501", Trash{VolumeTrash, "/Volumes/USB/.Trashes/501", "", 501, ""}},
		{"/Users/alice/Library/Mobile Documents/.Trash/x", Trash{CloudTrash, "/Users/alice/Library/Mobile Documents/.Trash", "alice", NoUID, "x"}},
		{"/Users/alice/Library/Mobile Documents/com~apple~CloudDocs/.Trash/x", Trash{CloudTrash, "/Users/alice/Library/Mobile Documents/com~apple~CloudDocs/.Trash", "alice", NoUID, "x"}},
		{"/Users/alice/Library/CloudStorage/OneDrive-Personal/.Trash/x", Trash{CloudTrash, "/Users/alice/Library/CloudStorage/OneDrive-Personal/.Trash", "alice", NoUID, "x"}},

		// Folders that only have the name, or are near it.
		{"/Users/alice/src/.Trash/x", Trash{}},
		{"/srv/.Trash/x", Trash{}},
		{"/Users/.Trash/x", Trash{}},
		{"/Users/alice/.Trashed/x", Trash{}},
		{"/Users/alice/my.Trash/x", Trash{}},
		{"/Users/alice/.Trashes/501/x", Trash{}},
		{"/Volumes/USB/.Trashes", Trash{}},
		{"/Volumes/USB/.Trashes/x/y", Trash{}},
		{"/Volumes/USB/.Trashes/99999999999/y", Trash{}},
		{"/Volumes/USB/a/.Trashes/501/x", Trash{}},
		{"/Users/alice/Documents/plan.pdf", Trash{}},
		{"", Trash{}},
	} {
		got, ok := TrashOf(x.path)
		if ok != (x.want.Kind != 0) || ok && got != x.want {
			t.Errorf("TrashOf(%q) = %+v, %v, should be %+v", x.path, got, ok, x.want)
		}
	}
}

func TestSaveTemp(t *testing.T) {
	const items = "/private/var/folders/ab/cd/T/TemporaryItems/NSIRD_TextEdit_x7Qy2z/plan.rtf"
	for _, x := range []struct {
		path string
		want Temp // Kind 0: none
	}{
		{items, Temp{Kind: ItemReplacement, Final: "plan.rtf", App: "TextEdit"}},
		{"/Users/a/(A Document Being Saved By TextEdit)/plan.rtf", Temp{Kind: BeingSaved, Final: "/Users/a/plan.rtf", App: "TextEdit"}},
		{"/Users/a/(A Document Being Saved By TextEdit 2)/plan.rtf", Temp{Kind: BeingSaved, Final: "/Users/a/plan.rtf", App: "TextEdit"}},
		{"/Users/a/(A Document Being Saved By Microsoft Word)", Temp{Kind: BeingSaved, App: "Microsoft Word"}},
		{"/Users/a/plan.rtf.sb-3f9a12bc-Qx71aZ", Temp{Kind: SafeSave, Final: "/Users/a/plan.rtf"}},
		{"/Users/a/.dat.nosync02bc.Ab3dE9", Temp{Kind: AtomicWrite, PID: 0x2bc}},
		{"/Users/a/.!700!conf.txt", Temp{Kind: EditorTemp, Final: "/Users/a/conf.txt", PID: 700}},
		{"/Users/a/.report.pdf.Xk39aQ", Temp{Kind: Transfer, Final: "/Users/a/report.pdf"}},
		{"/Users/a/.report.pdf.Xk39aQb71Z", Temp{Kind: Transfer, Final: "/Users/a/report.pdf"}},
		{"/Users/a/4913", Temp{Kind: EditorProbe}},
		{"/Users/a/.plan.txt.swp", Temp{Kind: EditorSwap, Final: "/Users/a/plan.txt"}},
		{"/Users/a/.#plan.txt", Temp{Kind: EditorSwap, Final: "/Users/a/plan.txt"}},
		{"/Users/a/#plan.txt#", Temp{Kind: EditorSwap, Final: "/Users/a/plan.txt"}},
		{"/Users/a/.~lock.plan.odt#", Temp{Kind: EditorSwap, Final: "/Users/a/plan.odt"}},
		{"/Users/a/.~lock.#", Temp{}},
		{"/Users/a/~$plan.docx", Temp{Kind: EditorSwap}},
		{"/Users/a/plan.txt~", Temp{Kind: EditorBackup, Final: "/Users/a/plan.txt"}},
		{"/Users/a/plan.kt___jb_tmp___", Temp{Kind: EditorTemp, Final: "/Users/a/plan.kt"}},
		{"/Users/a/src/.git/index.lock", Temp{Kind: Lock, Final: "/Users/a/src/.git/index"}},
		{"/plan.txt~", Temp{Kind: EditorBackup, Final: "/plan.txt"}},

		{"/Users/a/plan.rtf", Temp{}},
		{"/Users/a/.bashrc", Temp{}},
		{"/Users/a/.config.json", Temp{}}, // four letters
		{"/Users/a/.vim.config", Temp{}},  // six letters, but a word
		{"/Users/a/.a.123456", Temp{}},    // six digits: a date as well as a temporary name
		{"/Users/a/plan.rtf.sb-3f9a12bc-Qx71a", Temp{}},
		{"/Users/a/(A Document Being Saved By TextEdit", Temp{}},
		{"/Users/a/.dat.nosyncxyz.abcdef", Temp{}},
		{"/Users/a/.!x!conf.txt", Temp{}},
		{"/Users/a/~", Temp{}},
		{"/Users/a/49131", Temp{}},
		{"/Users/a/.swp", Temp{}},
		{"", Temp{}},
	} {
		got, ok := SaveTemp(x.path)
		if ok != (x.want.Kind != 0) || got != x.want {
			t.Errorf("SaveTemp(%q) = %+v, %v, should be %+v", x.path, got, ok, x.want)
		}
	}
}

func TestDownloadTemp(t *testing.T) {
	for _, x := range []struct {
		path, final string
		ok          bool
	}{
		{"/Users/a/Downloads/Unconfirmed 401277.crdownload", "", true},
		{"/Users/a/Downloads/report.pdf.crdownload", "/Users/a/Downloads/report.pdf", true},
		{"/Users/a/Downloads/xWb1kD2a.pdf.part", "/Users/a/Downloads/xWb1kD2a.pdf", true},
		{"/Users/a/Downloads/report.pdf.download", "/Users/a/Downloads/report.pdf", true},
		{"/Users/a/Downloads/report.pdf.download/report.pdf", "/Users/a/Downloads/report.pdf", true},
		{"/Users/a/Downloads/report.pdf.opdownload", "/Users/a/Downloads/report.pdf", true},
		{"/Users/a/Downloads/.com.google.Chrome.Xy12Qz", "", true},

		{"/Users/a/Downloads/report.pdf", "", false},
		{"/Users/a/Downloads/.part", "", false},
		{"/Users/a/.download/report.pdf", "", false},
		{"/Users/a/.com.example.app", "", false},
		{"/Users/a/part", "", false},
		{"", "", false},
	} {
		if final, ok := DownloadTemp(x.path); final != x.final || ok != x.ok {
			t.Errorf("DownloadTemp(%q) = %q, %v, should be %q, %v", x.path, final, ok, x.final, x.ok)
		}
	}
}

func TestBundleOf(t *testing.T) {
	for _, x := range []struct{ path, bundle string }{
		{"/Applications/Safari.app/Contents/MacOS/Safari", "/Applications/Safari.app"},
		{"/Applications/X.app/Contents/PlugIns/Y.appex/Contents/MacOS/Y", "/Applications/X.app"},
		{"/Users/a/notes.rtfd/TXT.rtf", "/Users/a/notes.rtfd"},
		{"/Users/a/notes.RTFD", "/Users/a/notes.RTFD"},
		{"/Users/a/Pictures/Photos Library.photoslibrary/database/Photos.sqlite", "/Users/a/Pictures/Photos Library.photoslibrary"},
		{"/Users/a/report.pdf.download/report.pdf", "/Users/a/report.pdf.download"},
		{"/Users/a/.app/x", ""},
		{"/Users/a/app/x.txt", ""},
		{"/Users/a/x.application/y", ""},
		{"/Users/a/x.app.old/y.txt", ""},
		{"/Users/a/x.old.app/y.txt", "/Users/a/x.old.app"},
		{"/Users/a/..app/x", "/Users/a/..app"},
		{"/Users/a/x./y.", ""},
		{"/Users/v1.2/x.key", "/Users/v1.2/x.key"},
		{"x.app", "x.app"},
		{".app", ""},
		{"", ""},
		{"/", ""},
	} {
		if bundle, ok := BundleOf(x.path); bundle != x.bundle || ok != (x.bundle != "") {
			t.Errorf("BundleOf(%q) = %q, %v, should be %q", x.path, bundle, ok, x.bundle)
		}
	}
}

func TestArchiveName(t *testing.T) {
	for _, p := range []string{"/a/x.zip", "/a/x.tar.gz", "/a/X.ZIP", "x.7z", "/a/x.tgz"} {
		if !ArchiveName(p) {
			t.Errorf("%s is an archive", p)
		}
	}
	for _, p := range []string{"/a/x.txt", "/a/zip", "/a/.zip", "/a.zip/x", "/a/x.dmg", ""} {
		if ArchiveName(p) {
			t.Errorf("%s is no archive", p)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	for path, want := range map[string]Place{
		"/private/tmp/x": Temporary,
		"/private/var/folders/ab/cdef/T/TemporaryItems/NSIRD_A_b/x": Temporary,
		"/private/var/folders/ab/cdef/C/com.apple.x/y":              Cache,
		"/Volumes/USB/.TemporaryItems/folders.501/x":                Temporary,
		"/Users/a/Library/Caches/x":                                 Cache,
		"/.DocumentRevisions-V100/PerUID/501/x":                     VersionStore,
		"/Volumes/USB/.Spotlight-V100/x":                            Index,
		"/System/Library/CoreServices/x":                            SystemVolume,
		"/bin/zsh":                                                  SystemVolume,
		"/usr/local/bin/x":                                          Elsewhere,
		"/Users/a/tmp/x":                                            Elsewhere,
		"":                                                          Elsewhere,
	} {
		if got := PlaceOf(path); got != want {
			t.Errorf("PlaceOf(%q) = %d, should be %d", path, got, want)
		}
	}
}

// No path, however odd, makes these panic, allocate beyond bounds, or name what is not a part of it.
func FuzzPaths(f *testing.F) {
	for _, p := range []string{
		"/Users/a/.Trash/x", "/.Trashes/501/x", "/a/(A Document Being Saved By B 2)/c", "/a/b.sb-00000000-aaaaaa",
		"/a/.dat.nosync1.aaaaaa", "/a/Unconfirmed 1.crdownload", "/a/b.app/c", "/private/var/folders/a/b/C/d", ".", "//", "/.!1!x",
	} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if x, ok := TrashOf(p); ok && (!strings.HasPrefix(p, x.Root) || !strings.HasSuffix(strings.TrimSuffix(p, "/"), x.Name)) {
			t.Fatalf("TrashOf(%q) = %+v", p, x)
		}
		if x, ok := SaveTemp(p); ok && (x.Kind == 0 || x.PID < 0 || len(x.Final) > len(p)+1) {
			t.Fatalf("SaveTemp(%q) = %+v", p, x)
		}
		if final, ok := DownloadTemp(p); ok && len(final) > len(p)+1 {
			t.Fatalf("DownloadTemp(%q) = %q", p, final)
		}
		if b, ok := BundleOf(p); ok && !strings.HasPrefix(p, b) {
			t.Fatalf("BundleOf(%q) = %q", p, b)
		}
		ArchiveName(p)
		PlaceOf(p)
	})
}
