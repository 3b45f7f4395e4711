package eslogger

import (
	"unsafe"

	"ascribe.example/es"
)

// eventShapes holds the shape of each kind's body. The slow path's slowEvent tells what of it is a guess.
var eventShapes = func() (s [es.KindCount]*shape) {
	processShapes(&s)
	fileShapes(&s)
	connectionShapes(&s)
	sessionShapes(&s)
	return s
}()

func processShapes(s *[es.KindCount]*shape) {
	var exec es.Exec
	s[es.KindFork] = newShape("fork", field{key: "child", op: opProcess, offset: unsafe.Offsetof(es.Fork{}.Child)})
	s[es.KindExec] = newShape("exec",
		field{key: "target", op: opProcess, offset: unsafe.Offsetof(exec.Target)},
		field{key: "dyld_exec_path", op: opRecall, offset: unsafe.Offsetof(exec.DyldExecPath)},
		field{key: "script", op: opFilePtr, offset: unsafe.Offsetof(exec.Script)},
		field{key: "cwd", op: opImage, offset: unsafe.Offsetof(exec.CWD)},
		field{key: "last_fd", op: op32, offset: unsafe.Offsetof(exec.LastFD)},
		field{key: "image_cputype", op: op32, offset: unsafe.Offsetof(exec.CPUType)},
		field{key: "image_cpusubtype", op: op32, offset: unsafe.Offsetof(exec.CPUSubtype)},
		field{key: "args", op: opTexts, offset: unsafe.Offsetof(exec.Args)},
		field{key: "env", op: opTexts, offset: unsafe.Offsetof(exec.Env)},
		field{key: "fds", op: opFDs, offset: unsafe.Offsetof(exec.FDs)},
		field{key: "entitlements", op: opSkip},
	)
	s[es.KindExit] = newShape("exit", field{key: "stat", op: op32, offset: unsafe.Offsetof(es.Exit{}.Stat)})
	s[es.KindSignal] = newShape("signal",
		field{key: "sig", op: op32, offset: unsafe.Offsetof(es.Signal{}.Sig)},
		field{key: "target", op: opProcess, offset: unsafe.Offsetof(es.Signal{}.Target)},
		field{key: "instigator", op: opProcPtr, offset: unsafe.Offsetof(es.Signal{}.Instigator)},
	)
	for k := es.KindGetTask; k <= es.KindGetTaskName; k++ {
		s[k] = newShape(k.String(),
			field{key: "target", op: opProcess, offset: unsafe.Offsetof(es.GetTask{}.Target)},
			field{key: "type", op: op32, offset: unsafe.Offsetof(es.GetTask{}.Type)},
		)
	}
	s[es.KindRemoteThreadCreate] = newShape("remote_thread_create",
		field{key: "target", op: opProcess, offset: unsafe.Offsetof(es.RemoteThreadCreate{}.Target)},
		field{key: "thread_state", op: opSkip},
	)
	s[es.KindTrace] = newShape("trace", field{key: "target", op: opProcess, offset: unsafe.Offsetof(es.Trace{}.Target)})
	s[es.KindCSInvalidated] = newShape("cs_invalidated")
	id, real := unsafe.Offsetof(es.SetID{}.ID), unsafe.Offsetof(es.SetID{}.Real)
	s[es.KindSetUID] = newShape("setuid", field{key: "uid", op: op32, offset: id})
	s[es.KindSetGID] = newShape("setgid", field{key: "gid", op: op32, offset: id})
	s[es.KindSetEUID] = newShape("seteuid", field{key: "euid", op: op32, offset: id})
	s[es.KindSetEGID] = newShape("setegid", field{key: "egid", op: op32, offset: id})
	s[es.KindSetREUID] = newShape("setreuid",
		field{key: "euid", op: op32, offset: id}, field{key: "ruid", op: op32, offset: real})
	s[es.KindSetREGID] = newShape("setregid",
		field{key: "egid", op: op32, offset: id}, field{key: "rgid", op: op32, offset: real})
}

func fileShapes(s *[es.KindCount]*shape) {
	var create es.Create
	var rename es.Rename
	var mmap es.MMap
	var copyfile es.Copyfile
	one := func(k es.Kind, offset uintptr, more ...field) {
		s[k] = newShape(k.String(), append(more, field{key: "target", op: opFile, offset: offset})...)
	}
	one(es.KindWrite, unsafe.Offsetof(es.Write{}.Target))
	one(es.KindTruncate, unsafe.Offsetof(es.Truncate{}.Target))
	one(es.KindClose, unsafe.Offsetof(es.Close{}.Target),
		field{key: "modified", op: opBool, offset: unsafe.Offsetof(es.Close{}.Modified)},
		field{key: "was_mapped_writable", op: opBool, offset: unsafe.Offsetof(es.Close{}.WasMappedWritable)})
	one(es.KindUnlink, unsafe.Offsetof(es.Unlink{}.Target),
		field{key: "parent_dir", op: opFolder, offset: unsafe.Offsetof(es.Unlink{}.ParentDir)})
	one(es.KindSetMode, unsafe.Offsetof(es.SetMode{}.Target),
		field{key: "mode", op: op16, offset: unsafe.Offsetof(es.SetMode{}.Mode)})
	one(es.KindSetOwner, unsafe.Offsetof(es.SetOwner{}.Target),
		field{key: "uid", op: op32, offset: unsafe.Offsetof(es.SetOwner{}.UID)},
		field{key: "gid", op: op32, offset: unsafe.Offsetof(es.SetOwner{}.GID)})
	one(es.KindSetFlags, unsafe.Offsetof(es.SetFlags{}.Target),
		field{key: "flags", op: op32, offset: unsafe.Offsetof(es.SetFlags{}.Flags)})
	one(es.KindSetACL, unsafe.Offsetof(es.SetACL{}.Target),
		field{key: "set_or_clear", op: op32, offset: unsafe.Offsetof(es.SetACL{}.SetClear)},
		field{key: "acl", op: opSkip})
	one(es.KindUTimes, unsafe.Offsetof(es.UTimes{}.Target),
		field{key: "atime", op: opTime, offset: unsafe.Offsetof(es.UTimes{}.ATime)},
		field{key: "mtime", op: opTime, offset: unsafe.Offsetof(es.UTimes{}.MTime)})
	for _, k := range []es.Kind{es.KindSetExtAttr, es.KindDeleteExtAttr} {
		one(k, unsafe.Offsetof(es.ExtAttr{}.Target),
			field{key: "extattr", op: opRecall, offset: unsafe.Offsetof(es.ExtAttr{}.Name)})
	}
	s[es.KindOpen] = newShape("open",
		field{key: "fflag", op: op32, offset: unsafe.Offsetof(es.Open{}.FFlag)},
		field{key: "file", op: opFile, offset: unsafe.Offsetof(es.Open{}.File)},
	)
	s[es.KindCreate] = newShape("create",
		field{key: "destination_type", op: op32, offset: unsafe.Offsetof(create.DestinationType)},
		field{key: "acl", op: opText, offset: unsafe.Offsetof(create.ACL)},
		destination(unsafe.Offsetof(create.ExistingFile), unsafe.Offsetof(create.Dir), unsafe.Offsetof(create.Filename),
			field{key: "mode", op: op16, offset: unsafe.Offsetof(create.Mode)}),
	)
	s[es.KindRename] = newShape("rename",
		field{key: "source", op: opFile, offset: unsafe.Offsetof(rename.Source)},
		field{key: "destination_type", op: op32, offset: unsafe.Offsetof(rename.DestinationType)},
		destination(unsafe.Offsetof(rename.ExistingFile), unsafe.Offsetof(rename.Dir), unsafe.Offsetof(rename.Filename),
			field{key: "mode", op: opSkip}),
	)
	s[es.KindMMap] = newShape("mmap",
		field{key: "protection", op: op32, offset: unsafe.Offsetof(mmap.Protection)},
		field{key: "max_protection", op: op32, offset: unsafe.Offsetof(mmap.MaxProtection)},
		field{key: "flags", op: op32, offset: unsafe.Offsetof(mmap.Flags)},
		field{key: "file_pos", op: op64, offset: unsafe.Offsetof(mmap.FilePos)},
		field{key: "source", op: opFolder, offset: unsafe.Offsetof(mmap.Source)},
	)
	s[es.KindLink] = newShape("link",
		field{key: "source", op: opFile, offset: unsafe.Offsetof(es.Link{}.Source)},
		field{key: "target_dir", op: opFolder, offset: unsafe.Offsetof(es.Link{}.TargetDir)},
		field{key: "target_filename", op: opText, offset: unsafe.Offsetof(es.Link{}.TargetFilename)},
	)
	s[es.KindClone] = newShape("clone",
		field{key: "source", op: opFile, offset: unsafe.Offsetof(es.Clone{}.Source)},
		field{key: "target_dir", op: opFolder, offset: unsafe.Offsetof(es.Clone{}.TargetDir)},
		field{key: "target_name", op: opText, offset: unsafe.Offsetof(es.Clone{}.TargetName)},
	)
	s[es.KindCopyfile] = newShape("copyfile",
		field{key: "source", op: opFile, offset: unsafe.Offsetof(copyfile.Source)},
		field{key: "target_file", op: opFilePtr, offset: unsafe.Offsetof(copyfile.TargetFile)},
		field{key: "target_dir", op: opFolder, offset: unsafe.Offsetof(copyfile.TargetDir)},
		field{key: "targetdir", op: opFolder, offset: unsafe.Offsetof(copyfile.TargetDir), like: "target_dir"},
		field{key: "target_name", op: opText, offset: unsafe.Offsetof(copyfile.TargetName)},
		field{key: "mode", op: op16, offset: unsafe.Offsetof(copyfile.Mode)},
		field{key: "flags", op: op32, offset: unsafe.Offsetof(copyfile.Flags)},
	)
	s[es.KindExchangeData] = newShape("exchangedata",
		field{key: "file1", op: opFile, offset: unsafe.Offsetof(es.ExchangeData{}.File1)},
		field{key: "file2", op: opFile, offset: unsafe.Offsetof(es.ExchangeData{}.File2)},
	)
	mountShapes(s)
}

// destination is where a create or a rename went: an existing file, or a name in a folder.
func destination(existing, dir, filename uintptr, mode field) field {
	return field{key: "destination", op: opObject, sub: newShape("destination",
		field{key: "existing_file", op: opFile, offset: existing},
		field{key: "new_path", op: opObject, sub: newShape("new_path",
			field{key: "dir", op: opFolder, offset: dir},
			field{key: "filename", op: opText, offset: filename},
			mode,
		)},
	)}
}

func mountShapes(s *[es.KindCount]*shape) {
	var m es.Mount
	at := unsafe.Offsetof(m.Statfs)
	fields := []field{
		{key: "f_fsid", op: opPair, offset: at + unsafe.Offsetof(m.Statfs.FSID)},
		{key: "f_fstypename", op: opRecall, offset: at + unsafe.Offsetof(m.Statfs.Type)},
		{key: "f_mntonname", op: opText, offset: at + unsafe.Offsetof(m.Statfs.MntOn)},
		{key: "f_mntfromname", op: opText, offset: at + unsafe.Offsetof(m.Statfs.MntFrom)},
		{key: "f_flags", op: op32, offset: at + unsafe.Offsetof(m.Statfs.Flags)},
		{key: "f_owner", op: op32, offset: at + unsafe.Offsetof(m.Statfs.Owner)},
		{key: "f_blocks", op: op64, offset: at + unsafe.Offsetof(m.Statfs.Blocks)},
		{key: "f_bsize", op: op32, offset: at + unsafe.Offsetof(m.Statfs.BlockSize)},
	}
	for _, key := range []string{
		"f_bavail", "f_bfree", "f_ffree", "f_files", "f_flags_ext", "f_fssubtype", "f_iosize", "f_type",
	} {
		fields = append(fields, field{key: key, op: opSkip})
	}
	statfs := newShape("statfs", fields...)
	for _, k := range []es.Kind{es.KindMount, es.KindUnmount, es.KindRemount} {
		s[k] = newShape(k.String(),
			field{key: "statfs", op: opObject, sub: statfs},
			field{key: "disposition", op: op32, offset: unsafe.Offsetof(m.Disposition)},
			field{key: "remount_flags", op: opSkip},
		)
	}
}

func connectionShapes(s *[es.KindCount]*shape) {
	var up es.BootstrapLookUp
	var in es.BootstrapCheckIn
	var uipc es.UIPCConnect
	var materialize es.FileProviderMaterialize
	var tcc es.TCCModify
	var btm es.BTMLaunchItemAdd
	s[es.KindXPCConnect] = newShape("xpc_connect",
		field{key: "service_name", op: opRecall, offset: unsafe.Offsetof(es.XPCConnect{}.ServiceName)},
		field{key: "service_domain_type", op: op32, offset: unsafe.Offsetof(es.XPCConnect{}.DomainType)},
	)
	s[es.KindBootstrapLookUp] = newShape("bootstrap_look_up",
		field{key: "service_name", op: opRecall, offset: unsafe.Offsetof(up.ServiceName)},
		field{key: "instigator", op: opProcPtr, offset: unsafe.Offsetof(up.Instigator)},
		field{key: "instigator_token", op: opToken, offset: unsafe.Offsetof(up.InstigatorToken)},
		field{key: "target_type", op: op32, offset: unsafe.Offsetof(up.TargetType)},
		field{key: "target", op: opObject, sub: newShape("bootstrap_look_up.target",
			field{key: "process", op: opProcPtr, offset: unsafe.Offsetof(up.TargetProcess)},
			field{key: "lwcr", op: opSkip},
			field{key: "audit_token", op: opDecline},
		)},
	)
	s[es.KindBootstrapCheckIn] = newShape("bootstrap_check_in",
		field{key: "service_name", op: opRecall, offset: unsafe.Offsetof(in.ServiceName)},
		field{key: "instigator", op: opProcPtr, offset: unsafe.Offsetof(in.Instigator)},
		field{key: "instigator_token", op: opToken, offset: unsafe.Offsetof(in.InstigatorToken)},
	)
	s[es.KindUIPCConnect] = newShape("uipc_connect",
		field{key: "file", op: opFolder, offset: unsafe.Offsetof(uipc.File)},
		field{key: "domain", op: op32, offset: unsafe.Offsetof(uipc.Domain)},
		field{key: "type", op: op32, offset: unsafe.Offsetof(uipc.Type)},
		field{key: "protocol", op: op32, offset: unsafe.Offsetof(uipc.Protocol)},
	)
	s[es.KindFileProviderMaterialize] = newShape("file_provider_materialize",
		field{key: "instigator", op: opProcPtr, offset: unsafe.Offsetof(materialize.Instigator)},
		field{key: "investigator", op: opProcPtr, offset: unsafe.Offsetof(materialize.Instigator), like: "instigator"},
		field{key: "instigator_token", op: opToken, offset: unsafe.Offsetof(materialize.InstigatorToken)},
		field{key: "source", op: opFile, offset: unsafe.Offsetof(materialize.Source)},
		field{key: "target", op: opFile, offset: unsafe.Offsetof(materialize.Target)},
	)
	s[es.KindFileProviderUpdate] = newShape("file_provider_update",
		field{key: "source", op: opFile, offset: unsafe.Offsetof(es.FileProviderUpdate{}.Source)},
		field{key: "target_path", op: opText, offset: unsafe.Offsetof(es.FileProviderUpdate{}.TargetPath)},
	)
	s[es.KindTCCModify] = newShape("tcc_modify",
		field{key: "service", op: opText, offset: unsafe.Offsetof(tcc.Service)},
		field{key: "identity", op: opText, offset: unsafe.Offsetof(tcc.Identity)},
		field{key: "identity_type", op: opSkip},
		field{key: "update_type", op: op32, offset: unsafe.Offsetof(tcc.UpdateType)},
		field{key: "instigator_token", op: opToken, offset: unsafe.Offsetof(tcc.InstigatorToken)},
		field{key: "instigator", op: opProcPtr, offset: unsafe.Offsetof(tcc.Instigator)},
		field{key: "responsible_token", op: opToken, offset: unsafe.Offsetof(tcc.ResponsibleToken)},
		field{key: "responsible", op: opProcPtr, offset: unsafe.Offsetof(tcc.Responsible)},
		field{key: "right", op: op32, offset: unsafe.Offsetof(tcc.Right)},
		field{key: "reason", op: op32, offset: unsafe.Offsetof(tcc.Reason)},
	)
	s[es.KindBTMLaunchItemAdd] = newShape("btm_launch_item_add",
		field{key: "instigator", op: opProcPtr, offset: unsafe.Offsetof(btm.Instigator)},
		field{key: "instigator_token", op: opToken, offset: unsafe.Offsetof(btm.InstigatorToken)},
		field{key: "app", op: opProcPtr, offset: unsafe.Offsetof(btm.App)},
		field{key: "app_token", op: opSkip},
		field{key: "executable_path", op: opText, offset: unsafe.Offsetof(btm.ExecutablePath)},
		field{key: "item", op: opObject, sub: newShape("item",
			field{key: "item_type", op: op32, offset: unsafe.Offsetof(btm.ItemType)},
			field{key: "item_url", op: opText, offset: unsafe.Offsetof(btm.ItemURL)},
			field{key: "app_url", op: opText, offset: unsafe.Offsetof(btm.AppURL)},
			field{key: "uid", op: op32, offset: unsafe.Offsetof(btm.UID)},
			field{key: "legacy", op: opBool, offset: unsafe.Offsetof(btm.Legacy)},
			field{key: "managed", op: opBool, offset: unsafe.Offsetof(btm.Managed)},
		)},
	)
	s[es.KindGatekeeperUserOverride] = newShape("gatekeeper_user_override",
		field{key: "file_type", op: op32, offset: unsafe.Offsetof(es.GatekeeperUserOverride{}.FileType)},
		field{key: "file", op: opPath, offset: unsafe.Offsetof(es.GatekeeperUserOverride{}.Path)},
		field{key: "sha256", op: opSkip},
		field{key: "signing_info", op: opSkip},
	)
}

func sessionShapes(s *[es.KindCount]*shape) {
	var e es.Session
	username := field{key: "username", op: opText, offset: unsafe.Offsetof(e.Username)}
	success := field{key: "success", op: opBool, offset: unsafe.Offsetof(e.Success)}
	uid := field{key: "uid", op: op32, offset: unsafe.Offsetof(e.UID)}
	hasUID := field{key: "has_uid", op: opDecline}
	address := field{key: "source_address", op: opText, offset: unsafe.Offsetof(e.SourceAddress)}
	addressType := field{key: "source_address_type", op: opSkip}
	graphical := field{key: "graphical_session_id", op: op32, offset: unsafe.Offsetof(e.GraphicalSessionID)}
	for k := es.KindOpenSSHLogin; k <= es.KindOpenSSHLogout; k++ {
		s[k] = newShape(k.String(), success, username, uid, hasUID, address, addressType, field{key: "result_type", op: opSkip})
	}
	for k := es.KindLoginLogin; k <= es.KindLoginLogout; k++ {
		s[k] = newShape(k.String(), success, username, uid, hasUID, field{key: "failure_message", op: opSkip})
	}
	for k := es.KindLWSessionLogin; k <= es.KindLWSessionUnlock; k++ {
		s[k] = newShape(k.String(), success, username, graphical)
	}
	for k := es.KindScreenSharingAttach; k <= es.KindScreenSharingDetach; k++ {
		s[k] = newShape(k.String(), success, address, addressType, graphical,
			field{key: "username", op: opDecline},
			field{key: "session_username", op: opName, offset: unsafe.Offsetof(e.Username)},
			field{key: "authentication_username", op: opWeakName, offset: unsafe.Offsetof(e.Username)},
			field{key: "authentication_type", op: opSkip},
			field{key: "viewer_appleid", op: opText, offset: unsafe.Offsetof(e.ViewerAppleID)},
			field{key: "existing_session", op: opBool, offset: unsafe.Offsetof(e.ExistingSession)},
		)
	}
	s[es.KindAuthentication] = authenticationShape()
	var b es.Become
	for _, k := range []es.Kind{es.KindSu, es.KindSudo} {
		fields := []field{
			{key: "success", op: opBool, offset: unsafe.Offsetof(b.Success)},
			{key: "from_uid", op: op32, offset: unsafe.Offsetof(b.FromUID)},
			{key: "from_username", op: opText, offset: unsafe.Offsetof(b.FromUsername)},
			{key: "to_uid", op: op32, offset: unsafe.Offsetof(b.ToUID)},
			{key: "to_username", op: opText, offset: unsafe.Offsetof(b.ToUsername)},
			{key: "has_from_uid", op: opDecline},
			{key: "has_to_uid", op: opDecline},
		}
		more := []string{"failure_message", "argc", "argv", "env_count", "env"}
		command := field{key: "shell", op: opText, offset: unsafe.Offsetof(b.Command)}
		if k == es.KindSudo {
			command.key, more = "command", []string{"reject_info"}
		}
		fields = append(fields, command)
		for _, key := range more {
			fields = append(fields, field{key: key, op: opSkip})
		}
		s[k] = newShape(k.String(), fields...)
	}
}

// authenticationShape has one arm for each way to authenticate; two arms together are not what ES writes.
func authenticationShape() *shape {
	var a es.Authentication
	arm := func(name, like string, skip []string, fields ...field) field {
		for _, key := range skip {
			fields = append(fields, field{key: key, op: opSkip})
		}
		return field{key: name, op: opObject, sub: newShape("authentication."+name, fields...), like: like}
	}
	instigator := field{key: "instigator", op: opProcPtr, offset: unsafe.Offsetof(a.Instigator)}
	return newShape("authentication",
		field{key: "success", op: opBool, offset: unsafe.Offsetof(a.Success)},
		field{key: "type", op: op32, offset: unsafe.Offsetof(a.Type)},
		field{key: "data", op: opObject, sub: newShape("authentication.data",
			arm("od", "", []string{"instigator_token", "record_type", "node_name", "db_path"}, instigator,
				field{key: "record_name", op: opText, offset: unsafe.Offsetof(a.RecordName)}),
			arm("touchid", "od", []string{"instigator_token", "touchid_mode"}, instigator,
				field{key: "uid", op: op32, offset: unsafe.Offsetof(a.UID)},
				field{key: "has_uid", op: opDecline}),
			arm("token", "od", []string{"instigator_token", "pubkey_hash", "token_id", "kerberos_principal"}, instigator),
			arm("auto_unlock", "od", []string{"type"},
				field{key: "username", op: opText, offset: unsafe.Offsetof(a.RecordName)}),
		)},
	)
}
