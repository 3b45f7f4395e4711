package es

// Event is what happened: one of the types below, by pointer.
type Event interface {
	// Kind is the event's kind; its String is ES's short name.
	Kind() Kind
}

// DestinationType says which arm of a create's or rename's destination is filled.
type DestinationType int32

// Destination types [D: es_destination_type_t].
const (
	DestinationExistingFile DestinationType = 0
	DestinationNewPath      DestinationType = 1
)

// Open flags: kernel FFLAGS, not O_* [D].
const (
	FRead     = 0x1
	FWrite    = 0x2
	FAppend   = 0x8
	OCreat    = 0x200
	OTrunc    = 0x400
	OExcl     = 0x800
	OEvtOnly  = 0x8000
	ODirect   = 0x100000 // O_DIRECTORY
	OSymlink  = 0x200000
	OCloexec  = 0x1000000
	OExec     = 0x40000000
	ProtRead  = 0x1
	ProtWrite = 0x2
	MapShared = 0x1
)

// Process events.
type (
	// Fork is also what posix_spawn begins with; the child's image is still the parent's.
	Fork struct{ Child Process }

	// Exec replaces the program: Message.Process is the old image, Target the new one, with another pidversion.
	Exec struct {
		Target       Process
		DyldExecPath string // from version 7
		Script       *File  // only for the ./x.sh form
		CWD          File
		LastFD       int32
		CPUType      int32
		CPUSubtype   int32
		Args         []string
		Env          []string
		FDs          []FD // a capped subset
	}

	// FD is one open descriptor of a new image.
	FD struct {
		FD     int32
		Type   uint32 // PROX_FDTYPE_*: 1 vnode, 6 pipe
		PipeID uint64 // 0: no pipe
	}

	// Exit carries the wait(2) status.
	Exit struct{ Stat int32 }

	// Signal is sent to Target; launchd signals on behalf of Instigator (version 9).
	Signal struct {
		Sig        int32
		Target     Process
		Instigator *Process
	}

	// GetTask is get_task, get_task_read, get_task_inspect or get_task_name.
	GetTask struct {
		Which  Kind
		Target Process
		Type   int32
	}

	RemoteThreadCreate struct{ Target Process }
	Trace              struct{ Target Process } // ptrace's attach
	CSInvalidated      struct{}

	// SetID is one of setuid, setgid, seteuid, setegid, setreuid, setregid: the identity changes, the execution stays.
	// ID is the one argument, or the effective of two; Real the real of two ([Unset] where not given).
	SetID struct {
		Which Kind
		ID    uint32
		Real  uint32
	}
)

// File events.
type (
	Open struct {
		FFlag int32
		File  File
	}

	// Close is told for every descriptor that is let go. Modified belongs to the open file that all holders share,
	// WasMappedWritable to the vnode: neither says that the closer wrote [S].
	Close struct {
		Target            File
		Modified          bool
		WasMappedWritable bool
	}

	// Create has the file itself (DestinationExistingFile) as a notify event; NewPath where creation was denied.
	Create struct {
		DestinationType DestinationType
		ExistingFile    File
		Dir             File
		Filename        string
		Mode            uint16
		ACL             string
	}

	// Write is told before the kernel tries; it may have failed [S].
	Write struct{ Target File }

	// Truncate is truncate(2) and ftruncate(2) only, not O_TRUNC.
	Truncate struct{ Target File }

	MMap struct {
		Protection    int32
		MaxProtection int32
		Flags         int32
		FilePos       uint64
		Source        File
	}

	Rename struct {
		Source          File
		DestinationType DestinationType
		ExistingFile    File // overwritten
		Dir             File
		Filename        string
	}

	Unlink struct {
		Target    File
		ParentDir File
	}

	Link struct {
		Source         File
		TargetDir      File
		TargetFilename string
	}

	// Clone is told before the kernel tries: confirmed by the Create that follows [S].
	Clone struct {
		Source     File
		TargetDir  File
		TargetName string
	}

	// Copyfile is the system call only: server-side copies on AFP and SMB. Told before the kernel tries [S].
	Copyfile struct {
		Source     File
		TargetFile *File // overwritten
		TargetDir  File
		TargetName string
		Mode       uint16
		Flags      int32
	}

	// ExchangeData swaps contents on HFS+; told before the kernel tries.
	ExchangeData struct{ File1, File2 File }

	// ExtAttr is setextattr or deleteextattr: the name only, never the value.
	ExtAttr struct {
		Which  Kind
		Target File
		Name   string
	}

	SetMode struct {
		Target File
		Mode   uint16
	}

	SetOwner struct {
		Target   File
		UID, GID uint32
	}

	SetFlags struct {
		Target File
		Flags  uint32
	}

	SetACL struct {
		Target   File
		SetClear int32 // 0 set, 1 clear
	}

	UTimes struct {
		Target       File
		ATime, MTime Time
	}

	// Mount is mount, unmount or remount.
	Mount struct {
		Which       Kind
		Statfs      Statfs
		Disposition MountDisposition
	}
)

// Connections and sessions.
type (
	// XPCConnect: Message.Process connected to a named service.
	XPCConnect struct {
		ServiceName string
		DomainType  int32
	}

	// BootstrapLookUp: Instigator asked launchd for a service; TargetProcess owns it where it runs (macOS 27).
	BootstrapLookUp struct {
		ServiceName     string
		Instigator      *Process
		InstigatorToken AuditToken
		TargetType      int32
		TargetProcess   *Process
	}

	// BootstrapCheckIn: Instigator told launchd that it serves ServiceName (macOS 27).
	BootstrapCheckIn struct {
		ServiceName     string
		Instigator      *Process
		InstigatorToken AuditToken
	}

	UIPCConnect struct {
		File                   File
		Domain, Type, Protocol int32
	}

	// Session is one of openssh_login/logout, login_login/logout, lw_session_login/logout/lock/unlock,
	// screensharing_attach/detach.
	Session struct {
		Which              Kind
		Success            bool // true where the event has no such field
		Username           string
		UID                uint32 // [Unset] unknown
		SourceAddress      string // "" unknown
		GraphicalSessionID uint32 // not the audit session id
		ViewerAppleID      string
		ExistingSession    bool
	}

	// Authentication is an attempt to prove who one is.
	Authentication struct {
		Success    bool
		Type       int32
		RecordName string // of OpenDirectory attempts
		UID        uint32 // of Touch ID attempts; [Unset] unknown
		Instigator *Process
	}

	// Become is su or sudo.
	Become struct {
		Which        Kind
		Success      bool
		FromUID      uint32 // [Unset] unknown
		FromUsername string
		ToUID        uint32 // [Unset] unknown
		ToUsername   string
		Command      string
	}

	// FileProviderMaterialize: Instigator caused a download; Message.Process is the provider's daemon.
	FileProviderMaterialize struct {
		Instigator      *Process
		InstigatorToken AuditToken // version 8
		Source, Target  File
	}

	FileProviderUpdate struct {
		Source     File
		TargetPath string
	}

	BTMLaunchItemAdd struct {
		Instigator      *Process
		InstigatorToken AuditToken
		App             *Process
		ItemType        int32
		ItemURL         string
		AppURL          string
		UID             uint32
		Legacy          bool
		Managed         bool
		ExecutablePath  string
	}

	TCCModify struct {
		Service          string
		Identity         string
		UpdateType       int32
		InstigatorToken  AuditToken
		Instigator       *Process
		ResponsibleToken AuditToken
		Responsible      *Process
		Right, Reason    int32
	}

	GatekeeperUserOverride struct {
		FileType int32
		Path     string
	}

	// Other is an event that the engine does not read: its name, its number and its body as it stood.
	Other struct {
		Name string
		Type int32
		Raw  []byte // the value under the event's name
	}
)

func (*Fork) Kind() Kind                    { return KindFork }
func (*Exec) Kind() Kind                    { return KindExec }
func (*Exit) Kind() Kind                    { return KindExit }
func (*Signal) Kind() Kind                  { return KindSignal }
func (e *GetTask) Kind() Kind               { return e.Which }
func (*RemoteThreadCreate) Kind() Kind      { return KindRemoteThreadCreate }
func (*CSInvalidated) Kind() Kind           { return KindCSInvalidated }
func (*Trace) Kind() Kind                   { return KindTrace }
func (e *SetID) Kind() Kind                 { return e.Which }
func (*Open) Kind() Kind                    { return KindOpen }
func (*Close) Kind() Kind                   { return KindClose }
func (*Create) Kind() Kind                  { return KindCreate }
func (*Write) Kind() Kind                   { return KindWrite }
func (*Truncate) Kind() Kind                { return KindTruncate }
func (*MMap) Kind() Kind                    { return KindMMap }
func (*Rename) Kind() Kind                  { return KindRename }
func (*Unlink) Kind() Kind                  { return KindUnlink }
func (*Link) Kind() Kind                    { return KindLink }
func (*Clone) Kind() Kind                   { return KindClone }
func (*Copyfile) Kind() Kind                { return KindCopyfile }
func (*ExchangeData) Kind() Kind            { return KindExchangeData }
func (e *ExtAttr) Kind() Kind               { return e.Which }
func (*SetMode) Kind() Kind                 { return KindSetMode }
func (*SetOwner) Kind() Kind                { return KindSetOwner }
func (*SetFlags) Kind() Kind                { return KindSetFlags }
func (*SetACL) Kind() Kind                  { return KindSetACL }
func (*UTimes) Kind() Kind                  { return KindUTimes }
func (e *Mount) Kind() Kind                 { return e.Which }
func (*XPCConnect) Kind() Kind              { return KindXPCConnect }
func (*BootstrapLookUp) Kind() Kind         { return KindBootstrapLookUp }
func (*BootstrapCheckIn) Kind() Kind        { return KindBootstrapCheckIn }
func (*UIPCConnect) Kind() Kind             { return KindUIPCConnect }
func (e *Session) Kind() Kind               { return e.Which }
func (*Authentication) Kind() Kind          { return KindAuthentication }
func (e *Become) Kind() Kind                { return e.Which }
func (*FileProviderMaterialize) Kind() Kind { return KindFileProviderMaterialize }
func (*FileProviderUpdate) Kind() Kind      { return KindFileProviderUpdate }
func (*BTMLaunchItemAdd) Kind() Kind        { return KindBTMLaunchItemAdd }
func (*TCCModify) Kind() Kind               { return KindTCCModify }
func (*GatekeeperUserOverride) Kind() Kind  { return KindGatekeeperUserOverride }
func (*Other) Kind() Kind                   { return KindOther }
