package attribution

import "ascribe.example/finding"

// Tag says how well the facts that a rule rests on are known.
type Tag byte

// The tags. What rests on [Reported] or [Inferred] is at most likely.
const (
	Documented Tag = 'D' // by Apple
	Source     Tag = 'S' // read in public source
	Reported   Tag = 'R' // by third parties
	Inferred   Tag = 'G' // ours; no source confirms it
)

// Rule is one rule of inference, as docs/certainty.md lists it.
type Rule struct {
	Name    string // as the evidence prints it
	For     finding.Role
	Highest finding.Certainty
	Tag     Tag // of the weakest fact it rests on
	Why     string
}

// The rules for the actor: who put the content, or the change, where it is.
var (
	IsTheAct = Rule{
		"is-the-act", finding.RoleActor, finding.Certain, Source,
		"the message is the act itself (a rename, an unlink, a link, a creation of a folder, a change of attributes), reported after it succeeded by the thread that did it",
	}
	WroteTheFile = Rule{
		"wrote-the-file", finding.RoleActor, finding.Certain, Source,
		"exactly one execution was seen to write the file since it was opened, with nothing lost between",
	}
	ClonedTheFile = Rule{
		"cloned-the-file", finding.RoleActor, finding.Certain, Source,
		"the execution asked for the clone, and the creation that follows a successful clone came from the same execution",
	}
	BeganAllParts = Rule{
		"began-all-parts", finding.RoleActor, finding.Likely, Source,
		"one tool made of several processes: the execution that started all of them is the one that acted",
	}
	SeveralWrote = Rule{
		"several-wrote", finding.RoleActor, finding.Possible, Source,
		"more than one execution wrote the file; the one that wrote most is named, the others are alternatives",
	}
	OpenedForWriting = Rule{
		"opened-for-writing", finding.RoleActor, finding.Likely, Source,
		"it alone opened the file for writing before its content changed; the writes themselves were not seen",
	}
	CreatedTheFile = Rule{
		"created-the-file", finding.RoleActor, finding.Likely, Source,
		"it created the file; the writes themselves were not seen",
	}
	MappedForWriting = Rule{
		"mapped-for-writing", finding.RoleActor, finding.Likely, Documented,
		"it mapped the file shared and writable, and the file changed; writes through memory are not reported",
	}
	SuccessorOfStarter = Rule{
		"successor-of-starter", finding.RoleActor, finding.Likely, Source,
		"the reported program only starts others: what is told under its name belongs to the program it became",
	}
	ClosedTheFile = Rule{
		"closed-the-file", finding.RoleActor, finding.Possible, Source,
		"only the close was seen: it says who let go of the file, and every holder's close looks the same",
	}
	StarterClosedTheFile = Rule{
		"starter-closed-the-file", finding.RoleActor, finding.Unknown, Source,
		"only a close under a starter's name was seen, and what the starter became is not known",
	}
)

// The rules for the responsible execution.
var (
	LiveToken = Rule{
		"live-token", finding.RoleResponsible, finding.Certain, Documented,
		"the responsible token named another execution, seen under that very pid and pidversion and still running",
	}
	UnseenToken = Rule{
		"unseen-token", finding.RoleResponsible, finding.Likely, Documented,
		"the responsible token named an execution that was never seen itself",
	}
	ExitedToken = Rule{
		"exited-token", finding.RoleResponsible, finding.Likely, Documented,
		"the responsible token named an execution that had exited",
	}
	RecordedToken = Rule{
		"recorded-token", finding.RoleResponsible, finding.Likely, Documented,
		"the token reads self now, as it may once the responsible process has exited; an earlier one named another",
	}
	AskedToFetch = Rule{
		"asked-to-fetch", finding.RoleResponsible, finding.Likely, Documented,
		"the file provider named the program for which it fetched the file",
	}
	AskedTheService = Rule{
		"asked-the-service", finding.RoleResponsible, finding.Likely, Inferred,
		"the service answers for itself, and one program alone was connected to it",
	}
	OneOfSeveralClients = Rule{
		"one-of-several-clients", finding.RoleResponsible, finding.Possible, Inferred,
		"the service answers for itself, and several programs were connected to it; what points to one of them is given",
	}
	ServedByLineage = Rule{
		"serves-its-launcher", finding.RoleResponsible, finding.Likely, Reported,
		"a shell, an interpreter or a tool that answers only for itself works for the app or service that launched it",
	}
	DisclaimedChild = Rule{
		"disclaimed-child", finding.RoleResponsible, finding.Likely, Reported,
		"it was made responsible for itself by the program that started it, and belongs to that program's app",
	}
	DisclaimedStranger = Rule{
		"disclaimed-stranger", finding.RoleResponsible, finding.Possible, Reported,
		"it was made responsible for itself by the program that started it, whose app it does not belong to",
	}
	AnswersByLaunch = Rule{
		"answers-by-launch", finding.RoleResponsible, finding.Certain, Source,
		"launchd started it, seen, and it was responsible for itself from then on",
	}
	AnswersForItself = Rule{
		"answers-for-itself", finding.RoleResponsible, finding.Likely, Documented,
		"launchd's child, responsible for itself; its start was not seen",
	}
	MayBeScripted = Rule{
		"may-be-scripted", finding.RoleResponsible, finding.Possible, Inferred,
		"a script that speaks to other apps was running; what it tells Finder to do has no message",
	}
	TranslatedFor = Rule{
		"translated-for", finding.RoleResponsible, finding.Possible, Inferred,
		"the translator worked just after a program of another processor had been started; who asks it is not told",
	}
	MayBeInjected = Rule{
		"may-be-injected", finding.RoleResponsible, finding.Possible, Documented,
		"another process had taken hold of the program that acted, and could have acted inside it",
	}
	ServesUnseenClients = Rule{
		"serves-unseen-clients", finding.RoleResponsible, finding.Possible, Inferred,
		"a service that works for others, none of whom was seen to ask",
	}
)

// The rules for the initiator.
var (
	AgentInLineage = Rule{
		"agent-in-lineage", finding.RoleInitiator, finding.Likely, Reported,
		"an AI agent, known by its signature, launched what acted, at or below the responsible app",
	}
	AgentByScript = Rule{
		"agent-by-script", finding.RoleInitiator, finding.Possible, Reported,
		"an interpreter that ran an AI agent's script launched what acted; scripts carry no signature",
	}
	AgentIsTheApp = Rule{
		"agent-is-the-app", finding.RoleInitiator, finding.Possible, Reported,
		"the app holds an AI agent and is also what a person types in",
	}
	RemoteLogin = Rule{
		"remote-login", finding.RoleInitiator, finding.Certain, Documented,
		"a remote login event, the audit session and the token agree",
	}
	RemoteLineage = Rule{
		"remote-lineage", finding.RoleInitiator, finding.Likely, Source,
		"a remote login daemon launched what acted",
	}
	RemoteShare = Rule{
		"remote-share", finding.RoleInitiator, finding.Possible, Inferred,
		"a file sharing server acts for clients elsewhere; ES names no client",
	}
	ScreenShared = Rule{
		"screen-shared", finding.RoleInitiator, finding.Possible, Documented,
		"somebody was connected to this screen: remote input looks like local input",
	}
	Attached = Rule{
		"attached-elsewhere", finding.RoleInitiator, finding.Possible, Documented,
		"a terminal multiplexer holds what acted, and was attached to from another login as well",
	}
	MayBeOpened = Rule{
		"may-be-opened", finding.RoleInitiator, finding.Possible, Reported,
		"an agent, a remote login or a schedule had something opened just before the app began; who asked for an app is not told",
	}
	LaunchdJob = Rule{
		"job-of-launchd", finding.RoleInitiator, finding.Possible, Inferred,
		"launchd itself started a shell, a script or a command as a job: by its schedule, at login or on demand",
	}
	Scheduler = Rule{
		"scheduler-in-lineage", finding.RoleInitiator, finding.Likely, Source,
		"a scheduler launched what acted",
	}
	ConsoleLogin = Rule{
		"console-login", finding.RoleInitiator, finding.Certain, Documented,
		"a console login event, the audit session and the token agree",
	}
	AppUser = Rule{
		"user-of-the-app", finding.RoleInitiator, finding.Likely, Documented,
		"the user of the responsible app is the user who did it",
	}
	RequesterUser = Rule{
		"user-of-the-requester", finding.RoleInitiator, finding.Possible, Inferred,
		"the responsible app is itself uncertain; its user and the actor's audit user were read",
	}
	AuditUser = Rule{
		"audit-user", finding.RoleInitiator, finding.Possible, Inferred,
		"only the actor's audit user id names a person, which daemons may adopt",
	}
	OtherDevice = Rule{
		"another-device", finding.RoleInitiator, finding.Possible, Inferred,
		"the program brings what another device sent",
	}
	SystemPart = Rule{
		"system-part", finding.RoleInitiator, finding.Likely, Source,
		"a part of macOS that answers for itself, with no person's audit session",
	}
	UserService = Rule{
		"user-service", finding.RoleInitiator, finding.Possible, Inferred,
		"a background part of macOS in a user's session; nobody was seen to ask",
	}
	OwnerOfTheFile = Rule{
		"owner-of-the-file", finding.RoleInitiator, finding.Possible, Inferred,
		"only the owner that the new file was given names a person",
	}
)

// Rules is every rule for a role, in the order they are tried. docs/certainty.md is held to it by a test.
var Rules = []Rule{
	IsTheAct, WroteTheFile, ClonedTheFile, BeganAllParts, SeveralWrote, OpenedForWriting, CreatedTheFile, MappedForWriting,
	SuccessorOfStarter, ClosedTheFile, StarterClosedTheFile,
	LiveToken, UnseenToken, ExitedToken, RecordedToken, AskedToFetch, AskedTheService, OneOfSeveralClients, ServedByLineage,
	DisclaimedChild, DisclaimedStranger, AnswersByLaunch, AnswersForItself, MayBeScripted, TranslatedFor, MayBeInjected, ServesUnseenClients,
	AgentInLineage, AgentByScript, AgentIsTheApp, RemoteLogin, RemoteLineage, RemoteShare, ScreenShared, Attached,
	MayBeOpened, LaunchdJob, Scheduler,
	ConsoleLogin, AppUser, RequesterUser, AuditUser, OtherDevice, SystemPart, UserService, OwnerOfTheFile,
}
