package eslogger

import (
	"strconv"

	"ascribe.example/es"
)

// event writes the members of an event's body. Keys that came with a later message version are gated as the header
// documents it.
func (w *writer) event(e es.Event) {
	switch e := e.(type) {
	case *es.Fork:
		w.process("child", &e.Child)
	case *es.Exec:
		w.exec(e)
	case *es.Exit:
		w.int("stat", int64(e.Stat))
	case *es.Signal:
		w.int("sig", int64(e.Sig))
		w.process("target", &e.Target)
		if w.version >= 9 {
			w.processPtr("instigator", e.Instigator)
		}
	case *es.GetTask:
		w.process("target", &e.Target)
		if w.version >= 5 {
			w.int("type", int64(e.Type))
		}
	case *es.RemoteThreadCreate:
		w.process("target", &e.Target)
		w.null("thread_state")
	case *es.Trace:
		w.process("target", &e.Target)
	case *es.SetID:
		w.setID(e)
	case *es.Open:
		w.int("fflag", int64(e.FFlag))
		w.file("file", &e.File)
	case *es.Close:
		w.bool("modified", e.Modified)
		w.file("target", &e.Target)
		if w.version >= 6 {
			w.bool("was_mapped_writable", e.WasMappedWritable)
		}
	case *es.Create:
		w.destination(e.DestinationType, &e.ExistingFile, &e.Dir, e.Filename, int64(e.Mode))
		if w.version >= 2 {
			w.text("acl", e.ACL)
		}
	case *es.Rename:
		w.file("source", &e.Source)
		w.destination(e.DestinationType, &e.ExistingFile, &e.Dir, e.Filename, -1)
	case *es.Write:
		w.file("target", &e.Target)
	case *es.Truncate:
		w.file("target", &e.Target)
	case *es.Unlink:
		w.file("target", &e.Target)
		w.file("parent_dir", &e.ParentDir)
	default:
		w.rarerFileEvent(e)
	}
}

func (w *writer) exec(e *es.Exec) {
	w.process("target", &e.Target)
	if w.version >= 7 {
		w.string("dyld_exec_path", e.DyldExecPath)
	}
	if w.version >= 2 {
		w.filePtr("script", e.Script)
	}
	if w.version >= 3 {
		w.file("cwd", &e.CWD)
	}
	if w.version >= 4 {
		w.int("last_fd", int64(e.LastFD))
	}
	if w.version >= 6 {
		w.int("image_cputype", int64(e.CPUType))
		w.int("image_cpusubtype", int64(e.CPUSubtype))
	}
	w.strings("args", e.Args)
	w.strings("env", e.Env)
	if e.FDs == nil {
		return
	}
	w.key("fds")
	w.b = append(w.b, '[')
	for i := range e.FDs {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.open()
		w.int("fd", int64(e.FDs[i].FD))
		w.uint("fdtype", uint64(e.FDs[i].Type))
		if e.FDs[i].PipeID != 0 {
			w.key("pipe")
			w.open()
			w.uint("pipe_id", e.FDs[i].PipeID)
			w.close()
		}
		w.close()
	}
	w.b = append(w.b, ']')
}

func (w *writer) setID(e *es.SetID) {
	switch e.Which {
	case es.KindSetUID:
		w.user("uid", e.ID)
	case es.KindSetGID:
		w.user("gid", e.ID)
	case es.KindSetEUID:
		w.user("euid", e.ID)
	case es.KindSetEGID:
		w.user("egid", e.ID)
	case es.KindSetREUID:
		w.user("ruid", e.Real)
		w.user("euid", e.ID)
	default:
		w.user("rgid", e.Real)
		w.user("egid", e.ID)
	}
}

// destination writes the arm that the type names; mode -1 leaves the mode out.
func (w *writer) destination(to es.DestinationType, existing, dir *es.File, filename string, mode int64) {
	w.int("destination_type", int64(to))
	w.key("destination")
	w.open()
	if to == es.DestinationNewPath {
		w.key("new_path")
		w.open()
		w.file("dir", dir)
		w.string("filename", filename)
		if mode >= 0 {
			w.int("mode", mode)
		}
		w.close()
	} else {
		w.file("existing_file", existing)
	}
	w.close()
}

func (w *writer) rarerFileEvent(e es.Event) {
	switch e := e.(type) {
	case *es.MMap:
		w.int("protection", int64(e.Protection))
		w.int("max_protection", int64(e.MaxProtection))
		w.int("flags", int64(e.Flags))
		w.uint("file_pos", e.FilePos)
		w.file("source", &e.Source)
	case *es.Link:
		w.file("source", &e.Source)
		w.file("target_dir", &e.TargetDir)
		w.string("target_filename", e.TargetFilename)
	case *es.Clone:
		w.file("source", &e.Source)
		w.file("target_dir", &e.TargetDir)
		w.string("target_name", e.TargetName)
	case *es.Copyfile:
		w.file("source", &e.Source)
		w.filePtr("target_file", e.TargetFile)
		w.file("target_dir", &e.TargetDir)
		w.string("target_name", e.TargetName)
		w.uint("mode", uint64(e.Mode))
		w.int("flags", int64(e.Flags))
	case *es.ExchangeData:
		w.file("file1", &e.File1)
		w.file("file2", &e.File2)
	case *es.ExtAttr:
		w.file("target", &e.Target)
		w.string("extattr", e.Name)
	case *es.SetMode:
		w.uint("mode", uint64(e.Mode))
		w.file("target", &e.Target)
	case *es.SetOwner:
		w.uint("uid", uint64(e.UID))
		w.uint("gid", uint64(e.GID))
		w.file("target", &e.Target)
	case *es.SetFlags:
		w.uint("flags", uint64(e.Flags))
		w.file("target", &e.Target)
	case *es.SetACL:
		w.file("target", &e.Target)
		w.int("set_or_clear", int64(e.SetClear))
	case *es.UTimes:
		w.file("target", &e.Target)
		w.time("atime", e.ATime, 9)
		w.time("mtime", e.MTime, 9)
	case *es.Mount:
		w.mount(e)
	default:
		w.serviceEvent(e)
	}
}

func (w *writer) mount(e *es.Mount) {
	s := &e.Statfs
	w.key("statfs")
	w.open()
	w.key("f_fsid")
	w.b = append(w.b, '[')
	w.b = strconv.AppendInt(w.b, int64(s.FSID[0]), 10)
	w.b = append(w.b, ',')
	w.b = strconv.AppendInt(w.b, int64(s.FSID[1]), 10)
	w.b = append(w.b, ']')
	w.string("f_fstypename", s.Type)
	w.string("f_mntonname", s.MntOn)
	w.string("f_mntfromname", s.MntFrom)
	w.uint("f_flags", uint64(s.Flags))
	w.uint("f_owner", uint64(s.Owner))
	w.uint("f_blocks", s.Blocks)
	w.uint("f_bsize", uint64(s.BlockSize))
	w.close()
	if e.Which != es.KindUnmount && w.version >= 8 && e.Disposition != es.MountDispositionMissing {
		w.int("disposition", int64(e.Disposition))
	}
}

func (w *writer) serviceEvent(e es.Event) {
	switch e := e.(type) {
	case *es.XPCConnect:
		w.string("service_name", e.ServiceName)
		w.int("service_domain_type", int64(e.DomainType))
	case *es.BootstrapLookUp:
		w.string("service_name", e.ServiceName)
		w.instigator(e.Instigator, &e.InstigatorToken)
		w.int("target_type", int64(e.TargetType))
		w.key("target")
		w.open()
		w.processPtr("process", e.TargetProcess)
		w.close()
	case *es.BootstrapCheckIn:
		w.string("service_name", e.ServiceName)
		w.instigator(e.Instigator, &e.InstigatorToken)
	case *es.UIPCConnect:
		w.file("file", &e.File)
		w.int("domain", int64(e.Domain))
		w.int("type", int64(e.Type))
		w.int("protocol", int64(e.Protocol))
	case *es.Session:
		w.session(e)
	case *es.Authentication:
		w.authentication(e)
	case *es.Become:
		w.bool("success", e.Success)
		w.user("from_uid", e.FromUID)
		w.text("from_username", e.FromUsername)
		w.user("to_uid", e.ToUID)
		w.text("to_username", e.ToUsername)
		if e.Which == es.KindSudo {
			w.text("command", e.Command)
		} else {
			w.text("shell", e.Command)
		}
	case *es.FileProviderMaterialize:
		w.instigator(e.Instigator, &e.InstigatorToken)
		w.file("source", &e.Source)
		w.file("target", &e.Target)
	case *es.FileProviderUpdate:
		w.file("source", &e.Source)
		w.string("target_path", e.TargetPath)
	case *es.BTMLaunchItemAdd:
		w.launchItem(e)
	case *es.TCCModify:
		w.string("service", e.Service)
		w.string("identity", e.Identity)
		w.int("update_type", int64(e.UpdateType))
		w.instigator(e.Instigator, &e.InstigatorToken)
		w.token("responsible_token", &e.ResponsibleToken)
		w.processPtr("responsible", e.Responsible)
		w.int("right", int64(e.Right))
		w.int("reason", int64(e.Reason))
	case *es.GatekeeperUserOverride:
		w.int("file_type", int64(e.FileType))
		w.text("file", e.Path)
	}
}

// instigator writes on whose behalf an event was; the token came with version 8.
func (w *writer) instigator(p *es.Process, t *es.AuditToken) {
	w.processPtr("instigator", p)
	if w.version >= 8 {
		w.token("instigator_token", t)
	}
}

func (w *writer) session(e *es.Session) {
	switch e.Which {
	case es.KindOpenSSHLogin, es.KindLoginLogin, es.KindScreenSharingAttach:
		w.bool("success", e.Success)
	}
	switch e.Which {
	case es.KindOpenSSHLogin, es.KindOpenSSHLogout:
		w.text("source_address", e.SourceAddress)
		w.string("username", e.Username)
		w.user("uid", e.UID)
	case es.KindLoginLogin, es.KindLoginLogout:
		w.string("username", e.Username)
		w.user("uid", e.UID)
	case es.KindScreenSharingAttach:
		w.text("session_username", e.Username)
		w.bool("existing_session", e.ExistingSession)
		fallthrough
	case es.KindScreenSharingDetach:
		w.text("source_address", e.SourceAddress)
		w.text("viewer_appleid", e.ViewerAppleID)
		w.uint("graphical_session_id", uint64(e.GraphicalSessionID))
	default:
		w.string("username", e.Username)
		w.uint("graphical_session_id", uint64(e.GraphicalSessionID))
	}
}

// Arms of an authentication [D: es_authentication_type_t].
const (
	authenticationTouchID    = 1
	authenticationToken      = 2
	authenticationAutoUnlock = 3
)

func (w *writer) authentication(e *es.Authentication) {
	w.bool("success", e.Success)
	w.int("type", int64(e.Type))
	w.key("data")
	w.open()
	switch e.Type {
	case authenticationTouchID:
		w.key("touchid")
		w.open()
		w.processPtr("instigator", e.Instigator)
		w.user("uid", e.UID)
	case authenticationToken:
		w.key("token")
		w.open()
		w.processPtr("instigator", e.Instigator)
	case authenticationAutoUnlock:
		w.key("auto_unlock")
		w.open()
		w.string("username", e.RecordName)
	default:
		w.key("od")
		w.open()
		w.processPtr("instigator", e.Instigator)
		w.string("record_name", e.RecordName)
	}
	w.close()
	w.close()
}

func (w *writer) launchItem(e *es.BTMLaunchItemAdd) {
	w.instigator(e.Instigator, &e.InstigatorToken)
	w.processPtr("app", e.App)
	w.key("item")
	w.open()
	w.int("item_type", int64(e.ItemType))
	w.text("item_url", e.ItemURL)
	w.text("app_url", e.AppURL)
	w.user("uid", e.UID)
	w.bool("legacy", e.Legacy)
	w.bool("managed", e.Managed)
	w.close()
	w.text("executable_path", e.ExecutablePath)
}
