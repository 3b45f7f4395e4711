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
const programsCap = 1 << 14

// program is what the catalogue knows of an execution's program.
func (a *Attributor) program(ref lineage.Ref) *catalog.Program {
	if p := a.known(ref); p != nil {
		return &p.Program
	}
	return &noProgram
}

var noProgram catalog.Program

// known is what is remembered of an execution's program; nil for an execution that is not known.
func (a *Attributor) known(ref lineage.Ref) *program {
	e := a.lineage.At(ref)
	if e == nil {
		return nil
	}
	near := &a.nearby[uint32(ref)%nearbyCount]
	if near.ref == ref && near.program.of(e) {
		return near.program
	}
	p := a.programs[ref]
	if p == nil || !p.of(e) {
		p = &program{a.catalog.Match(catalog.Identity{
			Path: e.Image.Path, SigningID: e.Image.SigningID, TeamID: e.Image.TeamID, Platform: e.Image.Platform,
			CSFlags: e.Image.CSFlags, Script: e.Script, Args: e.Args,
		}), e.Image, e.Script, len(e.Args)}
		if e.Image.Path == "" {
			return p // the image may become known yet
		}
		if len(a.programs) >= programsCap {
			clear(a.programs)
		}
		a.programs[ref] = p
	}
	*near = nearby{ref: ref, program: p, said: near.said[:0]}
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

// nearby is an execution that was asked about lately: most questions are about a few.
type nearby struct {
	ref     lineage.Ref
	program *program
	title   string
	said    []saying
}

// saying is a sentence about the execution: what stands before its title, and after it.
type saying struct{ before, after, text string }

const (
	nearbyCount = 256
	mostSaid    = 16
)

// near is what is at hand of an execution; nil if too little is known of it.
func (a *Attributor) near(ref lineage.Ref) *nearby {
	p := a.known(ref)
	if n := &a.nearby[uint32(ref)%nearbyCount]; n.ref == ref && n.program == p {
		return n
	}
	return nil
}

// say is a sentence about an execution: its title between two texts. The same few are said again and again.
func (a *Attributor) say(before string, ref lineage.Ref, after string) string {
	near := a.near(ref)
	if near == nil {
		return before + a.title(ref) + after
	}
	for i := range near.said {
		if s := &near.said[i]; s.after == after && s.before == before {
			return s.text
		}
	}
	s := saying{before, after, before + a.title(ref) + after}
	if len(near.said) < mostSaid {
		near.said = append(near.said, s)
	}
	return s.text
}

// Program is what the catalogue knows of an execution's program.
func (a *Attributor) Program(ref lineage.Ref) catalog.Program { return *a.program(ref) }

// Process is an execution as findings show it, as it was at the given moment.
func (a *Attributor) Process(ref lineage.Ref, at es.Moment) (p finding.Process) {
	a.describe(&p, ref, at)
	return p
}

// shown is an execution as the finding under way shows it: it is made once, however often it stands there.
func (a *Attributor) shown(x *answer, ref lineage.Ref) *finding.Process {
	for i := range x.shownCount {
		if x.shown[i].ref == ref {
			return x.shown[i].process
		}
	}
	p := &a.made.processes.List(1)[:1][0]
	a.describe(p, ref, x.c.To)
	if x.shownCount < len(x.shown) {
		x.shown[x.shownCount].ref, x.shown[x.shownCount].process = ref, p
		x.shownCount++
	}
	return p
}

func (a *Attributor) describe(p *finding.Process, ref lineage.Ref, at es.Moment) {
	e := a.lineage.At(ref)
	if e == nil {
		*p = finding.Process{AUID: es.Unset, UID: es.Unset, EUID: es.Unset}
		return
	}
	tok := a.lineage.TokenAt(ref, at)
	*p = finding.Process{
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
	near := a.near(ref)
	if near == nil {
		return titleOf(e)
	}
	if near.title == "" {
		near.title = titleOf(e)
	}
	return near.title
}

func titleOf(e *lineage.Execution) string {
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
