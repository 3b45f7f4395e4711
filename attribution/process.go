package attribution

import (
	"encoding/binary"
	"path"
	"slices"
	"strconv"
	"strings"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

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
	near, told := &a.nearby[uint32(ref)%nearbyCount], a.lineage.Told()
	if near.ref == ref && near.told == told {
		return near.program
	}
	e := a.lineage.At(ref)
	if e == nil {
		return nil
	}
	if near.ref == ref && near.program.of(e) {
		near.told = told
		return near.program
	}
	p := a.programOf(e)
	if e.Image.Path == "" {
		return p // the image may become known yet
	}
	*near = nearby{ref: ref, told: told, program: p, said: near.said[:0]}
	return p
}

// program is an answer of the catalogue, and what it was asked about: an execution that was first seen acting may become
// better known, and a restored engine, which asks anew, must not know better than one that was not cut.
type program struct {
	catalog.Program
	image  lineage.Image
	script string
	args   []string
	place
}

// programCount is how many programs are remembered.
const programCount = 1 << 10

// programOf is what is known of an execution's program: of one that ran lately, from memory.
func (a *Attributor) programOf(e *lineage.Execution) *program {
	p := &a.programs[programSlot(e)]
	if *p == nil || !(*p).of(e) {
		*p = &program{a.catalog.Match(catalog.Identity{
			Path: e.Image.Path, SigningID: e.Image.SigningID, TeamID: e.Image.TeamID, Platform: e.Image.Platform,
			CSFlags: e.Image.CSFlags, Script: e.Script, Args: e.Args,
		}), e.Image, e.Script, e.Args, placeOf(e.Image.Path)}
	}
	return *p
}

func programSlot(e *lineage.Execution) uint32 {
	h := binary.LittleEndian.Uint32(e.Image.CDHash[:]) + 31*uint32(len(e.Image.Path))
	if n := len(e.Args); n > 0 {
		h += 7*uint32(n) + uint32(len(e.Args[n-1]))
	}
	return h % programCount
}

// of reports whether it is the execution's program. What is no shell and no interpreter is the same whatever its arguments.
func (p *program) of(e *lineage.Execution) bool {
	return p.script == e.Script && p.image == e.Image && (!p.Any(catalog.Shell|catalog.Interpreter) || slices.Equal(p.args, e.Args))
}

// nearby is an execution that was asked about lately: most questions are about a few. What is known of it stands as long as
// the tracker was told nothing new.
type nearby struct {
	ref     lineage.Ref
	told    uint64
	program *program
	title   string
	said    []saying
	shown   finding.Process // as findings show it; good while shownAt is the tracker's Told
	shownAt uint64

	around    around // as [Attributor.lookAround] says for the responsible execution aroundFor; likewise
	aroundFor lineage.Ref
	aroundAt  uint64
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
	if n := &a.nearby[uint32(ref)%nearbyCount]; p != nil && n.ref == ref && n.program == p {
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
	a.describeNow(p, ref, x.c.To)
	if x.shownCount < len(x.shown) {
		x.shown[x.shownCount].ref, x.shown[x.shownCount].process = ref, p
		x.shownCount++
	}
	return p
}

// describeNow is describe from memory, where that can be: an execution whose token never changed was the same at any moment.
func (a *Attributor) describeNow(p *finding.Process, ref lineage.Ref, at es.Moment) {
	near := a.near(ref)
	if near == nil {
		a.describe(p, ref, at)
		return
	}
	if near.shownAt == near.told {
		*p = near.shown
		return
	}
	a.describe(p, ref, at)
	if len(a.lineage.At(ref).Tokens) == 0 {
		near.shown, near.shownAt = *p, near.told
	}
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
		return titleOf(e, a.known(ref))
	}
	if near.title == "" {
		near.title = titleOf(e, near.program)
	}
	return near.title
}

func titleOf(e *lineage.Execution, p *program) string {
	if p.inApp() {
		return p.app
	}
	if e.Script != "" {
		return path.Base(e.Script)
	}
	if e.Image.Path != "" {
		return path.Base(e.Image.Path)
	}
	return "pid " + strconv.Itoa(int(e.Key.PID))
}

// place is what a program's path claims of the app that it lies in: good for showing; no rule trusts it.
type place struct {
	app     string // the app's name; "" it lies in none
	main    bool   // it is the app's main program
	service bool   // it lies in an XPC service's bundle within an app's
}

func (p *place) inApp() bool { return p.app != "" }

const inBundle = ".app/Contents/"

func placeOf(p string) (in place) {
	i := strings.Index(p, inBundle)
	if i < 0 {
		return place{}
	}
	in.app = p[strings.LastIndexByte(p[:i], '/')+1 : i]
	exe, inMacOS := strings.CutPrefix(p[i+len(inBundle):], "MacOS/")
	in.main = inMacOS && in.app != "" && !strings.Contains(exe, "/")
	in.service = strings.Contains(p[i:], ".xpc/Contents/MacOS/")
	return in
}

// bundleRoot is the path of the outermost app that a program lies in; "" none.
func bundleRoot(p string) string {
	i := strings.Index(p, inBundle)
	if i < 0 {
		return ""
	}
	return p[:i+len(".app/")]
}

// isApp reports whether the execution is the main program of an app that launchd started, as every app opened by a person
// or by another app is [R: LaunchServices apps are launchd's children].
func (a *Attributor) isApp(e *lineage.Execution) bool { return a.known(e.Ref).main }
