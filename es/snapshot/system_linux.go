package snapshot

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"ascribe.example/es"
	"golang.org/x/sys/unix"
)

// Host is the system that this program runs on.
func Host() System { return linux{proc: "/proc", etc: "/etc"} }

// linux reads /proc. It has no pidversion, no signatures and no responsibility: processes are known by pid and start time
// alone, so its snapshots are for trying things out.
type linux struct{ proc, etc string }

// ticks is USER_HZ, which is 100 wherever Linux runs.
const ticks = 100

func (l linux) Header() es.Header {
	h := es.Header{Timebase: es.Timebase{Numer: 1, Denom: 1}}
	h.Host = l.line("sys/kernel/hostname")
	h.Boot = strings.ToUpper(l.line("sys/kernel/random/boot_id"))
	h.OS = "Linux " + l.line("sys/kernel/osrelease")
	return h
}

func (l linux) line(name string) string {
	text, err := os.ReadFile(filepath.Join(l.proc, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

var bootTime = sync.OnceValue(func() int64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if s, ok := strings.CutPrefix(line, "btime "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
			return n
		}
	}
	return 0
})

// stat is the fields of /proc/PID/stat after the name, which may hold anything.
func (l linux) stat(pid int) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(l.proc, strconv.Itoa(pid), "stat"))
	if err != nil {
		return nil, err
	}
	i := bytes.LastIndexByte(text, ')')
	f := strings.Fields(string(text[i+1:]))
	if i < 0 || len(f) < 20 {
		return nil, fmt.Errorf("read the state of process %d: %d fields", pid, len(f))
	}
	return f, nil
}

func startTime(fields []string) es.Time {
	n, err := strconv.ParseInt(fields[19], 10, 64)
	if err != nil || bootTime() == 0 {
		return 0
	}
	return es.Time(bootTime()*1e9 + n*(1e9/ticks))
}

func (l linux) Life(pid int) es.Life {
	f, err := l.stat(pid)
	if err != nil {
		return es.Life{PID: int32(pid)}
	}
	return es.Life{PID: int32(pid), StartTime: startTime(f)}
}

func (l linux) Processes() ([]es.SnapshotProcess, error) {
	names, err := os.ReadDir(l.proc)
	if err != nil {
		return nil, err
	}
	var all []es.SnapshotProcess
	for _, d := range names {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		if p, ok := l.process(pid); ok {
			all = append(all, p)
		}
	}
	return all, nil
}

func (l linux) process(pid int) (es.SnapshotProcess, bool) {
	p := es.SnapshotProcess{}
	p.CSValidationCategory = -1
	folder := filepath.Join(l.proc, strconv.Itoa(pid))
	path, err := os.Readlink(filepath.Join(folder, "exe"))
	if err != nil {
		return p, false // a kernel thread, or gone
	}
	f, err := l.stat(pid)
	if err != nil {
		return p, false
	}
	number := func(i int) int32 {
		n, _ := strconv.ParseInt(f[i], 10, 32)
		return int32(n)
	}
	p.PPID, p.GroupID, p.SessionID, p.StartTime = number(1), number(2), number(3), startTime(f)
	p.OriginalPPID = p.PPID
	p.Executable.Path = strings.TrimSuffix(path, " (deleted)")
	p.AuditToken = es.AuditToken{AUID: es.Unset, PID: int32(pid)}
	if text, err := os.ReadFile(filepath.Join(folder, "loginuid")); err == nil {
		if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32); err == nil {
			p.AuditToken.AUID = uint32(n)
		}
	}
	if text, err := os.ReadFile(filepath.Join(folder, "status")); err == nil {
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) < 3 {
				continue
			}
			real, _ := strconv.ParseUint(f[1], 10, 32)
			effective, _ := strconv.ParseUint(f[2], 10, 32)
			switch f[0] {
			case "Uid:":
				p.AuditToken.RUID, p.AuditToken.EUID = uint32(real), uint32(effective)
			case "Gid:":
				p.AuditToken.RGID, p.AuditToken.EGID = uint32(real), uint32(effective)
			}
		}
	}
	if text, err := os.ReadFile(filepath.Join(folder, "cmdline")); err == nil && len(text) > 0 {
		p.Args = strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
	}
	return p, true
}

func (l linux) Users() ([]es.User, error) {
	f, err := os.Open(filepath.Join(l.etc, "passwd"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	var all []es.User
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		c := strings.Split(lines.Text(), ":")
		if len(c) < 7 {
			continue
		}
		if uid, err := strconv.ParseUint(c[2], 10, 32); err == nil {
			all = append(all, es.User{UID: uint32(uid), Name: c[0], Home: c[5]})
		}
	}
	return all, lines.Err()
}

// network are Linux's kinds of file systems whose files are elsewhere.
var network = map[string]bool{"nfs": true, "nfs4": true, "cifs": true, "smb3": true, "9p": true, "fuse.sshfs": true}

func (l linux) Mounts() ([]es.SnapshotMount, error) {
	text, err := os.ReadFile(filepath.Join(l.proc, "self/mounts"))
	if err != nil {
		return nil, err
	}
	var all []es.SnapshotMount
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		m := es.SnapshotMount{Disposition: es.MountUnknown}
		m.MntFrom, m.MntOn, m.Type = unescape.Replace(f[0]), unescape.Replace(f[1]), f[2]
		switch {
		case network[m.Type]:
			m.Disposition = es.MountNetwork
		case m.MntOn == "/":
			m.Disposition = es.MountInternal
			m.Flags |= es.MntRootFS
		}
		var st unix.Stat_t
		if unix.Stat(m.MntOn, &st) == nil {
			m.FSID[0] = int32(st.Dev)
		}
		all = append(all, m)
	}
	return all, nil
}

func (l linux) Jobs() ([]es.Job, error) { return nil, nil }
