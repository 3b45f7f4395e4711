package fakeeslogger

import (
	"fmt"
	"hash/fnv"
	"path"
	"time"

	"ascribe.example/es"
)

// world is a Mac that is made up as it goes: indexers read, an app saves by replacing, a shell's tools come and go, a
// browser downloads. Nine of ten events are reads by the indexers, as on a real Mac [R].
type world struct {
	epoch   int64 // when mach_time was 0
	pid     int32
	version uint32
	n       uint64
	ino     uint64

	savers []*es.Process // that have not ended

	launchd, mds, editor, terminal, shell, browser *es.Process
}

// booted is when mach_time was 0, the same for every fake: they are clients on one Mac, in one boot.
var booted = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// teller takes an event.
type teller func(by *es.Process, ev es.Event)

func newWorld() *world {
	now := time.Now()
	w := &world{epoch: booted.UnixNano(), pid: 2000, version: uint32(now.Unix()%100_000)*10_000 + 100_000, ino: uint64(now.Unix()) << 20}
	boot := es.Time(booted.UnixNano())
	w.launchd = w.process(1, 7, "/sbin/launchd", boot)
	w.mds = w.process(110, 300, "/System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Versions/A/Support/mds", boot+1e9)
	w.editor = w.user(w.process(501, 900, "/System/Applications/TextEdit.app/Contents/MacOS/TextEdit", boot+5e9))
	w.shell = w.user(w.process(502, 903, "/bin/zsh", boot+6e9))
	w.terminal = w.user(w.process(504, 902, "/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal", boot+6e9))
	w.terminal.SigningID = "com.apple.Terminal"
	w.shell.ParentAuditToken, w.shell.ResponsibleAuditToken = w.terminal.AuditToken, w.terminal.AuditToken
	w.shell.PPID, w.shell.OriginalPPID, w.shell.TTY = 504, 504, &es.File{Path: "/dev/ttys000"}
	w.browser = w.user(w.process(503, 905, "/Applications/Safari.app/Contents/MacOS/Safari", boot+7e9))
	w.editor.SigningID, w.browser.SigningID, w.shell.SigningID = "com.apple.TextEdit", "com.apple.Safari", "com.apple.zsh"
	return w
}

// process is one that launchd began and that answers for itself.
func (w *world) process(pid int32, version uint32, image string, start es.Time) *es.Process {
	p := &es.Process{
		AuditToken: es.AuditToken{AUID: es.Unset, PID: pid, PIDVersion: version, ASID: 100000},
		PPID:       1, OriginalPPID: 1, GroupID: pid, SessionID: 1, CodesigningFlags: 570506001, CSValidationCategory: -1, IsPlatformBinary: true,
		SigningID: "com.apple." + path.Base(image), Executable: w.file(image, 90210), StartTime: start / 1000 * 1000,
	}
	p.CDHash = es.CDHash{1, byte(pid), byte(pid >> 8), byte(version)}
	p.ResponsibleAuditToken = p.AuditToken
	p.ParentAuditToken = es.AuditToken{AUID: es.Unset, PID: 1, PIDVersion: 7}
	return p
}

func (w *world) user(p *es.Process) *es.Process {
	p.AuditToken.AUID, p.AuditToken.EUID, p.AuditToken.RUID, p.AuditToken.EGID, p.AuditToken.RGID = 501, 501, 501, 20, 20
	p.AuditToken.ASID = 100019
	p.ResponsibleAuditToken = p.AuditToken
	return p
}

func (w *world) file(name string, size int64) es.File {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // it never fails
	t := es.Time(w.epoch)
	return es.File{Path: name, Stat: es.Stat{
		Dev: 16777234, Mode: es.ModeRegular | 0o644, Nlink: 1, Ino: 1152921500000000000 + h.Sum64()%1_000_000_000, UID: 501, GID: 20,
		ATime: t, MTime: t, CTime: t, BirthTime: t, Size: size, Blocks: (size + 511) / 512, BlkSize: 4096,
	}}
}

// fresh is a file that was made now.
func (w *world) fresh(name string, size int64) es.File {
	w.ino++
	f := w.file(name, size)
	f.Stat.Ino = w.ino
	t := es.Time(time.Now().UnixNano())
	f.Stat.MTime, f.Stat.CTime, f.Stat.BirthTime = t, t, t
	return f
}

func (w *world) folder(name string) es.File {
	f := w.file(name, 640)
	f.Stat.Mode = es.ModeDir | 0o755
	return f
}

// step is the next thing that happens.
func (w *world) step(tell teller) {
	w.n++
	switch n := w.n % 200; {
	case n == 0:
		w.tool(tell)
	case n%40 == 1:
		w.replace(tell)
	case n == 2:
		w.download(tell)
	default:
		w.read(tell)
	}
}

func (w *world) read(tell teller) {
	f := w.file(fmt.Sprintf("/Users/alice/Library/Mail/V10/Messages/%d.emlx", w.n%5000), 4096)
	tell(w.mds, &es.Open{FFlag: es.FRead, File: f})
	tell(w.mds, &es.Close{Target: f})
}

// replace is a save by a temporary file that is renamed over the document.
func (w *world) replace(tell teller) {
	name := fmt.Sprintf("/Users/alice/Documents/note-%d.txt", w.n%500)
	tmp := w.fresh(fmt.Sprintf("/Users/alice/Documents/.dat.nosync01f5.%06d", w.n%1_000_000), 0)
	tell(w.editor, &es.Create{DestinationType: es.DestinationExistingFile, ExistingFile: tmp})
	tmp.Stat.Size = 2048
	tell(w.editor, &es.Write{Target: tmp})
	tell(w.editor, &es.Close{Modified: true, Target: tmp})
	tell(w.editor, &es.Rename{Source: tmp, DestinationType: es.DestinationExistingFile, ExistingFile: w.file(name, 2000)})
}

// save makes a new file.
func (w *world) save(tell teller, name string) {
	f := w.fresh(name, 0)
	tell(w.editor, &es.Create{DestinationType: es.DestinationExistingFile, ExistingFile: f})
	f.Stat.Size = 100
	tell(w.editor, &es.Write{Target: f})
	tell(w.editor, &es.Close{Modified: true, Target: f})
}

// begin runs a program from the shell.
func (w *world) begin(tell teller, program string) *es.Process {
	if w.pid == 2000 { // who they are is told with what they do: the first time, before they begin anything
		for _, p := range []*es.Process{w.terminal, w.shell} {
			tell(p, &es.Open{FFlag: es.FRead, File: w.file("/Users/alice/.zsh_history", 4096)})
		}
	}
	w.pid++
	if w.pid > 90_000 {
		w.pid = 2000
	}
	start := es.Time(time.Now().UnixNano())
	w.version += 2
	child := w.user(w.process(w.pid, w.version-1, "/bin/zsh", start))
	child.PPID, child.OriginalPPID, child.ParentAuditToken = w.shell.AuditToken.PID, w.shell.AuditToken.PID, w.shell.AuditToken
	child.ResponsibleAuditToken, child.TTY = w.terminal.AuditToken, w.shell.TTY
	child.SigningID = w.shell.SigningID
	tell(w.shell, &es.Fork{Child: *child})
	image := *child
	image.AuditToken.PIDVersion = w.version
	image.Executable, image.SigningID = w.file(program, 80000), "com.apple."+path.Base(program)
	tell(child, &es.Exec{Target: image, DyldExecPath: program, CWD: w.folder("/Users/alice"), LastFD: 2, Args: []string{program}, Env: []string{"HOME=/Users/alice", "SHELL=/bin/zsh"}})
	return &image
}

// tool is a program that a shell runs, and that ends.
func (w *world) tool(tell teller) {
	image := w.begin(tell, "/usr/bin/touch")
	f := w.fresh(fmt.Sprintf("/Users/alice/log-%d", w.n), 0)
	tell(image, &es.Create{DestinationType: es.DestinationExistingFile, ExistingFile: f})
	tell(image, &es.Close{Modified: true, Target: f})
	tell(image, &es.Unlink{Target: f, ParentDir: w.folder("/Users/alice")})
	tell(image, &es.Exit{})
}

// download is what a browser does.
func (w *world) download(tell teller) {
	tmp := w.fresh(fmt.Sprintf("/Users/alice/Downloads/Unconfirmed %d.crdownload", w.n), 0)
	tell(w.browser, &es.Create{DestinationType: es.DestinationExistingFile, ExistingFile: tmp})
	tmp.Stat.Size = 100_000
	for range 4 {
		tell(w.browser, &es.Write{Target: tmp})
	}
	tell(w.browser, &es.ExtAttr{Which: es.KindSetExtAttr, Target: tmp, Name: "com.apple.quarantine"})
	tell(w.browser, &es.Close{Modified: true, Target: tmp})
	tell(w.browser, &es.Rename{Source: tmp, DestinationType: es.DestinationNewPath, Dir: w.folder("/Users/alice/Downloads"), Filename: fmt.Sprintf("report-%d.pdf", w.n)})
}

func (w *world) quarantine(tell teller, name string) {
	tell(w.browser, &es.ExtAttr{Which: es.KindSetExtAttr, Target: w.file(name, 10), Name: "com.apple.quarantine"})
}

// saveAlone makes a file, whose name says when, by a program that nothing else is done by. It ends a while later.
func (w *world) saveAlone(tell teller, n int) {
	by := w.begin(tell, "/usr/bin/tee")
	w.saveBy(tell, by, fmt.Sprintf("/Users/alice/Documents/%d/save-%d-%d.txt", n, n, time.Now().UnixNano()))
	w.savers = append(w.savers, by)
	if len(w.savers) > 64 {
		tell(w.savers[0], &es.Exit{})
		w.savers = w.savers[1:]
	}
}

// ran is a process that the shell really runs.
func (w *world) ran(tell teller, pid int32, start es.Time, made string) {
	w.version += 2
	child := w.user(w.process(pid, w.version-1, "/bin/zsh", start))
	child.ParentAuditToken, child.PPID = w.shell.AuditToken, w.shell.AuditToken.PID
	image := *child
	image.AuditToken.PIDVersion = w.version
	image.Executable = w.file("/usr/bin/make", 80000)
	tell(child, &es.Exec{Target: image, CWD: w.folder("/Users/alice"), Args: []string{"make"}})
	if made != "" {
		w.saveBy(tell, &image, made)
	}
}

func (w *world) saveBy(tell teller, by *es.Process, name string) {
	editor := w.editor
	w.editor = by
	w.save(tell, name)
	w.editor = editor
}
