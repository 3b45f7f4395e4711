package attribution

import (
	"path"
	"strconv"
	"strings"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// programsCap bounds the memory of which program each execution is; past it, the memory starts anew.
const programsCap = 1 << 16

// program is what the catalogue knows of an execution's program.
func (a *Attributor) program(ref lineage.Ref) catalog.Program {
	if ref == 0 {
		return catalog.Program{}
	}
	e := a.lineage.At(ref)
	if e == nil {
		return catalog.Program{}
	}
	if known, ok := a.programs[ref]; ok && known.of(e) {
		return known.Program
	}
	p := a.catalog.Match(catalog.Identity{
		Path: e.Image.Path, SigningID: e.Image.SigningID, TeamID: e.Image.TeamID, Platform: e.Image.Platform,
		CSFlags: e.Image.CSFlags, Script: e.Script, Args: e.Args,
	})
	if e.Image.Path == "" {
		return p // the image may become known yet
	}
	if len(a.programs) >= programsCap {
		clear(a.programs)
	}
	a.programs[ref] = program{p, e.Image, e.Script, len(e.Args)}
	return p
}

// program is an answer of the catalogue, and what it was asked about: an execution that was first seen acting may become
// better known, and a restored engine, which asks anew, must not know better than one that was not cut.
type program struct {
	catalog.Program
	image  lineage.Image
	script string
	args   int
}

func (p *program) of(e *lineage.Execution) bool {
	return p.args == len(e.Args) && p.script == e.Script && p.image == e.Image
}

// Program is what the catalogue knows of an execution's program.
func (a *Attributor) Program(ref lineage.Ref) catalog.Program { return a.program(ref) }

// Process is an execution as findings show it, as it was at the given moment.
func (a *Attributor) Process(ref lineage.Ref, at es.Moment) finding.Process {
	e := a.lineage.At(ref)
	if e == nil {
		return finding.Process{AUID: es.Unset, UID: es.Unset, EUID: es.Unset}
	}
	tok := a.lineage.TokenAt(ref, at)
	p := finding.Process{
		PID: e.Key.PID, PIDVersion: e.Key.PIDVersion, Path: e.Image.Path, SigningID: e.Image.SigningID,
		TeamID: e.Image.TeamID, Platform: e.Image.Platform, Service: e.Label, StartTime: e.Start,
		AUID: tok.AUID, UID: tok.RUID, EUID: tok.EUID, ASID: tok.ASID, TTY: e.TTY, CDHash: e.Image.CDHash,
		Script: e.Script, HasToken: true,
	}
	if e.ArgsKnown {
		p.Args = e.Args
		if a.redact != nil {
			p.Args = a.redact(p.Args)
		}
	}
	if up := a.lineage.ParentOf(ref); up.Ref != 0 {
		if q := a.lineage.At(up.Ref); q != nil {
			p.Parent = finding.ProcessRef{PID: q.Key.PID, PIDVersion: q.Key.PIDVersion}
		}
	} else if e.OriginalPPID != 0 {
		p.Parent = finding.ProcessRef{PID: e.OriginalPPID}
	}
	return p
}

// fromToken is a process of which only a token is known.
func fromToken(t es.AuditToken) finding.Process {
	return finding.Process{
		PID: t.PID, PIDVersion: t.PIDVersion, AUID: t.AUID, UID: t.RUID, EUID: t.EUID, ASID: t.ASID, HasToken: true,
	}
}

// title is how sentences call an execution.
func (a *Attributor) title(ref lineage.Ref) string {
	e := a.lineage.At(ref)
	if e == nil {
		return "a process that is not known"
	}
	if app, _, ok := appOf(e.Image.Path); ok {
		return app
	}
	if e.Script != "" {
		return path.Base(e.Script)
	}
	if e.Image.Path != "" {
		return path.Base(e.Image.Path)
	}
	return "pid " + strconv.Itoa(int(e.Key.PID))
}

// appOf splits the path of a program inside an app: the app's name, and whether the program is the app's main one. The
// name is what the path claims, good for showing; no rule trusts it.
func appOf(p string) (name string, main, ok bool) {
	i := strings.Index(p, ".app/Contents/")
	if i < 0 {
		return "", false, false
	}
	name = p[strings.LastIndexByte(p[:i], '/')+1 : i]
	rest := p[i+len(".app/Contents/"):]
	exe, inMacOS := strings.CutPrefix(rest, "MacOS/")
	return name, inMacOS && !strings.Contains(exe, "/"), name != ""
}

// bundleRoot is the path of the outermost app that a program lies in; "" none.
func bundleRoot(p string) string {
	i := strings.Index(p, ".app/Contents/")
	if i < 0 {
		return ""
	}
	return p[:i+len(".app/")]
}

// isService reports whether a program lies in an XPC service's bundle within an app's.
func isService(p string) bool {
	i := strings.Index(p, ".app/Contents/")
	return i >= 0 && strings.Contains(p[i:], ".xpc/Contents/MacOS/")
}

// isApp reports whether the execution is the main program of an app that launchd started, as every app opened by a person
// or by another app is [R: LaunchServices apps are launchd's children].
func (a *Attributor) isApp(e *lineage.Execution) bool {
	_, main, ok := appOf(e.Image.Path)
	return ok && main
}
