package es

import "math"

// Unset is the audit user id and, in user ids, the value -1: nobody logged in [D: AU_DEFAUDITID].
const Unset = math.MaxUint32

// LaunchdPID is the only pid that names a process by itself: pid 1 is launchd on every Mac [D].
const LaunchdPID = 1

// AuditToken is audit_token_t, by its documented words.
type AuditToken struct {
	AUID       uint32 // audit (login) user id; [Unset] where nobody logged in
	EUID       uint32
	EGID       uint32
	RUID       uint32
	RGID       uint32
	PID        int32
	ASID       uint32 // audit session id; not the POSIX session
	PIDVersion uint32 // stepped at every fork and exec, machine-wide
}

// IsZero reports whether the token is absent. No real token is all zero: the kernel's has auid [Unset].
func (t AuditToken) IsZero() bool { return t == AuditToken{} }

// Key names the execution the token belongs to, in the given boot.
func (t AuditToken) Key(boot uint32) Key {
	return Key{Boot: boot, PID: t.PID, PIDVersion: t.PIDVersion}
}

// Same reports whether both tokens name one execution. Whole tokens must never be compared: setuid and setaudit change
// the other words while the execution stays [S: kern_prot.c].
func (t AuditToken) Same(o AuditToken) bool {
	return t.PID == o.PID && t.PIDVersion == o.PIDVersion && !t.IsZero() && !o.IsZero()
}

// Key names one execution: one program image in one process. Boots are numbered within a host, in input order, from 1.
type Key struct {
	Boot       uint32
	PID        int32
	PIDVersion uint32
}

// IsZero reports whether the key names nothing.
func (k Key) IsZero() bool { return k == Key{} }

// Compare orders keys by boot, pidversion, pid: the order of creation, but for the wrap at 2^32.
func (k Key) Compare(o Key) int {
	switch {
	case k.Boot != o.Boot:
		return order(k.Boot, o.Boot)
	case k.PIDVersion != o.PIDVersion:
		return order(k.PIDVersion, o.PIDVersion)
	default:
		return order(k.PID, o.PID)
	}
}

func order[T uint32 | int32](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Code signing flags that rules read [D: cs_blobs.h].
const (
	CSValid          = 0x00000001
	CSAdhoc          = 0x00000002
	CSGetTaskAllow   = 0x00000004
	CSHard           = 0x00000100
	CSKill           = 0x00000200
	CSRuntime        = 0x00010000
	CSPlatformBinary = 0x04000000
	CSDebugged       = 0x10000000
	CSSigned         = 0x20000000
)

// CDHash is a code directory hash, truncated to 20 bytes as ES has it. All zero is unknown.
type CDHash [20]byte

// IsZero reports whether the hash is unknown.
func (h CDHash) IsZero() bool { return h == CDHash{} }

// Process is es_process_t: one execution, as it was when the message was made.
type Process struct {
	AuditToken            AuditToken
	ParentAuditToken      AuditToken // current parent; zero before message version 4
	ResponsibleAuditToken AuditToken // "may be the process itself" once the other has exited [D]; zero before version 4
	PPID                  int32      // current parent; 1 once orphaned
	OriginalPPID          int32      // never changes, survives exec
	GroupID               int32
	SessionID             int32 // POSIX session, not the audit session
	CodesigningFlags      uint32
	CSValidationCategory  int32 // from version 10; -1 unknown
	IsPlatformBinary      bool
	IsESClient            bool
	CDHash                CDHash
	SigningID             string // "" unknown or unsigned
	TeamID                string // "" none
	Executable            File
	TTY                   *File // nil: none
	StartTime             Time  // when the process was forked; stays over exec; 0 unknown
}

// Key names the execution, in the given boot.
func (p *Process) Key(boot uint32) Key { return p.AuditToken.Key(boot) }

// SelfResponsible reports whether the responsible token names the process itself.
func (p *Process) SelfResponsible() bool { return p.ResponsibleAuditToken.Same(p.AuditToken) }
