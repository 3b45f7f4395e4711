package es

import (
	"bytes"
	"slices"
	"strings"
)

// Clone copies m deeply: nothing in the copy points into m or into the buffers of the decoder that made it, so it may be
// kept for ever.
func (m *Message) Clone() *Message {
	c := *m
	c.Process.own()
	c.Event = cloneEvent(m.Event)
	return &c
}

// Clone copies p deeply, as [Message.Clone] does.
func (p *Process) Clone() *Process {
	if p == nil {
		return nil
	}
	c := *p
	c.own()
	return &c
}

// Clone copies f deeply, as [Message.Clone] does.
func (f *File) Clone() *File {
	if f == nil {
		return nil
	}
	c := *f
	c.own()
	return &c
}

// The own methods replace what a shallow copy still shares.

func (f *File) own() { own(&f.Path) }

func (p *Process) own() {
	own(&p.SigningID, &p.TeamID)
	p.Executable.own()
	p.TTY = p.TTY.Clone()
}

func (s *Statfs) own() { own(&s.Type, &s.MntOn, &s.MntFrom) }

func own(ss ...*string) {
	for _, s := range ss {
		*s = strings.Clone(*s)
	}
}

func ownFiles(fs ...*File) {
	for _, f := range fs {
		f.own()
	}
}

func cloneStrings(ss []string) []string {
	c := slices.Clone(ss)
	for i := range c {
		c[i] = strings.Clone(c[i])
	}
	return c
}

// shallow copies the struct that e points to.
func shallow[T any](e *T) *T {
	c := *e
	return &c
}

func cloneEvent(e Event) Event {
	switch e := e.(type) {
	case *Fork, *Exec, *Exit, *Signal, *GetTask, *RemoteThreadCreate, *Trace, *CSInvalidated, *SetID:
		return cloneProcessEvent(e)
	case *XPCConnect, *BootstrapLookUp, *BootstrapCheckIn, *UIPCConnect, *Session, *Authentication, *Become,
		*FileProviderMaterialize, *FileProviderUpdate, *BTMLaunchItemAdd, *TCCModify, *GatekeeperUserOverride:
		return cloneServiceEvent(e)
	case *Other:
		c := shallow(e)
		own(&c.Name)
		c.Raw = bytes.Clone(c.Raw)
		return c
	}
	return cloneFileEvent(e)
}

func cloneProcessEvent(e Event) Event {
	switch e := e.(type) {
	case *Fork:
		c := shallow(e)
		c.Child.own()
		return c
	case *Exec:
		c := shallow(e)
		c.Target.own()
		own(&c.DyldExecPath)
		c.Script = c.Script.Clone()
		c.CWD.own()
		c.Args, c.Env, c.FDs = cloneStrings(c.Args), cloneStrings(c.Env), slices.Clone(c.FDs)
		return c
	case *Exit:
		return shallow(e)
	case *Signal:
		c := shallow(e)
		c.Target.own()
		c.Instigator = c.Instigator.Clone()
		return c
	case *GetTask:
		c := shallow(e)
		c.Target.own()
		return c
	case *RemoteThreadCreate:
		c := shallow(e)
		c.Target.own()
		return c
	case *Trace:
		c := shallow(e)
		c.Target.own()
		return c
	case *CSInvalidated:
		return shallow(e)
	case *SetID:
		return shallow(e)
	}
	return nil
}

func cloneFileEvent(e Event) Event {
	switch e := e.(type) {
	case *Open:
		c := shallow(e)
		c.File.own()
		return c
	case *Close:
		c := shallow(e)
		c.Target.own()
		return c
	case *Create:
		c := shallow(e)
		ownFiles(&c.ExistingFile, &c.Dir)
		own(&c.Filename, &c.ACL)
		return c
	case *Write:
		c := shallow(e)
		c.Target.own()
		return c
	case *Truncate:
		c := shallow(e)
		c.Target.own()
		return c
	case *MMap:
		c := shallow(e)
		c.Source.own()
		return c
	case *Rename:
		c := shallow(e)
		ownFiles(&c.Source, &c.ExistingFile, &c.Dir)
		own(&c.Filename)
		return c
	case *Unlink:
		c := shallow(e)
		ownFiles(&c.Target, &c.ParentDir)
		return c
	case *Link:
		c := shallow(e)
		ownFiles(&c.Source, &c.TargetDir)
		own(&c.TargetFilename)
		return c
	case *Clone:
		c := shallow(e)
		ownFiles(&c.Source, &c.TargetDir)
		own(&c.TargetName)
		return c
	case *Copyfile:
		c := shallow(e)
		ownFiles(&c.Source, &c.TargetDir)
		c.TargetFile = c.TargetFile.Clone()
		own(&c.TargetName)
		return c
	case *ExchangeData:
		c := shallow(e)
		ownFiles(&c.File1, &c.File2)
		return c
	case *ExtAttr:
		c := shallow(e)
		c.Target.own()
		own(&c.Name)
		return c
	case *SetMode:
		c := shallow(e)
		c.Target.own()
		return c
	case *SetOwner:
		c := shallow(e)
		c.Target.own()
		return c
	case *SetFlags:
		c := shallow(e)
		c.Target.own()
		return c
	case *SetACL:
		c := shallow(e)
		c.Target.own()
		return c
	case *UTimes:
		c := shallow(e)
		c.Target.own()
		return c
	case *Mount:
		c := shallow(e)
		c.Statfs.own()
		return c
	}
	return nil
}

func cloneServiceEvent(e Event) Event {
	switch e := e.(type) {
	case *XPCConnect:
		c := shallow(e)
		own(&c.ServiceName)
		return c
	case *BootstrapLookUp:
		c := shallow(e)
		own(&c.ServiceName)
		c.Instigator, c.TargetProcess = c.Instigator.Clone(), c.TargetProcess.Clone()
		return c
	case *BootstrapCheckIn:
		c := shallow(e)
		own(&c.ServiceName)
		c.Instigator = c.Instigator.Clone()
		return c
	case *UIPCConnect:
		c := shallow(e)
		c.File.own()
		return c
	case *Session:
		c := shallow(e)
		own(&c.Username, &c.SourceAddress, &c.ViewerAppleID)
		return c
	case *Authentication:
		c := shallow(e)
		own(&c.RecordName)
		c.Instigator = c.Instigator.Clone()
		return c
	case *Become:
		c := shallow(e)
		own(&c.FromUsername, &c.ToUsername, &c.Command)
		return c
	case *FileProviderMaterialize:
		c := shallow(e)
		ownFiles(&c.Source, &c.Target)
		c.Instigator = c.Instigator.Clone()
		return c
	case *FileProviderUpdate:
		c := shallow(e)
		c.Source.own()
		own(&c.TargetPath)
		return c
	case *BTMLaunchItemAdd:
		c := shallow(e)
		own(&c.ItemURL, &c.AppURL, &c.ExecutablePath)
		c.Instigator, c.App = c.Instigator.Clone(), c.App.Clone()
		return c
	case *TCCModify:
		c := shallow(e)
		own(&c.Service, &c.Identity)
		c.Instigator, c.Responsible = c.Instigator.Clone(), c.Responsible.Clone()
		return c
	case *GatekeeperUserOverride:
		c := shallow(e)
		own(&c.Path)
		return c
	}
	return nil
}
