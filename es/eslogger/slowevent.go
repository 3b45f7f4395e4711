package eslogger

import (
	"encoding/json"

	"ascribe.example/es"
)

// slowEvent decodes the body of an event. Keys are Apple's C field names; for events of which no real line is public
// (clone, copyfile, truncate, utimes, unmount, remount, setowner, setflags, setacl, exchangedata, bootstrap_*,
// screensharing_*, su, sudo, set*id, file_provider_*) that is a guess, so nothing in them is required.
func (d *Decoder) slowEvent(name string, number int32, body json.RawMessage) (es.Event, error) {
	kind := es.KindOf(name)
	if kind == es.KindOther {
		if !d.StrictShape {
			d.count(&d.unknownEvents, "", name)
		}
		return &es.Other{Name: name, Type: number, Raw: body}, nil
	}
	o, ok := d.asObject(body, name)
	if !ok {
		return nil, notMessage(`"event.%s" is not an object`, name)
	}
	defer o.done()
	switch {
	case kind <= es.KindExit || kind >= es.KindSignal || kind >= es.KindSetUID && kind <= es.KindSetREGID:
		return o.processEvent(kind), nil
	case kind <= es.KindRemount:
		return o.fileEvent(kind), nil
	}
	return o.serviceEvent(kind), nil
}

func (o *object) processEvent(kind es.Kind) es.Event {
	switch kind {
	case es.KindFork:
		return &es.Fork{Child: o.process("child")}
	case es.KindExec:
		o.ignore("entitlements")
		return &es.Exec{
			Target: o.process("target"), DyldExecPath: o.string("dyld_exec_path"), Script: o.filePtr("script"),
			CWD: o.file("cwd"), LastFD: o.int32("last_fd", 0), CPUType: o.int32("image_cputype", 0),
			CPUSubtype: o.int32("image_cpusubtype", 0), Args: o.strings("args"), Env: o.strings("env"), FDs: o.fds("fds"),
		}
	case es.KindExit:
		return &es.Exit{Stat: o.int32("stat", 0)}
	case es.KindSignal:
		return &es.Signal{Sig: o.int32("sig", 0), Target: o.process("target"), Instigator: o.processPtr("instigator")}
	case es.KindGetTask, es.KindGetTaskRead, es.KindGetTaskInspect, es.KindGetTaskName:
		return &es.GetTask{Which: kind, Target: o.process("target"), Type: o.int32("type", 0)}
	case es.KindRemoteThreadCreate:
		o.ignore("thread_state")
		return &es.RemoteThreadCreate{Target: o.process("target")}
	case es.KindTrace:
		return &es.Trace{Target: o.process("target")}
	case es.KindCSInvalidated:
		return &es.CSInvalidated{}
	}
	e := &es.SetID{Which: kind, ID: es.Unset, Real: es.Unset}
	switch kind {
	case es.KindSetUID:
		e.ID = o.uint32("uid", es.Unset)
	case es.KindSetGID:
		e.ID = o.uint32("gid", es.Unset)
	case es.KindSetEUID:
		e.ID = o.uint32("euid", es.Unset)
	case es.KindSetEGID:
		e.ID = o.uint32("egid", es.Unset)
	case es.KindSetREUID:
		e.ID, e.Real = o.uint32("euid", es.Unset), o.uint32("ruid", es.Unset)
	case es.KindSetREGID:
		e.ID, e.Real = o.uint32("egid", es.Unset), o.uint32("rgid", es.Unset)
	}
	return e
}

// destination reads where a create or a rename went: an existing file, or a name in a folder.
func (o *object) destination(existing, dir *es.File, filename *string, mode *uint16) {
	to, ok := o.object("destination", "destination")
	if !ok {
		return
	}
	defer to.done()
	*existing = to.file("existing_file")
	if path, ok := to.object("new_path", "new_path"); ok {
		*dir, *filename, *mode = path.file("dir"), path.string("filename"), path.uint16("mode")
		path.done()
	}
}

func (o *object) fileEvent(kind es.Kind) es.Event {
	switch kind {
	case es.KindOpen:
		return &es.Open{FFlag: o.int32("fflag", 0), File: o.file("file")}
	case es.KindClose:
		return &es.Close{
			Target: o.file("target"), Modified: o.bool("modified", false),
			WasMappedWritable: o.bool("was_mapped_writable", false),
		}
	case es.KindCreate:
		e := &es.Create{DestinationType: es.DestinationType(o.int32("destination_type", 0)), ACL: o.string("acl")}
		o.destination(&e.ExistingFile, &e.Dir, &e.Filename, &e.Mode)
		return e
	case es.KindWrite:
		return &es.Write{Target: o.file("target")}
	case es.KindTruncate:
		return &es.Truncate{Target: o.file("target")}
	case es.KindMMap:
		return &es.MMap{
			Protection: o.int32("protection", 0), MaxProtection: o.int32("max_protection", 0), Flags: o.int32("flags", 0),
			FilePos: o.uint64("file_pos", 0), Source: o.file("source"),
		}
	case es.KindRename:
		e := &es.Rename{Source: o.file("source"), DestinationType: es.DestinationType(o.int32("destination_type", 0))}
		var mode uint16
		o.destination(&e.ExistingFile, &e.Dir, &e.Filename, &mode)
		return e
	case es.KindUnlink:
		return &es.Unlink{Target: o.file("target"), ParentDir: o.file("parent_dir")}
	case es.KindLink:
		return &es.Link{Source: o.file("source"), TargetDir: o.file("target_dir"), TargetFilename: o.string("target_filename")}
	case es.KindClone:
		return &es.Clone{Source: o.file("source"), TargetDir: o.file("target_dir"), TargetName: o.string("target_name")}
	case es.KindCopyfile:
		return o.copyfile()
	case es.KindExchangeData:
		return &es.ExchangeData{File1: o.file("file1"), File2: o.file("file2")}
	case es.KindSetExtAttr, es.KindDeleteExtAttr:
		return &es.ExtAttr{Which: kind, Target: o.file("target"), Name: o.string("extattr")}
	case es.KindSetMode:
		return &es.SetMode{Target: o.file("target"), Mode: o.uint16("mode")}
	case es.KindSetOwner:
		return &es.SetOwner{Target: o.file("target"), UID: o.uint32("uid", es.Unset), GID: o.uint32("gid", es.Unset)}
	case es.KindSetFlags:
		return &es.SetFlags{Target: o.file("target"), Flags: o.uint32("flags", 0)}
	case es.KindSetACL:
		o.ignore("acl")
		return &es.SetACL{Target: o.file("target"), SetClear: o.int32("set_or_clear", 0)}
	case es.KindUTimes:
		return &es.UTimes{Target: o.file("target"), ATime: o.time("atime"), MTime: o.time("mtime")}
	}
	return o.mount(kind)
}

// copyfile reads "target_dir" or, as one third-party reader of eslogger spells it, "targetdir".
func (o *object) copyfile() es.Event {
	e := &es.Copyfile{
		Source: o.file("source"), TargetFile: o.filePtr("target_file"), TargetName: o.string("target_name"),
		Mode: o.uint16("mode"), Flags: o.int32("flags", 0),
	}
	dir, odd := o.filePtr("target_dir"), o.filePtr("targetdir")
	if dir == nil {
		dir = odd
	}
	if dir != nil {
		e.TargetDir = *dir
	}
	return e
}

func (o *object) mount(kind es.Kind) es.Event {
	e := &es.Mount{Which: kind}
	e.Disposition = es.MountDisposition(o.int32("disposition", int32(es.MountDispositionMissing)))
	o.ignore("remount_flags")
	s, ok := o.object("statfs", "statfs")
	if !ok {
		return e
	}
	defer s.done()
	e.Statfs = es.Statfs{
		Type: s.string("f_fstypename"), MntOn: s.string("f_mntonname"), MntFrom: s.string("f_mntfromname"),
		Flags: s.uint32("f_flags", 0), Owner: s.uint32("f_owner", 0), Blocks: s.uint64("f_blocks", 0),
		BlockSize: s.uint32("f_bsize", 0),
	}
	if raw, ok := s.take("f_fsid"); ok {
		var words []json.RawMessage
		if json.Unmarshal(raw, &words) != nil || len(words) != 2 {
			s.mismatch("f_fsid")
		} else if a, ok := integer(words[0], 32); !ok {
			s.mismatch("f_fsid")
		} else if b, ok := integer(words[1], 32); !ok {
			s.mismatch("f_fsid")
		} else {
			e.Statfs.FSID = [2]int32{int32(a), int32(b)}
		}
	}
	s.ignore("f_bavail", "f_bfree", "f_ffree", "f_files", "f_flags_ext", "f_fssubtype", "f_iosize", "f_type")
	return e
}

// user reads a user id that may be unknown: null, absent, or denied by a has_ flag as in Apple's C structs.
func (o *object) user(key string) uint32 {
	id := o.uint32(key, es.Unset)
	if !o.bool("has_"+key, true) {
		return es.Unset
	}
	return id
}

func (o *object) serviceEvent(kind es.Kind) es.Event {
	switch kind {
	case es.KindXPCConnect:
		return &es.XPCConnect{ServiceName: o.string("service_name"), DomainType: o.int32("service_domain_type", 0)}
	case es.KindBootstrapLookUp:
		return o.lookUp()
	case es.KindBootstrapCheckIn:
		return &es.BootstrapCheckIn{
			ServiceName: o.string("service_name"), Instigator: o.processPtr("instigator"),
			InstigatorToken: o.token("instigator_token"),
		}
	case es.KindUIPCConnect:
		return &es.UIPCConnect{
			File: o.file("file"), Domain: o.int32("domain", 0), Type: o.int32("type", 0), Protocol: o.int32("protocol", 0),
		}
	case es.KindAuthentication:
		return o.authentication()
	case es.KindSu, es.KindSudo:
		return o.become(kind)
	case es.KindFileProviderMaterialize:
		e := &es.FileProviderMaterialize{
			Instigator: o.processPtr("instigator"), InstigatorToken: o.token("instigator_token"),
			Source: o.file("source"), Target: o.file("target"),
		}
		if odd := o.processPtr("investigator"); e.Instigator == nil {
			e.Instigator = odd
		}
		return e
	case es.KindFileProviderUpdate:
		return &es.FileProviderUpdate{Source: o.file("source"), TargetPath: o.string("target_path")}
	case es.KindBTMLaunchItemAdd:
		return o.launchItem()
	case es.KindTCCModify:
		o.ignore("identity_type")
		return &es.TCCModify{
			Service: o.string("service"), Identity: o.string("identity"), UpdateType: o.int32("update_type", 0),
			InstigatorToken: o.token("instigator_token"), Instigator: o.processPtr("instigator"),
			ResponsibleToken: o.token("responsible_token"), Responsible: o.processPtr("responsible"),
			Right: o.int32("right", 0), Reason: o.int32("reason", 0),
		}
	case es.KindGatekeeperUserOverride:
		return o.override()
	}
	return o.session(kind)
}

// lookUp reads the owner of the service from target: the process itself, or a member "process" of it. The other arm of
// the union, a job that does not run, has no process.
func (o *object) lookUp() es.Event {
	e := &es.BootstrapLookUp{
		ServiceName: o.string("service_name"), Instigator: o.processPtr("instigator"),
		InstigatorToken: o.token("instigator_token"), TargetType: o.int32("target_type", 0),
	}
	raw, ok := o.take("target")
	if !ok {
		return e
	}
	target, ok := o.d.asObject(raw, "bootstrap_look_up.target")
	if !ok {
		o.mismatch("target")
		return e
	}
	if _, ok := target.members["audit_token"]; ok {
		e.TargetProcess = &es.Process{CSValidationCategory: -1}
		o.d.slowProcess(raw, e.TargetProcess, "process")
		return e
	}
	e.TargetProcess = target.processPtr("process")
	target.ignore("lwcr")
	target.done()
	return e
}

func (o *object) authentication() es.Event {
	e := &es.Authentication{Success: o.bool("success", false), Type: o.int32("type", 0), UID: es.Unset}
	data, ok := o.object("data", "authentication.data")
	if !ok {
		return e
	}
	defer data.done()
	if od, ok := data.object("od", "authentication.od"); ok {
		e.Instigator, e.RecordName = od.processPtr("instigator"), od.string("record_name")
		od.ignore("instigator_token", "record_type", "node_name", "db_path")
		od.done()
		return e
	}
	if touch, ok := data.object("touchid", "authentication.touchid"); ok {
		e.Instigator, e.UID = touch.processPtr("instigator"), touch.user("uid")
		touch.ignore("instigator_token", "touchid_mode")
		touch.done()
		return e
	}
	if token, ok := data.object("token", "authentication.token"); ok {
		e.Instigator = token.processPtr("instigator")
		token.ignore("instigator_token", "pubkey_hash", "token_id", "kerberos_principal")
		token.done()
		return e
	}
	if auto, ok := data.object("auto_unlock", "authentication.auto_unlock"); ok {
		e.RecordName = auto.string("username")
		auto.ignore("type")
		auto.done()
	}
	return e
}

// become reads su and sudo. The command of a su is the shell it starts.
func (o *object) become(kind es.Kind) es.Event {
	e := &es.Become{
		Which: kind, Success: o.bool("success", false), FromUID: o.user("from_uid"), FromUsername: o.string("from_username"),
		ToUID: o.user("to_uid"), ToUsername: o.string("to_username"),
	}
	if kind == es.KindSudo {
		e.Command = o.string("command")
		o.ignore("reject_info")
		return e
	}
	e.Command = o.string("shell")
	o.ignore("failure_message", "argc", "argv", "env_count", "env")
	return e
}

func (o *object) launchItem() es.Event {
	e := &es.BTMLaunchItemAdd{
		Instigator: o.processPtr("instigator"), InstigatorToken: o.token("instigator_token"), App: o.processPtr("app"),
		ExecutablePath: o.string("executable_path"), UID: es.Unset,
	}
	o.ignore("app_token")
	if item, ok := o.object("item", "item"); ok {
		e.ItemType, e.ItemURL, e.AppURL = item.int32("item_type", 0), item.string("item_url"), item.string("app_url")
		e.UID, e.Legacy, e.Managed = item.uint32("uid", es.Unset), item.bool("legacy", false), item.bool("managed", false)
		item.done()
	}
	return e
}

// override reads a file that is a path or, where Gatekeeper could still open it, a file with its status [D].
func (o *object) override() es.Event {
	e := &es.GatekeeperUserOverride{FileType: o.int32("file_type", 0)}
	o.ignore("sha256", "signing_info")
	raw, ok := o.take("file")
	if !ok {
		return e
	}
	if f, ok := o.d.slowFile(raw); ok {
		e.Path = f.Path
	} else if json.Unmarshal(raw, &e.Path) != nil {
		o.mismatch("file")
	}
	return e
}

func (o *object) session(kind es.Kind) es.Event {
	e := &es.Session{Which: kind, Success: o.bool("success", true), UID: es.Unset, Username: o.string("username")}
	switch kind {
	case es.KindOpenSSHLogin, es.KindOpenSSHLogout:
		e.SourceAddress, e.UID = o.string("source_address"), o.user("uid")
		o.ignore("result_type", "source_address_type")
	case es.KindLoginLogin, es.KindLoginLogout:
		e.UID = o.user("uid")
		o.ignore("failure_message")
	case es.KindScreenSharingAttach, es.KindScreenSharingDetach:
		name, asked := o.string("session_username"), o.string("authentication_username")
		if name == "" {
			name = asked
		}
		if name != "" {
			e.Username = name
		}
		e.SourceAddress, e.ViewerAppleID = o.string("source_address"), o.string("viewer_appleid")
		e.ExistingSession = o.bool("existing_session", false)
		o.ignore("source_address_type", "authentication_type")
		e.GraphicalSessionID = o.uint32("graphical_session_id", 0)
	default:
		e.GraphicalSessionID = o.uint32("graphical_session_id", 0)
	}
	return e
}
