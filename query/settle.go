package query

import (
	"slices"

	"ascribe.example/finding"
)

// Settle says what would make the answer for a role more certain, in sentences without a stop; none for what is certain.
func Settle(f *finding.Finding, role finding.Role) []string {
	if f.Certainty.Of(role) == finding.Certain {
		return nil
	}
	var l []string
	add := func(s string) {
		if s != "" && !slices.Contains(l, s) {
			l = append(l, s)
		}
	}
	for i := range f.Evidence {
		if e := &f.Evidence[i]; e.For == role {
			add(settles[e.Rule])
		}
	}
	for i := range f.Alternatives {
		if a := &f.Alternatives[i]; a.For == role {
			add(settles[a.Rule])
		}
	}
	for _, c := range f.Caveats {
		add(settlesCaveat[c])
	}
	if l == nil && f.Certainty.Of(role) == finding.Unknown {
		add(settlesUnknown[role])
	}
	return l
}

// What would settle an answer that rests on a rule; rules that nothing recorded could make surer are told so, or have no
// entry where the rule reaches certain by itself.
const (
	needWrites   = "a recording that also has open, create and write events: they name who opened and wrote the file"
	needRequests = "a recording that also has xpc_connect events (macOS 14 and later): they name who asked the service; on macOS 27, bootstrap_look_up too"
	needStart    = "a recording that began before the program did, or one with a snapshot of what already ran"
	needLogins   = "a recording with the login events of the session: lw_session_login, openssh_login, login_login, screensharing_attach"
	noContent    = "hashes of both files, read at the time: Endpoint Security does not tell what is in a file"
	onlyLikely   = "nothing that Endpoint Security tells: the rule rests on how macOS was seen to behave"
)

var settles = map[string]string{
	"began-all-parts":         onlyLikely,
	"several-wrote":           "nothing that Endpoint Security tells: several programs did write it",
	"opened-for-writing":      "a recording that also has write events: they name who wrote",
	"created-the-file":        "a recording that also has open and write events: they name who wrote",
	"mapped-for-writing":      "nothing that Endpoint Security tells: writes through mapped memory are not reported",
	"successor-of-starter":    needWrites,
	"closed-the-file":         needWrites,
	"starter-closed-the-file": needWrites + "; with exec events, too, the starter's successor is known",

	"unseen-token":           needStart,
	"exited-token":           "nothing recorded later: the responsible program was gone",
	"recorded-token":         "nothing recorded later: the responsible program was gone, and the token does not name it any more",
	"asked-to-fetch":         onlyLikely,
	"asked-the-service":      onlyLikely,
	"one-of-several-clients": "nothing that Endpoint Security tells: several programs were connected, and requests are not reported",
	"serves-its-launcher":    onlyLikely,
	"disclaimed-child":       onlyLikely,
	"disclaimed-stranger":    onlyLikely,
	"answers-for-itself":     needStart,
	"may-be-scripted":        "nothing that Endpoint Security tells: Apple events have no message",
	"translated-for":         needRequests,
	"may-be-injected":        "nothing that Endpoint Security tells: what one process does inside another looks like the other's doing",
	"serves-unseen-clients":  needRequests,

	"agent-in-lineage":      onlyLikely,
	"agent-by-script":       "an agent that is signed itself: a script that an interpreter runs carries no signature",
	"agent-is-the-app":      "nothing that Endpoint Security tells: the app does what the person types and what the agent decides alike",
	"remote-lineage":        needLogins,
	"remote-share":          "the log of the file sharing server: Endpoint Security does not name its clients",
	"screen-shared":         "nothing that Endpoint Security tells: remote input looks like local input",
	"attached-elsewhere":    "nothing that Endpoint Security tells: what is typed into a multiplexer comes from whoever is attached",
	"may-be-opened":         "the log of Launch Services: Endpoint Security does not tell who had an app opened",
	"job-of-launchd":        "the job's property list: Endpoint Security does not tell why launchd started it",
	"scheduler-in-lineage":  onlyLikely,
	"user-of-the-app":       needLogins,
	"user-of-the-requester": needRequests,
	"audit-user":            needRequests,
	"another-device":        "the log of the service that received it: the other device is not named",
	"system-part":           onlyLikely,
	"user-service":          needRequests,
	"owner-of-the-file":     needWrites,

	"download-name":        onlyLikely,
	"marked-as-downloaded": onlyLikely,
	"read-afterwards":      onlyLikely,
	"downloader-made-it":   "a recording that also has setextattr events: browsers mark what they download",
	"marked-as-received":   onlyLikely,
	"share-server":         "the log of the file sharing server: Endpoint Security does not name its clients",
	"sync-service":         "a recording that also has file_provider_materialize and file_provider_update events",
	"archive-open":         onlyLikely,
	"archiver-made-it":     "a recording that also has open events: they name the archive",
	"archive-made":         onlyLikely,
	"installer-made-it":    onlyLikely,
	"tool-read-and-wrote":  noContent,
	"copier-made-it":       "a recording that also has open and write events: they name what was read",
	"read-and-wrote-alike": noContent,
	"equal-size":           noContent,
	"clone-confirmed":      onlyLikely,
	"clone-sighted":        "a recording without gaps that also has create events: one follows a clone that succeeded",
	"copyfile-confirmed":   onlyLikely,
	"copied-then-unlinked": noContent,
	"swapped-in":           onlyLikely,
	"contents-exchanged":   onlyLikely,
	"put-in-its-place":     onlyLikely,
	"renamed-over":         onlyLikely,
	"made-anew":            onlyLikely,
	"save-name":            onlyLikely,
	"save-name-made":       onlyLikely,
	"changed-in-place":     onlyLikely,
	"folder-made":          onlyLikely,
	"into-trash":           onlyLikely,
	"out-of-trash":         onlyLikely,
	"unlink-in-trash":      onlyLikely,
	"opened-for-reading":   "nothing that Endpoint Security tells: it has no event for reads",
	"read-by-uploader":     "the log of the program, or of the network: what it sent is not told",
}

var settlesCaveat = map[finding.Caveat]string{
	finding.CaveatGapBefore:      "a recording without losses: fewer kinds of events, or a faster disk to write them to",
	finding.CaveatLateStart:      needStart,
	finding.CaveatUnsubscribed:   "a recording of the events that are missing: inspect names them",
	finding.CaveatLate:           "a recording in order: one client, one stream",
	finding.CaveatInferredParent: "a recording with fork, exec and exit events, from before the program started",
	finding.CaveatUnconfirmed:    "a recording that also has create and close events: they follow what succeeded",
	finding.CaveatScreenSharing:  "nothing that Endpoint Security tells: remote input looks like local input",
	finding.CaveatGuest:          "a log from inside the virtual machine or container",
}

var settlesUnknown = map[finding.Role]string{
	finding.RoleActor:       needWrites,
	finding.RoleResponsible: needRequests,
	finding.RoleInitiator:   needLogins,
}
