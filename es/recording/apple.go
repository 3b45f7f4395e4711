package recording

import (
	"encoding/hex"
	"fmt"
	"strings"

	"ascribe.example/es"
)

// What a snapshot says of processes, files and volumes, in the keys that eslogger uses for them; null where a live host
// could not tell.
type (
	process struct {
		AuditToken            *auditToken `json:"audit_token"`
		ParentAuditToken      *auditToken `json:"parent_audit_token"`
		ResponsibleAuditToken *auditToken `json:"responsible_audit_token"`
		PPID                  int32       `json:"ppid"`
		OriginalPPID          int32       `json:"original_ppid"`
		GroupID               int32       `json:"group_id"`
		SessionID             int32       `json:"session_id"`
		CodesigningFlags      uint32      `json:"codesigning_flags"`
		CSValidationCategory  *int32      `json:"cs_validation_category"`
		IsPlatformBinary      bool        `json:"is_platform_binary"`
		IsESClient            bool        `json:"is_es_client"`
		CDHash                *string     `json:"cdhash"`
		SigningID             *string     `json:"signing_id"`
		TeamID                *string     `json:"team_id"`
		Executable            *file       `json:"executable"`
		TTY                   *file       `json:"tty"`
		StartTime             *string     `json:"start_time"`
	}
	auditToken struct {
		AUID       uint32 `json:"auid"`
		EUID       uint32 `json:"euid"`
		EGID       uint32 `json:"egid"`
		RUID       uint32 `json:"ruid"`
		RGID       uint32 `json:"rgid"`
		PID        int32  `json:"pid"`
		ASID       uint32 `json:"asid"`
		PIDVersion uint32 `json:"pidversion"`
	}
	file struct {
		Path          string `json:"path"`
		PathTruncated bool   `json:"path_truncated"`
		Stat          *stat  `json:"stat"`
	}
	stat struct {
		Dev       int32   `json:"st_dev"`
		Mode      uint16  `json:"st_mode"`
		Nlink     uint16  `json:"st_nlink"`
		Ino       uint64  `json:"st_ino"`
		UID       uint32  `json:"st_uid"`
		GID       uint32  `json:"st_gid"`
		Rdev      int32   `json:"st_rdev"`
		ATime     *string `json:"st_atimespec"`
		MTime     *string `json:"st_mtimespec"`
		CTime     *string `json:"st_ctimespec"`
		BirthTime *string `json:"st_birthtimespec"`
		Size      int64   `json:"st_size"`
		Blocks    int64   `json:"st_blocks"`
		BlkSize   int32   `json:"st_blksize"`
		Flags     uint32  `json:"st_flags"`
		Gen       uint32  `json:"st_gen"`
	}
	statfs struct {
		FSID      [2]int32 `json:"f_fsid"`
		Type      string   `json:"f_fstypename"`
		MntOn     string   `json:"f_mntonname"`
		MntFrom   string   `json:"f_mntfromname"`
		Flags     uint32   `json:"f_flags"`
		Owner     uint32   `json:"f_owner"`
		Blocks    uint64   `json:"f_blocks"`
		BlockSize uint32   `json:"f_bsize"`
	}
)

func newProcess(p *es.Process) process {
	l := process{
		AuditToken: newToken(p.AuditToken), ParentAuditToken: newToken(p.ParentAuditToken),
		ResponsibleAuditToken: newToken(p.ResponsibleAuditToken),
		PPID:                  p.PPID, OriginalPPID: p.OriginalPPID, GroupID: p.GroupID, SessionID: p.SessionID,
		CodesigningFlags: p.CodesigningFlags, IsPlatformBinary: p.IsPlatformBinary, IsESClient: p.IsESClient,
		SigningID: text(p.SigningID), TeamID: text(p.TeamID), Executable: newFile(&p.Executable), StartTime: stamp(p.StartTime),
	}
	if p.CSValidationCategory != -1 {
		l.CSValidationCategory = &p.CSValidationCategory
	}
	if !p.CDHash.IsZero() {
		l.CDHash = text(strings.ToUpper(hex.EncodeToString(p.CDHash[:])))
	}
	if p.TTY != nil {
		l.TTY = newFile(p.TTY)
	}
	return l
}

func (l *process) process() (es.Process, error) {
	p := es.Process{
		AuditToken: l.AuditToken.token(), ParentAuditToken: l.ParentAuditToken.token(),
		ResponsibleAuditToken: l.ResponsibleAuditToken.token(),
		PPID:                  l.PPID, OriginalPPID: l.OriginalPPID, GroupID: l.GroupID, SessionID: l.SessionID,
		CodesigningFlags: l.CodesigningFlags, CSValidationCategory: -1,
		IsPlatformBinary: l.IsPlatformBinary, IsESClient: l.IsESClient,
		SigningID: untext(l.SigningID), TeamID: untext(l.TeamID),
	}
	if l.CSValidationCategory != nil {
		p.CSValidationCategory = *l.CSValidationCategory
	}
	if l.CDHash != nil {
		if h, err := hex.DecodeString(*l.CDHash); err != nil || copy(p.CDHash[:], h) != len(p.CDHash) || len(h) != len(p.CDHash) {
			return p, fmt.Errorf(`"cdhash" is not 40 hexadecimal digits: %.50q`, *l.CDHash)
		}
	}
	var err error
	if l.Executable != nil {
		if p.Executable, err = l.Executable.file(); err != nil {
			return p, err
		}
	}
	if l.TTY != nil {
		tty, err := l.TTY.file()
		if err != nil {
			return p, err
		}
		p.TTY = &tty
	}
	p.StartTime, err = unstamp("start_time", l.StartTime)
	return p, err
}

func newToken(t es.AuditToken) *auditToken { return some(auditToken(t)) }

func (t *auditToken) token() es.AuditToken { return es.AuditToken(unsome(t)) }

func newFile(f *es.File) *file {
	if *f == (es.File{}) {
		return nil
	}
	l := &file{Path: f.Path, PathTruncated: f.PathTruncated}
	if s := &f.Stat; *s != (es.Stat{}) {
		l.Stat = &stat{
			Dev: s.Dev, Mode: s.Mode, Nlink: s.Nlink, Ino: s.Ino, UID: s.UID, GID: s.GID, Rdev: s.Rdev,
			ATime: stamp(s.ATime), MTime: stamp(s.MTime), CTime: stamp(s.CTime), BirthTime: stamp(s.BirthTime),
			Size: s.Size, Blocks: s.Blocks, BlkSize: s.BlkSize, Flags: s.Flags, Gen: s.Gen,
		}
	}
	return l
}

func (l *file) file() (es.File, error) {
	f := es.File{Path: l.Path, PathTruncated: l.PathTruncated}
	if l.Stat == nil {
		return f, nil
	}
	s := l.Stat
	f.Stat = es.Stat{
		Dev: s.Dev, Mode: s.Mode, Nlink: s.Nlink, Ino: s.Ino, UID: s.UID, GID: s.GID, Rdev: s.Rdev,
		Size: s.Size, Blocks: s.Blocks, BlkSize: s.BlkSize, Flags: s.Flags, Gen: s.Gen,
	}
	for _, t := range []struct {
		key string
		to  *es.Time
		s   *string
	}{
		{"st_atimespec", &f.Stat.ATime, s.ATime},
		{"st_mtimespec", &f.Stat.MTime, s.MTime},
		{"st_ctimespec", &f.Stat.CTime, s.CTime},
		{"st_birthtimespec", &f.Stat.BirthTime, s.BirthTime},
	} {
		var err error
		if *t.to, err = unstamp(t.key, t.s); err != nil {
			return f, err
		}
	}
	return f, nil
}

func newStatfs(s *es.Statfs) statfs { return statfs(*s) }

func (l *statfs) statfs() es.Statfs { return es.Statfs(*l) }
