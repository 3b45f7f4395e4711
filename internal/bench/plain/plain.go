// Package plain is an eslogger message as encoding/json would have it: structs with tags, for the events of the mixes. It is
// what the decoder is measured against, and a second opinion on what a line says.
package plain

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"ascribe.example/es"
)

// Message has the fields that the decoder fills, by their names in a line.
type Message struct {
	Version      int    `json:"version"`
	Time         Time   `json:"time"`
	MachTime     uint64 `json:"mach_time"`
	SeqNum       uint64 `json:"seq_num"`
	GlobalSeqNum uint64 `json:"global_seq_num"`
	Thread       *struct {
		ThreadID uint64 `json:"thread_id"`
	} `json:"thread"`
	Action struct {
		Result struct {
			ResultType int32 `json:"result_type"`
			Result     struct {
				Auth  *uint32 `json:"auth"`
				Flags *uint32 `json:"flags"`
			} `json:"result"`
		} `json:"result"`
	} `json:"action"`
	Process Process `json:"process"`
	Event   Event   `json:"event"`
}

// Event has one field that is not nil.
type Event struct {
	Open *struct {
		FFlag int32 `json:"fflag"`
		File  File  `json:"file"`
	} `json:"open"`
	Close *struct {
		Target            File `json:"target"`
		Modified          bool `json:"modified"`
		WasMappedWritable bool `json:"was_mapped_writable"`
	} `json:"close"`
	Create *Move `json:"create"`
	Rename *Move `json:"rename"`
	Write  *struct {
		Target File `json:"target"`
	} `json:"write"`
	MMap *struct {
		Protection    int32  `json:"protection"`
		MaxProtection int32  `json:"max_protection"`
		Flags         int32  `json:"flags"`
		FilePos       uint64 `json:"file_pos"`
		Source        File   `json:"source"`
	} `json:"mmap"`
	Unlink *struct {
		Target    File `json:"target"`
		ParentDir File `json:"parent_dir"`
	} `json:"unlink"`
	Clone *struct {
		Source     File   `json:"source"`
		TargetDir  File   `json:"target_dir"`
		TargetName string `json:"target_name"`
	} `json:"clone"`
	UTimes *struct {
		Target File `json:"target"`
		ATime  Time `json:"atime"`
		MTime  Time `json:"mtime"`
	} `json:"utimes"`
	SetMode *struct {
		Target File   `json:"target"`
		Mode   uint16 `json:"mode"`
	} `json:"setmode"`
	SetExtAttr *struct {
		Target File   `json:"target"`
		Name   string `json:"extattr"`
	} `json:"setextattr"`
	XPCConnect *struct {
		ServiceName string `json:"service_name"`
		DomainType  int32  `json:"service_domain_type"`
	} `json:"xpc_connect"`
	Fork *struct {
		Child Process `json:"child"`
	} `json:"fork"`
	Exit *struct {
		Stat int32 `json:"stat"`
	} `json:"exit"`
	Exec *Exec `json:"exec"`
}

// Move is a create or a rename.
type Move struct {
	Source          File    `json:"source"`
	ACL             *string `json:"acl"`
	DestinationType int32   `json:"destination_type"`
	Destination     struct {
		ExistingFile *File `json:"existing_file"`
		NewPath      *struct {
			Dir      File   `json:"dir"`
			Filename string `json:"filename"`
			Mode     uint16 `json:"mode"`
		} `json:"new_path"`
	} `json:"destination"`
}

// Exec is an exec.
type Exec struct {
	Target       Process  `json:"target"`
	DyldExecPath string   `json:"dyld_exec_path"`
	Script       *File    `json:"script"`
	CWD          File     `json:"cwd"`
	LastFD       int32    `json:"last_fd"`
	CPUType      int32    `json:"image_cputype"`
	CPUSubtype   int32    `json:"image_cpusubtype"`
	Args         []string `json:"args"`
	Env          []string `json:"env"`
	FDs          []struct {
		FD   int32  `json:"fd"`
		Type uint32 `json:"fdtype"`
		Pipe *struct {
			PipeID uint64 `json:"pipe_id"`
		} `json:"pipe"`
	} `json:"fds"`
}

// Token is an audit token.
type Token struct {
	AUID       uint32 `json:"auid"`
	EUID       uint32 `json:"euid"`
	EGID       uint32 `json:"egid"`
	RUID       uint32 `json:"ruid"`
	RGID       uint32 `json:"rgid"`
	PID        int32  `json:"pid"`
	ASID       uint32 `json:"asid"`
	PIDVersion uint32 `json:"pidversion"`
}

// Process is es_process_t.
type Process struct {
	AuditToken            Token  `json:"audit_token"`
	ParentAuditToken      Token  `json:"parent_audit_token"`
	ResponsibleAuditToken Token  `json:"responsible_audit_token"`
	PPID                  int32  `json:"ppid"`
	OriginalPPID          int32  `json:"original_ppid"`
	GroupID               int32  `json:"group_id"`
	SessionID             int32  `json:"session_id"`
	CodesigningFlags      uint32 `json:"codesigning_flags"`
	CSValidationCategory  int32  `json:"cs_validation_category"`
	IsPlatformBinary      bool   `json:"is_platform_binary"`
	IsESClient            bool   `json:"is_es_client"`
	CDHash                string `json:"cdhash"`
	SigningID             string `json:"signing_id"`
	TeamID                string `json:"team_id"`
	Executable            File   `json:"executable"`
	TTY                   *File  `json:"tty"`
	StartTime             Time   `json:"start_time"`
}

// File is es_file_t.
type File struct {
	Path          string `json:"path"`
	PathTruncated bool   `json:"path_truncated"`
	Stat          struct {
		Dev       int32  `json:"st_dev"`
		Mode      uint16 `json:"st_mode"`
		Nlink     uint16 `json:"st_nlink"`
		Ino       uint64 `json:"st_ino"`
		UID       uint32 `json:"st_uid"`
		GID       uint32 `json:"st_gid"`
		Rdev      int32  `json:"st_rdev"`
		ATime     Time   `json:"st_atimespec"`
		MTime     Time   `json:"st_mtimespec"`
		CTime     Time   `json:"st_ctimespec"`
		BirthTime Time   `json:"st_birthtimespec"`
		Size      int64  `json:"st_size"`
		Blocks    int64  `json:"st_blocks"`
		BlkSize   int32  `json:"st_blksize"`
		Flags     uint32 `json:"st_flags"`
		Gen       uint32 `json:"st_gen"`
	} `json:"stat"`
}

// Time is a time as eslogger writes it.
type Time es.Time

// UnmarshalJSON reads it.
func (t *Time) UnmarshalJSON(b []byte) error {
	std, err := time.Parse(`"2006-01-02T15:04:05Z"`, string(b))
	*t = Time(std.UnixNano())
	return err
}

// Decode reads a line with encoding/json alone.
func Decode(line []byte) (*Message, error) {
	var m Message
	if err := json.Unmarshal(line, &m); err != nil {
		return nil, fmt.Errorf("read a line with encoding/json: %w", err)
	}
	return &m, nil
}

// ES is the message as the decoder hands it out.
func (m *Message) ES() *es.Message {
	out := &es.Message{
		Version: m.Version, Time: es.Time(m.Time), MachTime: m.MachTime, SeqNum: m.SeqNum, GlobalSeqNum: m.GlobalSeqNum, Process: m.Process.es(),
	}
	if m.Thread != nil {
		out.ThreadID = m.Thread.ThreadID
	}
	r := &m.Action.Result
	out.Denied = r.ResultType == 0 && r.Result.Auth != nil && *r.Result.Auth == 1 || r.ResultType == 1 && r.Result.Flags != nil && *r.Result.Flags == 0
	out.Event = m.Event.es()
	return out
}

func (e *Event) es() es.Event {
	switch {
	case e.Open != nil:
		return &es.Open{FFlag: e.Open.FFlag, File: e.Open.File.es()}
	case e.Close != nil:
		return &es.Close{Target: e.Close.Target.es(), Modified: e.Close.Modified, WasMappedWritable: e.Close.WasMappedWritable}
	case e.Create != nil:
		c := &es.Create{DestinationType: es.DestinationType(e.Create.DestinationType)}
		if f := e.Create.Destination.ExistingFile; f != nil {
			c.ExistingFile = f.es()
		}
		return c
	case e.Rename != nil:
		r := &es.Rename{Source: e.Rename.Source.es(), DestinationType: es.DestinationType(e.Rename.DestinationType)}
		if f := e.Rename.Destination.ExistingFile; f != nil {
			r.ExistingFile = f.es()
		}
		if p := e.Rename.Destination.NewPath; p != nil {
			r.Dir, r.Filename = p.Dir.es(), p.Filename
		}
		return r
	case e.Write != nil:
		return &es.Write{Target: e.Write.Target.es()}
	case e.MMap != nil:
		return &es.MMap{
			Protection: e.MMap.Protection, MaxProtection: e.MMap.MaxProtection, Flags: e.MMap.Flags, FilePos: e.MMap.FilePos, Source: e.MMap.Source.es(),
		}
	case e.Unlink != nil:
		return &es.Unlink{Target: e.Unlink.Target.es(), ParentDir: e.Unlink.ParentDir.es()}
	case e.Clone != nil:
		return &es.Clone{Source: e.Clone.Source.es(), TargetDir: e.Clone.TargetDir.es(), TargetName: e.Clone.TargetName}
	case e.UTimes != nil:
		return &es.UTimes{Target: e.UTimes.Target.es(), ATime: es.Time(e.UTimes.ATime), MTime: es.Time(e.UTimes.MTime)}
	case e.SetMode != nil:
		return &es.SetMode{Target: e.SetMode.Target.es(), Mode: e.SetMode.Mode}
	case e.SetExtAttr != nil:
		return &es.ExtAttr{Which: es.KindSetExtAttr, Target: e.SetExtAttr.Target.es(), Name: e.SetExtAttr.Name}
	case e.XPCConnect != nil:
		return &es.XPCConnect{ServiceName: e.XPCConnect.ServiceName, DomainType: e.XPCConnect.DomainType}
	case e.Fork != nil:
		return &es.Fork{Child: e.Fork.Child.es()}
	case e.Exit != nil:
		return &es.Exit{Stat: e.Exit.Stat}
	case e.Exec != nil:
		return e.Exec.es()
	}
	return &es.Other{}
}

func (e *Exec) es() es.Event {
	out := &es.Exec{
		Target: e.Target.es(), DyldExecPath: e.DyldExecPath, CWD: e.CWD.es(), LastFD: e.LastFD, CPUType: e.CPUType, CPUSubtype: e.CPUSubtype,
		Args: e.Args, Env: e.Env,
	}
	if e.Script != nil {
		f := e.Script.es()
		out.Script = &f
	}
	for _, fd := range e.FDs {
		to := es.FD{FD: fd.FD, Type: fd.Type}
		if fd.Pipe != nil {
			to.PipeID = fd.Pipe.PipeID
		}
		out.FDs = append(out.FDs, to)
	}
	return out
}

func (t Token) es() es.AuditToken {
	return es.AuditToken{AUID: t.AUID, EUID: t.EUID, EGID: t.EGID, RUID: t.RUID, RGID: t.RGID, PID: t.PID, ASID: t.ASID, PIDVersion: t.PIDVersion}
}

func (p *Process) es() es.Process {
	out := es.Process{
		AuditToken: p.AuditToken.es(), ParentAuditToken: p.ParentAuditToken.es(), ResponsibleAuditToken: p.ResponsibleAuditToken.es(),
		PPID: p.PPID, OriginalPPID: p.OriginalPPID, GroupID: p.GroupID, SessionID: p.SessionID, CodesigningFlags: p.CodesigningFlags,
		CSValidationCategory: p.CSValidationCategory, IsPlatformBinary: p.IsPlatformBinary, IsESClient: p.IsESClient,
		SigningID: p.SigningID, TeamID: p.TeamID, Executable: p.Executable.es(), StartTime: es.Time(p.StartTime),
	}
	if hash, err := hex.DecodeString(p.CDHash); err == nil {
		copy(out.CDHash[:], hash)
	}
	if p.TTY != nil {
		f := p.TTY.es()
		out.TTY = &f
	}
	return out
}

func (f *File) es() es.File {
	s := &f.Stat
	return es.File{Path: f.Path, PathTruncated: f.PathTruncated, Stat: es.Stat{
		Dev: s.Dev, Mode: s.Mode, Nlink: s.Nlink, Ino: s.Ino, UID: s.UID, GID: s.GID, Rdev: s.Rdev, ATime: es.Time(s.ATime), MTime: es.Time(s.MTime),
		CTime: es.Time(s.CTime), BirthTime: es.Time(s.BirthTime), Size: s.Size, Blocks: s.Blocks, BlkSize: s.BlkSize, Flags: s.Flags, Gen: s.Gen,
	}}
}
