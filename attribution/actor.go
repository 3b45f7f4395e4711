package attribution

import (
	"fmt"
	"strconv"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// decideActor finds who put the content, or the change, where it is. The rules are tried from the strongest.
func (a *Attributor) decideActor(x *answer) {
	for _, rule := range [...]func(*answer) bool{
		a.wroteTheFile, a.isTheAct, a.mappedTheFile, a.openedForWriting, a.createdTheFile, a.closedTheFile,
	} {
		if rule(x) {
			break
		}
	}
	if x.actor != 0 {
		a.beganAllParts(x)
	}
}

// isTheAct: a rename, an unlink, a link, a new folder, a change of attributes is told after it succeeded, on the thread
// that did it [S: mac_vnode_notify_*]; so is the creation that follows a clone. Lost messages cannot change who did it.
func (a *Attributor) isTheAct(x *answer) bool {
	p, others := a.only(x.c, DidAct|DidClone)
	if p == nil {
		return false
	}
	rule, level := IsTheAct, IsTheAct.Highest
	says := a.say("", p.By, " did it itself: the message is the act")
	if p.Did&DidClone != 0 && p.Did&DidAct == 0 {
		rule, level = ClonedTheFile, ClonedTheFile.Highest
		says = a.say("", p.By, " asked for the clone, and its creation followed")
	}
	if x.c.Late {
		level = level.AtMost(finding.Likely) // what came out of its place may belong to another act
	}
	if madeByAnother(x.c, p.By) {
		level = level.AtMost(finding.Likely) // it did a part of this; who wrote the rest was not seen
	}
	a.take(x, p.By, rule, level, says, p.First, p.Last)
	for _, o := range others {
		a.orElse(x, o, rule)
	}
	return true
}

// madeByAnother reports whether others than the given made or opened files of the case for writing, and did nothing that is
// an act by itself.
func madeByAnother(c *Case, by lineage.Ref) bool {
	for i := range c.Parts {
		if p := &c.Parts[i]; p.By != by && p.Did&(DidCreate|DidOpen|DidTruncate|DidMap) != 0 && p.Did&(DidAct|DidClone) == 0 {
			return true
		}
	}
	return false
}

// wroteTheFile: the actor of a close is who wrote the file, not who let go of it.
//
// A dying image closes every descriptor it holds, under its own old name, and "modified" belongs to the open file that
// all holders share [S: fdt_invalidate, FWASWRITTEN]. So the closer is evidence about the file, not about the writer.
// Certain when exactly one execution was seen to write and no gap lies between; lost messages could hide another writer,
// and memory mapped by nobody seen could too.
func (a *Attributor) wroteTheFile(x *answer) bool {
	p, others := a.only(x.c, DidWrite)
	if p == nil {
		return false
	}
	rule, level := WroteTheFile, WroteTheFile.Highest
	if len(others) > 0 && !a.oneTool(x, p, others) {
		rule, level = SeveralWrote, SeveralWrote.Highest
	}
	// Without closes and mappings nothing would show that somebody else changed it through memory.
	blind := !a.recorded.Has(es.KindMMap) && !a.recorded.Has(es.KindClose)
	if x.c.Gap || x.c.Late || x.c.Mapped || blind {
		level = level.AtMost(finding.Likely)
	}
	mappers := a.alsoMapped(x, p.By)
	if len(mappers) > 0 {
		level = level.AtMost(finding.Likely)
	}
	says := a.wrote(p)
	if p.Did&(DidOpen|DidCreate) == 0 && len(x.c.Parts) > 1 {
		says += ", through a descriptor that it was given"
	}
	a.take(x, p.By, rule, level, says, p.First, p.Last)
	if rule.Name == SeveralWrote.Name {
		for _, o := range others {
			a.orElse(x, o, rule)
		}
	}
	for _, o := range mappers {
		a.orElse(x, o, MappedForWriting)
	}
	return true
}

// alsoMapped are the others that mapped a written file shared and writable: they may have changed it, too, unseen [D].
func (a *Attributor) alsoMapped(x *answer, writer lineage.Ref) []*Part {
	var l []*Part
	for i := range x.c.Parts {
		if o := &x.c.Parts[i]; o.By != writer && o.Did&DidMap != 0 && o.Did&DidWrite == 0 {
			l = append(l, o)
		}
	}
	return l
}

// oneTool reports whether all writers are parts of one tool made of several processes, whose root is the actor anyway.
func (a *Attributor) oneTool(x *answer, p *Part, others []*Part) bool {
	if x.c.Root == 0 || !a.isAbove(x.c.Root, p.By) {
		return false
	}
	for _, o := range others {
		if !a.isAbove(x.c.Root, o.By) {
			return false
		}
	}
	return true
}

// isAbove reports whether top is ref or one of its ancestors.
func (a *Attributor) isAbove(top, ref lineage.Ref) bool {
	if top == ref {
		return true
	}
	for s := range a.lineage.Ancestors(ref) {
		if s.Ref == top {
			return true
		}
	}
	return false
}

// mappedTheFile: stores through memory are not reported [D]. Who mapped the file shared and writable can have changed it.
func (a *Attributor) mappedTheFile(x *answer) bool {
	p, others := a.only(x.c, DidMap)
	if p == nil {
		return false
	}
	level := MappedForWriting.Highest
	if len(others) > 0 || x.c.Gap {
		level = level.Lower()
	}
	a.take(x, p.By, MappedForWriting, level,
		a.title(p.By)+" mapped the file writable, and it changed", p.First)
	for _, o := range others {
		a.orElse(x, o, MappedForWriting)
	}
	return true
}

// openedForWriting: the writes were not recorded, but who opened the file for writing was. The image that opened may have
// become another before it wrote: a shell opens its redirections and then execs the tool [S].
func (a *Attributor) openedForWriting(x *answer) bool {
	return a.byHolder(x, DidOpen|DidTruncate, OpenedForWriting, "opened the file for writing")
}

// createdTheFile: neither writes nor opens were recorded, but the creation was.
func (a *Attributor) createdTheFile(x *answer) bool {
	return a.byHolder(x, DidCreate, CreatedTheFile, "created the file")
}

func (a *Attributor) byHolder(x *answer, did Did, rule Rule, verb string) bool {
	p, others := a.only(x.c, did)
	if p == nil {
		return false
	}
	by, says := p.By, a.title(p.By)+" "+verb
	if later := a.heirOf(x, p.By); later != 0 {
		says += ", then became " + a.title(later) + ", which held it"
		by = later
	} else if next := a.pastStarters(p.By); next != p.By {
		says += ", a starter that became " + a.title(next)
		by = next
		rule = SuccessorOfStarter
	}
	level := rule.Highest
	if x.c.Gap || a.lineage.GapBetween(x.c.From, a.lineage.Clock()) || len(others) > 0 || a.foreignModifier(x, by) != nil {
		level = level.Lower() // writes of another may have been lost, after the last that was seen too
	}
	a.take(x, by, rule, level, says, p.First)
	for _, o := range others {
		a.orElse(x, o, rule)
	}
	if m := a.foreignModifier(x, by); m != nil {
		a.orElse(x, m, ClosedTheFile)
	}
	return true
}

// heirOf is the later image of the same life that let go of the file too: it inherited the descriptor over exec.
func (a *Attributor) heirOf(x *answer, by lineage.Ref) lineage.Ref {
	heir := lineage.Ref(0)
	for e := a.lineage.At(by); e != nil && e.Next != 0; e = a.lineage.At(e.Next) {
		for i := range x.c.Parts {
			if x.c.Parts[i].By == e.Next && x.c.Parts[i].Did&(DidClose|DidModified) != 0 {
				heir = e.Next
			}
		}
	}
	return heir
}

// foreignModifier is a closer of the modified file that is neither the actor's life nor its ancestor or descendant: it
// may have been given the descriptor and have written.
func (a *Attributor) foreignModifier(x *answer, by lineage.Ref) *Part {
	for i := range x.c.Parts {
		p := &x.c.Parts[i]
		if p.Did&DidModified == 0 || p.By == by || a.isAbove(p.By, by) || a.isAbove(by, p.By) {
			continue
		}
		return p
	}
	return nil
}

// closedTheFile: only closes were seen. That is little: the reported name may be a dying image's, and every holder of the
// open file says "modified" [S]. A starter's name (xpcproxy) stands for the program it became, if that is known.
func (a *Attributor) closedTheFile(x *answer) bool {
	p, others := a.only(x.c, DidModified|DidClose)
	if p == nil {
		return false
	}
	// Under a key whose program is known by other messages the reported name is only an old label.
	if a.program(p.By).Has(catalog.Starter) || a.namedAsStarter(x, p.By) {
		next := a.pastStarters(p.By)
		if a.program(next).Has(catalog.Starter) {
			x.because(StarterClosedTheFile, a.title(p.By)+" only starts other programs, and which one it became was not seen", p.First)
			x.f.Certainty.Actor = finding.Unknown
			return false
		}
		a.take(x, next, SuccessorOfStarter, finding.Possible, fmt.Sprintf(
			"the close was told under the name of a starter, which became %s; only the close was seen", a.title(next)), p.First)
		return true
	}
	a.take(x, p.By, ClosedTheFile, ClosedTheFile.Highest,
		a.say("", p.By, " let go of the file; who wrote it was not seen"), p.First)
	for _, o := range others {
		a.orElse(x, o, ClosedTheFile)
	}
	return true
}

// namedAsStarter reports whether ES named the execution by a starter's image although its key is another program's.
func (a *Attributor) namedAsStarter(x *answer, by lineage.Ref) bool {
	e := a.lineage.At(by)
	if e == nil {
		return false
	}
	for _, n := range x.c.Named {
		if n.By != by || n.Path == "" {
			continue
		}
		for i := range e.OtherImages {
			im := &e.OtherImages[i].Image
			if im.Path == n.Path && a.matchImage(im).Has(catalog.Starter) {
				return true
			}
		}
	}
	return false
}

func (a *Attributor) matchImage(im *lineage.Image) catalog.Program {
	return a.catalog.Match(catalog.Identity{
		Path: im.Path, SigningID: im.SigningID, TeamID: im.TeamID, Platform: im.Platform, CSFlags: im.CSFlags,
	})
}

// only is the part that did most of the given, and the others that did any of it.
func (a *Attributor) only(c *Case, did Did) (most *Part, others []*Part) {
	for i := range c.Parts {
		p := &c.Parts[i]
		if p.Did&did == 0 {
			continue
		}
		switch {
		case most == nil:
			most = p
		case p.Writes > most.Writes:
			others = append(others, most)
			most = p
		default:
			others = append(others, p)
		}
	}
	return most, others
}

// take settles the actor.
func (a *Attributor) take(x *answer, by lineage.Ref, rule Rule, level finding.Certainty, says string, at ...es.Moment) {
	x.because(rule, says, at...)
	x.actor = by
	x.f.Certainty.Actor = level
}

// pastStarters is the first image after the starters in the execution's life; itself where there is none.
func (a *Attributor) pastStarters(by lineage.Ref) lineage.Ref {
	for e := a.lineage.At(by); e != nil && a.program(by).Has(catalog.Starter) && e.Next != 0; e = a.lineage.At(by) {
		by = e.Next
	}
	return by
}

// orElse names another execution as an alternative for the actor.
func (a *Attributor) orElse(x *answer, p *Part, rule Rule) {
	q := a.Process(p.By, x.c.To)
	x.otherwise(finding.Alternative{
		For: finding.RoleActor, Process: &q, Certainty: finding.Possible, Rule: rule.Name,
		Says: a.title(p.By) + " did so too",
	})
}

// beganAllParts: mv across volumes forks cp and rm; git and installers do their work through children. The execution that
// began all parts is the one that acted, and the others took part.
func (a *Attributor) beganAllParts(x *answer) {
	root := x.c.Root
	if root == 0 || root == x.actor || a.lineage.At(root) == nil {
		return
	}
	level := x.f.Certainty.Actor.AtMost(BeganAllParts.Highest)
	x.because(BeganAllParts, a.title(root)+" started "+a.title(x.actor)+" for its own work")
	x.participant("helper", a.Process(x.actor, x.c.To))
	x.actor = root
	x.f.Certainty.Actor = level
}

func (a *Attributor) wrote(p *Part) string {
	switch p.Writes {
	case 0, 1:
		return a.say("", p.By, " wrote the file, once")
	case 2:
		return a.say("", p.By, " wrote the file, twice")
	}
	return a.title(p.By) + " wrote the file, " + strconv.FormatUint(uint64(p.Writes), 10) + " times"
}
