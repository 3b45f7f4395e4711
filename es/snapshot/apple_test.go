package snapshot

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
)

// fakeMac answers the calls of a Mac with structures written field by field, as its headers declare them.
type fakeMac struct {
	procs  map[int32]*fakeProc
	noRoot bool // no tokens
	old    bool // no private calls
}

type fakeProc struct {
	ppid, pgid, sid, responsible int32
	uid, gid, ruid, rgid, tdev   uint32
	sec, usec                    uint64
	version, parentVersion       uint32
	token                        [8]uint32
	path, identity, team         string
	flags, category              uint32
	cdhash                       [20]byte
	arguments                    []byte
}

var errGone = errors.New("no such process")

func (m *fakeMac) PIDs() ([]int32, error) {
	pids := []int32{0}
	for pid := range m.procs {
		pids = append(pids, pid)
	}
	return append(pids, 9999), nil // it ends before it is asked
}

// proc_bsdinfo, in the order of sys/proc_info.h.
func (m *fakeMac) PIDInfo(pid int32, flavor int, buf []byte) (int, error) {
	p := m.procs[pid]
	if p == nil {
		return 0, errGone
	}
	var b []byte
	u32 := func(v ...uint32) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
	}
	u64 := func(v ...uint64) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, x)
		}
	}
	switch flavor {
	case 3:
		u32(4, 2, 0, uint32(pid), uint32(p.ppid), p.uid, p.gid, p.ruid, p.rgid, p.uid, p.gid, 0)
		b = append(b, make([]byte, 16+32)...) // pbi_comm, pbi_name
		u32(12, uint32(p.pgid), 0, p.tdev, 0, 0)
		u64(p.sec, p.usec)
	case 17:
		if m.old {
			return 0, errGone
		}
		b = append(b, make([]byte, 16)...)
		u64(77, 1)
		u32(p.version, p.parentVersion)
		u64(0, 0)
	}
	return copy(buf, b), nil
}

func (m *fakeMac) PIDPath(pid int32) (string, error) { return m.procs[pid].path, nil }

func (m *fakeMac) CodeSigning(pid int32, op int, buf []byte) error {
	p := m.procs[pid]
	text := func(s string) error {
		if s == "" {
			return errGone
		}
		binary.BigEndian.PutUint32(buf, 0xfade0b01)
		binary.BigEndian.PutUint32(buf[4:], uint32(8+len(s)+1))
		copy(buf[8:], s+"\x00")
		return nil
	}
	switch op {
	case 0:
		binary.LittleEndian.PutUint32(buf, p.flags)
	case 5:
		copy(buf, p.cdhash[:])
	case 11:
		return text(p.identity)
	case 14:
		return text(p.team)
	case 17:
		if m.old {
			return errGone
		}
		binary.LittleEndian.PutUint32(buf, p.category)
	}
	return nil
}

func (m *fakeMac) Token(pid int32) ([8]uint32, error) {
	if m.noRoot || m.procs[pid] == nil {
		return [8]uint32{}, errGone
	}
	return m.procs[pid].token, nil
}

func (m *fakeMac) Responsible(pid int32) (int32, error) {
	if m.old {
		return 0, errGone
	}
	return m.procs[pid].responsible, nil
}
func (m *fakeMac) Arguments(pid int32) ([]byte, error) { return m.procs[pid].arguments, nil }
func (m *fakeMac) Session(pid int32) (int32, error)    { return m.procs[pid].sid, nil }
func (m *fakeMac) Stat(string) (es.Stat, error)        { return es.Stat{Ino: 42, Mode: 0o100755}, nil }

// system is a fake Mac as a whole.
type system struct{ Apple }

func (system) Header() es.Header { return es.Header{Host: "h"} }
func (system) Users() ([]es.User, error) {
	return []es.User{{UID: 501, Name: "alice"}, {UID: 0, Name: "root"}}, nil
}
func (system) Mounts() ([]es.SnapshotMount, error) { return nil, errors.New("refused") }
func (system) Jobs() ([]es.Job, error)             { return nil, nil }

func aMac() *fakeMac {
	procargs := []byte{2, 0, 0, 0}
	procargs = append(procargs, "/bin/zsh\x00\x00\x00\x00-zsh\x00-l\x00HOME=/Users/alice\x00XPC_SERVICE_NAME=com.example.x\x00__CFBundleIdentifier=com.apple.Terminal\x00\x00junk"...)
	return &fakeMac{procs: map[int32]*fakeProc{
		1:   {ppid: 0, pgid: 1, sec: 1_780_000_000, path: "/sbin/launchd", token: [8]uint32{es.Unset, 0, 0, 0, 0, 1, 100000, 7}, version: 7, responsible: 1, tdev: noDevice, identity: "com.apple.xpc.launchd", flags: es.CSPlatformBinary},
		591: {ppid: 1, pgid: 591, uid: 501, gid: 20, ruid: 501, rgid: 20, sec: 1_780_000_100, usec: 5, path: "/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal", token: [8]uint32{501, 501, 20, 501, 20, 591, 100019, 900}, version: 900, parentVersion: 7, responsible: 591, tdev: noDevice},
		700: {
			ppid: 591, pgid: 700, sid: 700, uid: 501, gid: 20, ruid: 501, rgid: 20, sec: 1_780_000_200, usec: 123456, path: "/bin/zsh", token: [8]uint32{501, 501, 20, 501, 20, 700, 100019, 1234},
			version: 1234, parentVersion: 900, responsible: 591, tdev: 16<<24 | 3, identity: "com.apple.zsh", team: "TEAM123456", flags: es.CSValid | es.CSPlatformBinary, category: 1, cdhash: [20]byte{1, 2, 3}, arguments: procargs,
		},
	}}
}

func TestSnapshotOfAMac(t *testing.T) {
	m := aMac()
	snap, lacks := Take(system{Apple{m}}, 5)
	if len(snap.Processes) != 3 || snap.Users[0].Name != "root" || len(lacks) != 1 || lacks[0].What != "mounts" {
		t.Fatalf("%d processes, users %v, lacks %v", len(snap.Processes), snap.Users, lacks)
	}
	terminal := es.AuditToken{AUID: 501, EUID: 501, EGID: 20, RUID: 501, RGID: 20, PID: 591, ASID: 100019, PIDVersion: 900}
	want := es.SnapshotProcess{
		Process: es.Process{
			AuditToken:       es.AuditToken{AUID: 501, EUID: 501, EGID: 20, RUID: 501, RGID: 20, PID: 700, ASID: 100019, PIDVersion: 1234},
			ParentAuditToken: terminal, ResponsibleAuditToken: terminal,
			PPID: 591, OriginalPPID: 591, GroupID: 700, SessionID: 700, CodesigningFlags: es.CSValid | es.CSPlatformBinary, CSValidationCategory: 1, IsPlatformBinary: true,
			CDHash: es.CDHash{1, 2, 3}, SigningID: "com.apple.zsh", TeamID: "TEAM123456", Executable: es.File{Path: "/bin/zsh", Stat: es.Stat{Ino: 42, Mode: 0o100755}},
			TTY: &es.File{Path: "/dev/ttys003", Stat: es.Stat{Rdev: 16<<24 | 3}}, StartTime: 1_780_000_200_123456_000,
		},
		Args: []string{"-zsh", "-l"}, Label: "com.example.x", BundleID: "com.apple.Terminal", OriginalPIDV: 900,
	}
	if d := cmp.Diff(want, snap.Processes[2]); d != "" {
		t.Error(d)
	}
	if p := snap.Processes[1]; !p.SelfResponsible() || p.TTY != nil || p.OriginalPIDV != 0 || p.ParentAuditToken.PIDVersion != 7 {
		t.Errorf("Terminal %+v", p)
	}
	if got := (Apple{m}).Life(700); got != (es.Life{PID: 700, StartTime: want.StartTime}) {
		t.Errorf("life %+v", got)
	}
	if got := (Apple{m}).Life(5); got != (es.Life{PID: 5}) {
		t.Errorf("life of nobody %+v", got)
	}
}

// Without root and without the private calls there is less, and it is said.
func TestFallbacks(t *testing.T) {
	m := aMac()
	m.noRoot = true
	snap, lacks := Take(system{Apple{m}}, 5)
	if p := snap.Processes[2]; p.AuditToken.PIDVersion != 1234 || p.AuditToken.AUID != es.Unset || p.AuditToken.EUID != 501 || len(lacks) != 1 {
		t.Errorf("without root %+v, lacks %v", p.AuditToken, lacks)
	}
	m.old = true
	snap, lacks = Take(system{Apple{m}}, 5)
	p := snap.Processes[2]
	if p.AuditToken.PIDVersion != 0 || !p.ResponsibleAuditToken.IsZero() || p.CSValidationCategory != -1 || p.OriginalPIDV != 0 {
		t.Errorf("without private calls %+v", p)
	}
	if len(lacks) != 2 || lacks[0].What != "processes" {
		t.Errorf("lacks %v", lacks)
	}
}

func TestArguments(t *testing.T) {
	for _, raw := range []string{"", "\x01\x00\x00\x00", "\x02\x00\x00\x00/bin/x\x00\x00one\x00", "\xff\xff\xff\xffx\x00"} {
		if _, args, _, err := parseArguments([]byte(raw)); err == nil || args != nil {
			t.Errorf("%q: %q", raw, args)
		}
	}
	path, args, env, err := parseArguments([]byte("\x01\x00\x00\x00/bin/x\x00\x00\x00only\x00"))
	if err != nil || path != "/bin/x" || len(args) != 1 || len(env) != 0 {
		t.Errorf("%q %q %q %v", path, args, env, err)
	}
}

func TestJobs(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	head := `<?xml version="1.0"?><plist version="1.0"><dict>`
	write("System/Library/LaunchDaemons/dsh.plist", head+`<key>Label</key><string>com.apple.DesktopServicesHelper</string><key>Program</key><string>/x/DSH</string><key>MachServices</key><dict><key>b</key><true/><key>a</key><dict/></dict></dict></plist>`)
	write("Library/LaunchDaemons/own.plist", head+`<key>Label</key><string>own</string><key>UserName</key><string>alice</string><key>ProgramArguments</key><array><string>/own</string><string>-d</string></array></dict></plist>`)
	write("Users/alice/Library/LaunchAgents/sync.plist", head+`<key>Label</key><string>sync</string></dict></plist>`)
	write("Library/LaunchDaemons/broken.plist", "junk")
	got := jobs(root, []es.User{{UID: 501, Name: "alice", Home: "/Users/alice"}}, parseLaunchctl("PID\tStatus\tLabel\n-\t0\tother\n77\t0\tcom.apple.DesktopServicesHelper\n"))
	want := []es.Job{
		{Label: "com.apple.DesktopServicesHelper", Program: "/x/DSH", MachServices: []string{"a", "b"}, PID: 77, Domain: "system"},
		{Label: "own", Program: "/own", UID: 501, Domain: "system"},
		{Label: "sync", Domain: "gui/501"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDispositions(t *testing.T) {
	images := "framework       : 640\n/dev/disk5\tGUID_partition_scheme\t\n/dev/disk5s1\tApple_HFS\t/Volumes/App\n"
	for _, x := range []struct {
		fs   es.Statfs
		want es.MountDisposition
	}{
		{es.Statfs{Type: "apfs", MntOn: "/", MntFrom: "/dev/disk3s1s1", Flags: es.MntRootFS}, es.MountInternal},
		{es.Statfs{Type: "apfs", MntOn: "/System/Volumes/Data", MntFrom: "/dev/disk3s5"}, es.MountInternal},
		{es.Statfs{Type: "smbfs", MntOn: "/Volumes/team", MntFrom: "//alice@server/team"}, es.MountNetwork},
		{es.Statfs{Type: "hfs", MntOn: "/Volumes/App", MntFrom: "/dev/disk5s1"}, es.MountVirtual},
		{es.Statfs{Type: "exfat", MntOn: "/Volumes/USB", MntFrom: "/dev/disk4s1"}, es.MountExternal},
		{es.Statfs{Type: "apfs", MntOn: "/Volumes/Second", MntFrom: "/dev/disk0s3"}, es.MountInternal},
		{es.Statfs{Type: "hfs", MntOn: "/Volumes/Other", MntFrom: "/dev/disk6s1"}, es.MountVirtual},
		{es.Statfs{Type: "hfs", MntOn: "/Volumes/Silent", MntFrom: "/dev/disk7s1"}, es.MountUnknown},
		{es.Statfs{Type: "hfs", MntOn: "/Volumes/Junk", MntFrom: "/dev/disk8s1"}, es.MountUnknown},
		{es.Statfs{Type: "hfs", MntOn: "/Volumes/Gone", MntFrom: "/dev/disk9s1"}, es.MountUnknown},
		{es.Statfs{Type: "fuse", MntOn: "/Volumes/Fuse", MntFrom: "sshfs#host"}, es.MountUnknown},
	} {
		asked := func(device string) (string, error) {
			const head = `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>WholeDisk</key><false/>`
			switch device {
			case "/dev/disk4s1":
				return head + `<key>BusProtocol</key><string>USB</string><key>Internal</key><false/></dict></plist>`, nil
			case "/dev/disk0s3":
				return head + `<key>BusProtocol</key><string>Apple Fabric</string><key>Internal</key><true/></dict></plist>`, nil
			case "/dev/disk6s1":
				return head + `<key>BusProtocol</key><string>Disk Image</string><key>Internal</key><false/></dict></plist>`, nil
			case "/dev/disk7s1":
				return head + `</dict></plist>`, nil
			case "/dev/disk8s1":
				return "Could not find disk", nil
			}
			return "", os.ErrNotExist
		}
		if got := dispositionOf(&x.fs, images, asked); got != x.want {
			t.Errorf("%s: %d, want %d", x.fs.MntOn, got, x.want)
		}
	}
}

func TestUsers(t *testing.T) {
	got := parseUsers("alice   501\nnobody  -2\nroot 0\n", "alice /Users/alice\nroot /var/root /private/var/root\n")
	want := []es.User{{UID: 501, Name: "alice", Home: "/Users/alice"}, {UID: 4294967294, Name: "nobody"}, {UID: 0, Name: "root", Home: "/var/root /private/var/root"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// This machine, whichever it is, knows at least the test itself.
func TestHost(t *testing.T) {
	h := Host()
	snap, _ := Take(h, 5)
	own := h.Life(os.Getpid())
	if own.StartTime == 0 || h.Header().Boot == "" {
		t.Errorf("life %+v, header %+v", own, h.Header())
	}
	for _, p := range snap.Processes {
		if p.AuditToken.PID == int32(os.Getpid()) && p.StartTime == own.StartTime && len(p.Args) > 0 {
			return
		}
	}
	t.Errorf("the test itself is not among %d processes", len(snap.Processes))
}
