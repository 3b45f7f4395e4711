package finding

// The published vocabularies: every value that a line may hold where the contract names a closed list. The JSON Schema has
// the same lists, in the same order.
var (
	Kinds   = []Kind{KindOperation, KindEvent, KindProcess, KindGap}
	Actions = []Action{
		Copy, Move, Rename, Save, Write, Create, Trash, Restore, EmptyTrash, Delete, Download, Extract, Archive, Receive,
		Sync, Install, Mount, Unmount, Link, Protect, Unquarantine, Read, Send,
	}
	Methods = []Method{
		ByClone, ByCopyfile, ByReadWrite, ByRename, ByCopyDelete, ByReplace, BySwap, ByBackup, ByInPlace, ByMMap, ByStream,
		ByDirectory, BySymlink, ByHardLink, ByUnlink, ByMode, ByOwner, ByACL, ByFlags, ByAttribute,
	}
	Certainties  = []Certainty{Unknown, Possible, Likely, Certain}
	Roles        = []Role{RoleAction, RoleActor, RoleResponsible, RoleInitiator}
	Bases        = []Basis{BasisToken, BasisRecorded, BasisRequested, BasisLineage, BasisDisclaim, BasisOwn, BasisNone}
	Statuses     = []Status{StatusLive, StatusExited, StatusUnknown}
	Classes      = []Class{ClassAgent, ClassRemote, ClassScheduled, ClassConsole, ClassDevice, ClassSystem, ClassUnknown}
	SessionTypes = []SessionType{
		SessionConsole, SessionSSH, SessionLogin, SessionScreenSharing, SessionFileSharing, SessionBackground, SessionUnknown,
	}
	VolumeKinds = []VolumeKind{VolumeInternal, VolumeExternal, VolumeNetwork, VolumeImage, VolumeVirtual, VolumeUnknown}
	Severities  = []Severity{Info, Low, Medium, High, Critical}
	ObjectTypes = []ObjectType{ObjectFile, ObjectDirectory, ObjectSymlink, ObjectBundle, ObjectOther}

	// ParticipantRoles are what else an execution can have been to an operation.
	ParticipantRoles = []string{"closer", "opener", "creator", "writer", "reader", "starter", "requester", "helper"}
	// Origins say how an execution came to be known.
	Origins = []string{"fork", "exec", "acting", "snapshot", "inferred"}
	// GapReasons say why messages are missing.
	GapReasons = []string{"lost", "unsubscribed", "restart", "downtime"}
)

// Of is the certainty of the answer for a role.
func (l Levels) Of(r Role) Certainty {
	switch r {
	case RoleAction:
		return l.Action
	case RoleActor:
		return l.Actor
	case RoleResponsible:
		return l.Responsible
	case RoleInitiator:
		return l.Initiator
	}
	return Unknown
}
