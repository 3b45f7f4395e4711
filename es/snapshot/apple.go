package snapshot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"ascribe.example/es"
)

// Calls are the system calls of macOS that a snapshot needs. A fake of them makes the rest run anywhere.
type Calls interface {
	PIDs() ([]int32, error)                                 // sysctl kern.proc.all
	PIDInfo(pid int32, flavor int, buf []byte) (int, error) // proc_pidinfo
	PIDPath(pid int32) (string, error)                      // proc_pidpath
	CodeSigning(pid int32, op int, buf []byte) error        // csops
	Token(pid int32) ([8]uint32, error)                     // task_name_for_pid, then task_info TASK_AUDIT_TOKEN
	Responsible(pid int32) (int32, error)                   // responsibility_get_pid_responsible_for_pid, which is private
	Arguments(pid int32) ([]byte, error)                    // sysctl kern.procargs2
	Session(pid int32) (int32, error)                       // getsid
	Stat(path string) (es.Stat, error)                      // lstat
}

// Flavors of proc_pidinfo, and the layouts of what they return [D: sys/proc_info.h; S: proc_info_private.h].
const (
	flavorBSDInfo = 3  // struct proc_bsdinfo
	flavorUnique  = 17 // struct proc_uniqidentifierinfo; private, of the same form since macOS 10.10 or so [R]

	sizeBSDInfo = 136
	sizeUnique  = 56

	bsdPPID      = 16
	bsdUID       = 20
	bsdGID       = 24
	bsdRUID      = 28
	bsdRGID      = 32
	bsdPGID      = 100
	bsdTDev      = 108
	bsdStartSec  = 120
	bsdStartUSec = 128

	uniqueVersion       = 32 // p_idversion, the pidversion
	uniqueParentVersion = 36 // p_orig_ppidversion; 0 before it was there
)

// Operations of csops [S: codesign.h].
const (
	opStatus   = 0
	opCDHash   = 5
	opIdentity = 11
	opTeam     = 14
	opCategory = 17
)

// noDevice is e_tdev of a process without a terminal.
const noDevice = 0xffffffff

// Apple describes the processes of a Mac by its calls.
type Apple struct{ Calls }

// Life names a running process.
func (a Apple) Life(pid int) es.Life {
	var info [sizeBSDInfo]byte
	if n, err := a.PIDInfo(int32(pid), flavorBSDInfo, info[:]); err != nil || n < sizeBSDInfo {
		return es.Life{PID: int32(pid)}
	}
	return es.Life{PID: int32(pid), StartTime: startOf(info[:])}
}

// startOf is p_start, which is what ES gives as a start time, in microseconds.
func startOf(info []byte) es.Time {
	sec := binary.LittleEndian.Uint64(info[bsdStartSec:])
	usec := binary.LittleEndian.Uint64(info[bsdStartUSec:])
	if sec == 0 || sec > 1<<33 || usec >= 1e6 {
		return 0
	}
	return es.Time(sec*1e9 + usec*1e3)
}

// Processes describes all that run. One that ends meanwhile is left out.
func (a Apple) Processes() ([]es.SnapshotProcess, error) {
	pids, err := a.PIDs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var all []es.SnapshotProcess
	nameless := 0
	for _, pid := range pids {
		if pid == 0 {
			continue // the kernel: it has no image, and does nothing that ES tells
		}
		p, ok := a.process(pid)
		if !ok {
			continue
		}
		if p.AuditToken.PIDVersion == 0 {
			nameless++
		}
		all = append(all, p)
	}
	if nameless > 0 {
		err = fmt.Errorf("%d of %d processes did not tell their audit token: run it as root", nameless, len(all))
	}
	return all, err
}

func (a Apple) process(pid int32) (es.SnapshotProcess, bool) {
	p := es.SnapshotProcess{}
	p.CSValidationCategory = -1
	p.OriginalPPID = 0
	words, tokenErr := a.Token(pid)
	if tokenErr == nil {
		p.AuditToken = es.AuditToken{
			AUID: words[0], EUID: words[1], EGID: words[2], RUID: words[3], RGID: words[4],
			PID: int32(words[5]), ASID: words[6], PIDVersion: words[7],
		}
	}
	var info [sizeBSDInfo]byte
	n, infoErr := a.PIDInfo(pid, flavorBSDInfo, info[:])
	known := infoErr == nil && n >= sizeBSDInfo
	if !known && tokenErr != nil {
		return p, false // it is gone, or nobody tells
	}
	if known {
		at := func(i int) uint32 { return binary.LittleEndian.Uint32(info[i:]) }
		p.PPID, p.GroupID, p.StartTime = int32(at(bsdPPID)), int32(at(bsdPGID)), startOf(info[:])
		if tokenErr != nil {
			p.AuditToken = es.AuditToken{
				AUID: es.Unset, EUID: at(bsdUID), EGID: at(bsdGID), RUID: at(bsdRUID), RGID: at(bsdRGID), PID: pid,
			}
		}
		if dev := at(bsdTDev); dev != noDevice && dev != 0 {
			p.TTY = terminal(dev)
		}
	}
	var unique [sizeUnique]byte
	if n, err := a.PIDInfo(pid, flavorUnique, unique[:]); err == nil && n >= sizeUnique {
		if p.AuditToken.PIDVersion == 0 {
			p.AuditToken.PIDVersion = binary.LittleEndian.Uint32(unique[uniqueVersion:])
		}
		// The creator's pid is not told, but where it is the parent still, its version is the creator's or a later one.
		p.OriginalPIDV = binary.LittleEndian.Uint32(unique[uniqueParentVersion:])
	}
	p.OriginalPPID = p.PPID // unless it was orphaned: launchd is then the parent, and the version above is not launchd's
	if p.PPID == es.LaunchdPID && p.OriginalPIDV > 1 {
		p.OriginalPIDV = 0
	}
	if path, err := a.PIDPath(pid); err == nil && path != "" {
		p.Executable.Path = path
		if st, err := a.Stat(path); err == nil {
			p.Executable.Stat = st
		}
	}
	if sid, err := a.Session(pid); err == nil {
		p.SessionID = sid
	}
	if r, err := a.Responsible(pid); err == nil && r > 0 {
		p.ResponsibleAuditToken = es.AuditToken{PID: r} // Take finds the rest
	}
	a.signing(pid, &p)
	if raw, err := a.Arguments(pid); err == nil {
		if path, args, env, err := parseArguments(raw); err == nil {
			p.Args = args
			if p.Executable.Path == "" {
				p.Executable.Path = path
			}
			for _, v := range env {
				if s, ok := strings.CutPrefix(v, "XPC_SERVICE_NAME="); ok {
					p.Label = s
				}
				if s, ok := strings.CutPrefix(v, "__CFBundleIdentifier="); ok {
					p.BundleID = s
				}
			}
		}
	}
	return p, p.Executable.Path != ""
}

func (a Apple) signing(pid int32, p *es.SnapshotProcess) {
	var word [4]byte
	if a.CodeSigning(pid, opStatus, word[:]) != nil {
		return
	}
	p.CodesigningFlags = binary.LittleEndian.Uint32(word[:])
	p.IsPlatformBinary = p.CodesigningFlags&es.CSPlatformBinary != 0
	if a.CodeSigning(pid, opCDHash, p.CDHash[:]) != nil {
		p.CDHash = es.CDHash{}
	}
	p.SigningID = a.signed(pid, opIdentity, 1024)
	p.TeamID = a.signed(pid, opTeam, 128)
	if a.CodeSigning(pid, opCategory, word[:]) == nil {
		p.CSValidationCategory = int32(binary.LittleEndian.Uint32(word[:]))
	}
}

// signed reads a text of the signature: a header of a type and the whole's length, both big-endian, then the text.
func (a Apple) signed(pid int32, op, size int) string {
	buf := make([]byte, size)
	if a.CodeSigning(pid, op, buf) != nil {
		return ""
	}
	n := int(binary.BigEndian.Uint32(buf[4:]))
	if n <= 8 || n > len(buf) {
		return ""
	}
	text, _, _ := bytes.Cut(buf[8:n], []byte{0})
	return string(text)
}

// terminal names a terminal by its device: macOS numbers /dev/ttysNNN in the minor, of major 16 [R].
func terminal(dev uint32) *es.File {
	if dev>>24 != 16 {
		return nil
	}
	return &es.File{Path: fmt.Sprintf("/dev/ttys%03d", dev&0xffffff), Stat: es.Stat{Rdev: int32(dev)}}
}

var errArguments = errors.New("not what kern.procargs2 returns")

// parseArguments reads kern.procargs2: the number of arguments, the executable's path, NUL bytes, the arguments, the
// environment up to an empty string [S: kern_sysctl.c].
func parseArguments(raw []byte) (path string, args, env []string, err error) {
	if len(raw) < 5 {
		return "", nil, nil, errArguments
	}
	n := int(int32(binary.LittleEndian.Uint32(raw)))
	rest := raw[4:]
	next := func() (string, bool) {
		i := bytes.IndexByte(rest, 0)
		if i < 0 {
			return "", false
		}
		s := string(rest[:i])
		rest = rest[i+1:]
		return s, true
	}
	path, ok := next()
	if !ok || n < 0 || n > 1<<20 {
		return "", nil, nil, errArguments
	}
	for len(rest) > 0 && rest[0] == 0 {
		rest = rest[1:]
	}
	for range n {
		s, ok := next()
		if !ok {
			return path, nil, nil, errArguments // cut: half of the arguments would say something else
		}
		args = append(args, s)
	}
	for {
		s, ok := next()
		if !ok || s == "" {
			return path, args, env, nil
		}
		env = append(env, s)
	}
}
