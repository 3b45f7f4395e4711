package es

// Header describes a recording or a live stream: what a bare message cannot say of its own origin.
type Header struct {
	Host       string // host id; "" unknown
	Boot       string // boot session UUID; "" unknown
	Client     string // one ES client's life; "" unknown
	OS         string // "macOS 15.4 (24E248)"; "" unknown
	Time       Time
	Timebase   Timebase // of mach_time; zero unknown
	Subscribed Kinds    // meaningful only if HasKinds
	HasKinds   bool
	Redaction  []string // names of what was redacted
	Own        []Life   // the recorder's own processes, whose messages say nothing of the host; their children are its own too
}

// Life names one process, whatever programs it runs one after the other.
type Life struct {
	PID       int32
	StartTime Time // when it was forked; 0 unknown
}

// Timebase turns mach_time ticks into nanoseconds: ns = ticks × Numer / Denom. 125/3 on Apple silicon, 1/1 on Intel.
type Timebase struct{ Numer, Denom uint32 }

// Snapshot is what a live host already ran when a recording began.
type Snapshot struct {
	Time      Time
	Processes []SnapshotProcess
	Users     []User
	Mounts    []SnapshotMount
	Jobs      []Job
}

// SnapshotProcess is a process that was running. Tokens are zero where the host did not give them.
type SnapshotProcess struct {
	Process
	Args         []string
	Label        string // XPC_SERVICE_NAME; "" unknown
	BundleID     string // __CFBundleIdentifier; "" unknown
	OriginalPIDV uint32 // pidversion of the original parent where known; 0 unknown
}

// User is a local account.
type User struct {
	UID  uint32
	Name string
	Home string
}

// SnapshotMount is a mounted volume.
type SnapshotMount struct {
	Statfs
	Disposition MountDisposition
}

// Job is a launchd job.
type Job struct {
	Label        string
	Program      string
	MachServices []string
	PID          int32 // 0 not running
	UID          uint32
	Domain       string // system, user/501, gui/501, pid/700
}

// Gap says that messages are missing, and why.
type Gap struct {
	From, To Time
	Missing  uint64 // 0: not known how many
	Why      string // lost, restart, downtime
}

// Fact is what ES does not tell and a live host looked up, after the event.
type Fact struct {
	Time  Time   // when it was read
	Event Time   // of the message that it was looked up for; 0 unknown. What was read later than that may be another's doing
	Path  string // of what
	Ino   uint64
	Dev   int32
	Name  string // quarantine, sha256, where-from
	Value string
}
