package snapshot

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unsafe"

	"ascribe.example/es"
	"golang.org/x/sys/unix"
)

// Host is the system that this program runs on.
func Host() System { return mac{Apple: Apple{libSystem{}}} }

type mac struct {
	Apple
}

func (m mac) Header() es.Header {
	h := es.Header{Host: hostID(), Timebase: timebase()}
	h.Boot, _ = unix.Sysctl("kern.bootsessionuuid") // unknown is ""
	version, _ := unix.Sysctl("kern.osproductversion")
	build, _ := unix.Sysctl("kern.osversion")
	if version != "" {
		h.OS = "macOS " + version
		if build != "" {
			h.OS += " (" + build + ")"
		}
	}
	return h
}

// hostID is the hardware's UUID: by gethostuuid, else by ioreg.
func hostID() string {
	if gethostuuid.load() {
		var id [16]byte
		var wait unix.Timespec
		if gethostuuid.call(uintptr(unsafe.Pointer(&id)), uintptr(unsafe.Pointer(&wait))) == 0 {
			return uuid(id)
		}
	}
	out, err := ask("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(out, `"IOPlatformUUID" = "`)
	id, _, found := strings.Cut(rest, `"`)
	if !found {
		return ""
	}
	return id
}

func uuid(b [16]byte) string {
	h := strings.ToUpper(hex.EncodeToString(b[:]))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// timebase is mach_timebase_info's, else what all Macs of the kind have.
func timebase() es.Timebase {
	if machTimebase.load() {
		var t es.Timebase // uint32 numer, denom: mach_timebase_info_data_t
		if machTimebase.call(uintptr(unsafe.Pointer(&t))) == 0 && t.Denom != 0 {
			return t
		}
	}
	if arm, err := unix.SysctlUint32("hw.optional.arm64"); err == nil && arm == 1 {
		return es.Timebase{Numer: 125, Denom: 3}
	}
	return es.Timebase{Numer: 1, Denom: 1}
}

// Users lists the local accounts: by dscl, which knows those that are not in /etc/passwd.
func (m mac) Users() ([]es.User, error) {
	ids, err := ask("/usr/bin/dscl", ".", "-list", "/Users", "UniqueID")
	if err != nil {
		return nil, err
	}
	homes, err := ask("/usr/bin/dscl", ".", "-list", "/Users", "NFSHomeDirectory")
	if err != nil {
		homes = ""
	}
	return parseUsers(ids, homes), nil
}

func (m mac) Jobs() ([]es.Job, error) {
	users, _ := m.Users() // agents of users that are not known stay out
	list, err := ask("/bin/launchctl", "list")
	return jobs("/", users, parseLaunchctl(list)), err
}

func (m mac) Mounts() ([]es.SnapshotMount, error) {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return nil, fmt.Errorf("list volumes: %w", err)
	}
	all := make([]unix.Statfs_t, n+8)
	if n, err = unix.Getfsstat(all, unix.MNT_NOWAIT); err != nil {
		return nil, fmt.Errorf("list volumes: %w", err)
	}
	images, _ := ask("/usr/bin/hdiutil", "info")
	var out []es.SnapshotMount
	for i := range all[:n] {
		s := &all[i]
		fs := es.Statfs{
			FSID: [2]int32{s.Fsid.Val[0], s.Fsid.Val[1]}, Type: text(s.Fstypename[:]), MntOn: text(s.Mntonname[:]), MntFrom: text(s.Mntfromname[:]),
			Flags: s.Flags, Owner: s.Owner, Blocks: s.Blocks, BlockSize: s.Bsize,
		}
		out = append(out, es.SnapshotMount{Statfs: fs, Disposition: dispositionOf(&fs, images, askDisk)})
	}
	return out, nil
}

func askDisk(device string) (string, error) {
	return ask("/usr/sbin/diskutil", "info", "-plist", device)
}

func text(b []byte) string {
	s, _, _ := bytes.Cut(b, []byte{0})
	return string(s)
}

// ask runs a program of macOS that answers at once.
func ask(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", program, err)
	}
	return string(out), nil
}

// libSystem is the real calls.
type libSystem struct{}

func (libSystem) PIDs() ([]int32, error) {
	all, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, err
	}
	pids := make([]int32, len(all))
	for i := range all {
		pids[i] = all[i].Proc.P_pid
	}
	return pids, nil
}

var errNoCall = errors.New("this macOS has no such call")

func (libSystem) PIDInfo(pid int32, flavor int, buf []byte) (int, error) {
	if !procPIDInfo.load() {
		return 0, errNoCall
	}
	n := int32(procPIDInfo.call(uintptr(pid), uintptr(flavor), 0, uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf))))
	if n <= 0 {
		return 0, fmt.Errorf("proc_pidinfo of %d, flavor %d: no answer", pid, flavor)
	}
	return int(n), nil
}

func (libSystem) PIDPath(pid int32) (string, error) {
	if !procPIDPath.load() {
		return "", errNoCall
	}
	buf := make([]byte, 4*1024) // PROC_PIDPATHINFO_MAXSIZE
	n := int32(procPIDPath.call(uintptr(pid), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf))))
	if n <= 0 {
		return "", fmt.Errorf("proc_pidpath of %d: no answer", pid)
	}
	return string(buf[:n]), nil
}

func (libSystem) CodeSigning(pid int32, op int, buf []byte) error {
	if !csops.load() {
		return errNoCall
	}
	if int32(csops.call(uintptr(pid), uintptr(op), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))) != 0 {
		return fmt.Errorf("csops of %d, operation %d: refused", pid, op)
	}
	return nil
}

// Token asks for the task's name port, which root gets of every process, and by it for the audit token [S].
func (libSystem) Token(pid int32) (words [8]uint32, err error) {
	self, ok := taskSelf()
	if !ok || !taskNameForPID.load() || !taskInfo.load() || !portDeallocate.load() {
		return words, errNoCall
	}
	var port uint32
	if taskNameForPID.call(uintptr(self), uintptr(pid), uintptr(unsafe.Pointer(&port))) != 0 || port == 0 {
		return words, fmt.Errorf("task_name_for_pid of %d: refused", pid)
	}
	defer portDeallocate.call(uintptr(self), uintptr(port))
	const taskAuditToken = 15
	count := uint32(len(words))
	if taskInfo.call(uintptr(port), taskAuditToken, uintptr(unsafe.Pointer(&words)), uintptr(unsafe.Pointer(&count))) != 0 || count != uint32(len(words)) {
		return words, fmt.Errorf("task_info of %d: refused", pid)
	}
	return words, nil
}

func (libSystem) Responsible(pid int32) (int32, error) {
	if !responsiblePID.load() {
		return 0, errNoCall
	}
	return int32(responsiblePID.call(uintptr(pid))), nil
}

func (libSystem) Arguments(pid int32) ([]byte, error) {
	return unix.SysctlRaw("kern.procargs2", int(pid))
}

func (libSystem) Session(pid int32) (int32, error) {
	sid, err := unix.Getsid(int(pid))
	return int32(sid), err
}

func (libSystem) Stat(path string) (es.Stat, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return es.Stat{}, err
	}
	at := func(t unix.Timespec) es.Time { return es.Time(t.Sec*1e9 + t.Nsec) }
	return es.Stat{
		Dev: st.Dev, Mode: st.Mode, Nlink: st.Nlink, Ino: st.Ino, UID: st.Uid, GID: st.Gid, Rdev: st.Rdev,
		ATime: at(st.Atim), MTime: at(st.Mtim), CTime: at(st.Ctim), BirthTime: at(st.Btim),
		Size: st.Size, Blocks: st.Blocks, BlkSize: st.Blksize, Flags: st.Flags, Gen: st.Gen,
	}, nil
}
