package live

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// What eslogger says where it may not run [R; D: es_new_client_result_t].
const (
	saysNotPermitted  = "ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED"
	saysNotPrivileged = "ES_NEW_CLIENT_RESULT_ERR_NOT_PRIVILEGED"
	saysTooMany       = "ES_NEW_CLIENT_RESULT_ERR_TOO_MANY_CLIENTS"
	saysNotEntitled   = "ES_NEW_CLIENT_RESULT_ERR_NOT_ENTITLED"
)

// RemedyAccess says how eslogger gets Full Disk Access. macOS asks for it of the responsible app, not of eslogger [D].
const RemedyAccess = "open System Settings → Privacy & Security → Full Disk Access, turn it on for the app that ascribe runs under " +
	"(Terminal or iTerm; sshd-keygen-wrapper for ssh; ascribe itself as a service), and start that app anew"

const remedyRoot = "run it as root: sudo ascribe …"

// remedyNoProgram: eslogger came with macOS 13 [D].
func remedyNoProgram() string {
	if runtime.GOOS == "darwin" {
		return "eslogger comes with macOS 13 and later: update macOS"
	}
	return "a live source needs a Mac with macOS 13 or later; elsewhere read recordings (ascribe run FILE), or watch one (ascribe watch --replay FILE)"
}

// notStarted says why a program did not start.
func notStarted(path string, err error) *End {
	e := &End{Why: WhyNoProgram, Says: fmt.Sprintf("start %s: %v", path, err), Remedy: remedyNoProgram()}
	if os.IsPermission(err) {
		e.Why, e.Remedy = WhyNotRoot, remedyRoot
	}
	return e
}

// ended says why eslogger ended: by what it said on standard error, else by its status.
func ended(path string, err error, stderr string, stopped bool) *End {
	last := lastLine(stderr)
	with := func(says string) string {
		if last == "" {
			return says
		}
		return fmt.Sprintf("%s; it said: %s", says, last)
	}
	switch {
	case strings.Contains(stderr, saysNotPermitted) || strings.Contains(stderr, "Full Disk Access"):
		return &End{Why: WhyNoAccess, Says: with(path + " may not see what happens"), Remedy: RemedyAccess}
	case strings.Contains(stderr, saysNotPrivileged) || strings.Contains(stderr, "run as root") || strings.Contains(stderr, "must be root"):
		return &End{Why: WhyNotRoot, Says: with(path + " needs root"), Remedy: remedyRoot}
	case strings.Contains(stderr, saysTooMany):
		return &End{Why: WhyTooMany, Says: with("macOS has no place for another Endpoint Security client"), Remedy: "end another security product's client, or restart this Mac", Again: true}
	case strings.Contains(stderr, saysNotEntitled):
		return &End{Why: WhyExited, Says: with(path + " is not Apple's: it lacks the entitlement"), Remedy: "leave out --eslogger"}
	case stopped:
		return &End{Why: WhyStopped, Says: "stopped"}
	}
	var exit *exec.ExitError
	if ok := asExit(err, &exit); ok {
		if ws, is := exit.Sys().(syscall.WaitStatus); is && ws.Signaled() {
			return &End{Why: WhyKilled, Says: with(fmt.Sprintf("%s was killed (%v)", path, ws.Signal())), Again: true}
		}
		return &End{Why: WhyExited, Says: with(fmt.Sprintf("%s ended with status %d", path, exit.ExitCode())), Again: true}
	}
	if err != nil {
		return &End{Why: WhyExited, Says: with(fmt.Sprintf("%s: %v", path, err)), Again: true}
	}
	return &End{Why: WhyExited, Says: with(path + " ended without a cause"), Again: true}
}

func asExit(err error, to **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError) //nolint:errorlint // Wait returns it as it is
	*to = e
	return ok
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	if len(text) > 300 {
		text = text[:300] + "…"
	}
	return text
}
