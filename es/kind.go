package es

// Kind is an event's kind. Kinds are keyed by ES's short names, not by its numbers: macOS 27's numbers are not public.
type Kind uint8

// The engine's events. Every other event is [KindOther].
const (
	KindOther Kind = iota
	KindFork
	KindExec
	KindExit
	KindOpen
	KindClose
	KindCreate
	KindWrite
	KindTruncate
	KindMMap
	KindRename
	KindUnlink
	KindLink
	KindClone
	KindCopyfile
	KindExchangeData
	KindSetExtAttr
	KindDeleteExtAttr
	KindSetMode
	KindSetOwner
	KindSetFlags
	KindSetACL
	KindUTimes
	KindMount
	KindUnmount
	KindRemount
	KindXPCConnect
	KindBootstrapLookUp
	KindBootstrapCheckIn
	KindUIPCConnect
	KindOpenSSHLogin
	KindOpenSSHLogout
	KindLoginLogin
	KindLoginLogout
	KindLWSessionLogin
	KindLWSessionLogout
	KindLWSessionLock
	KindLWSessionUnlock
	KindScreenSharingAttach
	KindScreenSharingDetach
	KindAuthentication
	KindSu
	KindSudo
	KindSetUID
	KindSetGID
	KindSetEUID
	KindSetEGID
	KindSetREUID
	KindSetREGID
	KindFileProviderMaterialize
	KindFileProviderUpdate
	KindBTMLaunchItemAdd
	KindTCCModify
	KindGatekeeperUserOverride
	KindSignal
	KindGetTask
	KindGetTaskRead
	KindGetTaskInspect
	KindGetTaskName
	KindRemoteThreadCreate
	KindCSInvalidated
	KindTrace

	// KindCount is one more than the last kind.
	KindCount
)

// kinds holds, for each kind, the short name and ES's number (es_event_type_t of the notify event; 0 not public).
var kinds = [KindCount]struct {
	name   string
	number int32
}{
	KindOther:                   {"other", 0},
	KindFork:                    {"fork", 11},
	KindExec:                    {"exec", 9},
	KindExit:                    {"exit", 15},
	KindOpen:                    {"open", 10},
	KindClose:                   {"close", 12},
	KindCreate:                  {"create", 13},
	KindWrite:                   {"write", 33},
	KindTruncate:                {"truncate", 41},
	KindMMap:                    {"mmap", 20},
	KindRename:                  {"rename", 25},
	KindUnlink:                  {"unlink", 32},
	KindLink:                    {"link", 19},
	KindClone:                   {"clone", 61},
	KindCopyfile:                {"copyfile", 110},
	KindExchangeData:            {"exchangedata", 14},
	KindSetExtAttr:              {"setextattr", 27},
	KindDeleteExtAttr:           {"deleteextattr", 70},
	KindSetMode:                 {"setmode", 29},
	KindSetOwner:                {"setowner", 30},
	KindSetFlags:                {"setflags", 28},
	KindSetACL:                  {"setacl", 82},
	KindUTimes:                  {"utimes", 59},
	KindMount:                   {"mount", 22},
	KindUnmount:                 {"unmount", 23},
	KindRemount:                 {"remount", 99},
	KindXPCConnect:              {"xpc_connect", 145},
	KindBootstrapLookUp:         {"bootstrap_look_up", 0},
	KindBootstrapCheckIn:        {"bootstrap_check_in", 0},
	KindUIPCConnect:             {"uipc_connect", 78},
	KindOpenSSHLogin:            {"openssh_login", 120},
	KindOpenSSHLogout:           {"openssh_logout", 121},
	KindLoginLogin:              {"login_login", 122},
	KindLoginLogout:             {"login_logout", 123},
	KindLWSessionLogin:          {"lw_session_login", 114},
	KindLWSessionLogout:         {"lw_session_logout", 115},
	KindLWSessionLock:           {"lw_session_lock", 116},
	KindLWSessionUnlock:         {"lw_session_unlock", 117},
	KindScreenSharingAttach:     {"screensharing_attach", 118},
	KindScreenSharingDetach:     {"screensharing_detach", 119},
	KindAuthentication:          {"authentication", 111},
	KindSu:                      {"su", 128},
	KindSudo:                    {"sudo", 131},
	KindSetUID:                  {"setuid", 103},
	KindSetGID:                  {"setgid", 104},
	KindSetEUID:                 {"seteuid", 105},
	KindSetEGID:                 {"setegid", 106},
	KindSetREUID:                {"setreuid", 107},
	KindSetREGID:                {"setregid", 108},
	KindFileProviderMaterialize: {"file_provider_materialize", 35},
	KindFileProviderUpdate:      {"file_provider_update", 37},
	KindBTMLaunchItemAdd:        {"btm_launch_item_add", 124},
	KindTCCModify:               {"tcc_modify", 147},
	KindGatekeeperUserOverride:  {"gatekeeper_user_override", 146},
	KindSignal:                  {"signal", 31},
	KindGetTask:                 {"get_task", 16},
	KindGetTaskRead:             {"get_task_read", 101},
	KindGetTaskInspect:          {"get_task_inspect", 102},
	KindGetTaskName:             {"get_task_name", 95},
	KindRemoteThreadCreate:      {"remote_thread_create", 97},
	KindCSInvalidated:           {"cs_invalidated", 94},
	KindTrace:                   {"trace", 96},
}

// String is ES's short name, as eslogger writes it.
func (k Kind) String() string {
	if k >= KindCount {
		return "other"
	}
	return kinds[k].name
}

// Number is es_event_type_t of the notify event; 0 where it is not public.
func (k Kind) Number() int32 {
	if k >= KindCount {
		return 0
	}
	return kinds[k].number
}

// KindOf finds a kind by ES's short name; [KindOther] if the engine does not read it.
func KindOf(name string) Kind { return byName[name] }

var byName = func() map[string]Kind {
	m := make(map[string]Kind, KindCount)
	for k := KindOther + 1; k < KindCount; k++ {
		m[kinds[k].name] = k
	}
	return m
}()

// Kinds is a set of kinds: what a client subscribed to.
type Kinds [2]uint64

// NewKinds is the set of the given kinds.
func NewKinds(ks ...Kind) Kinds {
	var s Kinds
	for _, k := range ks {
		s.Add(k)
	}
	return s
}

// AllKinds is every kind the engine reads.
func AllKinds() Kinds {
	var s Kinds
	for k := KindOther + 1; k < KindCount; k++ {
		s.Add(k)
	}
	return s
}

// Add puts k into the set.
func (s *Kinds) Add(k Kind) { s[k>>6] |= 1 << (k & 63) }

// Has reports whether k is in the set.
func (s Kinds) Has(k Kind) bool { return s[k>>6]&(1<<(k&63)) != 0 }

// Union is the set of what is in either.
func (s Kinds) Union(o Kinds) Kinds { return Kinds{s[0] | o[0], s[1] | o[1]} }

// List is the set's kinds in their fixed order.
func (s Kinds) List() []Kind {
	var l []Kind
	for k := KindOther; k < KindCount; k++ {
		if s.Has(k) {
			l = append(l, k)
		}
	}
	return l
}
