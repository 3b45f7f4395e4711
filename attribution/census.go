package attribution

import (
	"iter"
	"slices"
	"time"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/lineage"
)

// noted are the programs that bear on what others do without standing in their lineage: who asks services for people, who
// makes other programs act, and through what a person types from elsewhere.
const noted = catalog.FileManager | catalog.Multiplexer | catalog.RemoteDaemon | catalog.Agent | catalog.Automation | catalog.Opener

const (
	remembered = 2 * time.Minute // how long a noted program that has ended can bear on an act
	mostNoted  = 256             // noted programs that one question looks at, the newest
)

// census lists the noted executions, the oldest first. It follows from the tracker's state alone: what is forgotten, or
// ended too long ago, is dropped when it is met.
type census struct {
	refs []lineage.Ref
	news []lineage.Ref // scratch
}

// count brings the census up to date.
func (a *Attributor) count() {
	c := &a.census
	var all bool
	c.news, all = a.lineage.News(c.news[:0])
	if all {
		c.refs = c.refs[:0]
	}
	for _, ref := range c.news {
		i, have := slices.BinarySearch(c.refs, ref)
		switch is := a.program(ref).Any(noted) || a.needsTranslation(ref); {
		case is && !have:
			c.refs = slices.Insert(c.refs, i, ref)
		case !is && have:
			c.refs = slices.Delete(c.refs, i, i+1)
		}
	}
}

// cpuX86 is the processor whose programs an Apple Silicon Mac translates [D: mach/machine.h].
const cpuX86 = 0x01000007

// needsTranslation reports whether an execution's image was made for another processor.
func (a *Attributor) needsTranslation(ref lineage.Ref) bool {
	e := a.lineage.At(ref)
	return e != nil && e.CPUType == cpuX86
}

// running are the executions of the given classes (0: all that are noted) that ran at the moment, or had ended not longer than within before it;
// the newest first.
func (a *Attributor) running(classes catalog.Class, at es.Moment, within time.Duration) iter.Seq[lineage.Ref] {
	return func(yield func(lineage.Ref) bool) {
		a.count()
		now := a.lineage.Clock()
		looked := 0
		for i := len(a.census.refs) - 1; i >= 0 && looked < mostNoted; i-- {
			ref := a.census.refs[i]
			e := a.lineage.At(ref)
			if e == nil || e.Key.Boot != a.lineage.Boot() || !e.Alive() && now.Clock-e.End.Clock > remembered {
				a.census.refs = slices.Delete(a.census.refs, i, i+1)
				continue
			}
			looked++
			if e.Seen.Clock > at.Clock || !e.Alive() && at.Clock-e.End.Clock > within || classes != 0 && !a.program(ref).Any(classes) {
				continue
			}
			if !yield(ref) {
				return
			}
		}
	}
}
