package attribution

import (
	"strings"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Did is what an execution did to a file, as a set.
type Did uint16

// What an execution can have done.
const (
	DidAct      Did = 1 << iota // the message is the act itself: rename, unlink, link, mkdir, attributes
	DidWrite                    // wrote through a descriptor
	DidCreate                   // created it, empty
	DidOpen                     // opened it for writing
	DidMap                      // mapped it shared and writable
	DidTruncate                 // cut it to a length
	DidClone                    // asked for the clone that made it
	DidClose                    // let a descriptor go
	DidModified                 // let go of a descriptor through which somebody had written
	DidName                     // gave it its final name
	DidRead                     // opened it, or what it was made from, for reading
)

// Part is one execution's share in a case.
type Part struct {
	By          lineage.Ref
	Did         Did
	Writes      uint32
	First, Last es.Moment
}

// Name is how ES named an execution in a message: the handle, and the path where it is not the execution's own.
type Name struct {
	By   lineage.Ref
	Path string // "": the execution's own
	Did  Did    // what was told under that name
}

// Case is what attribution is asked about: who did what to one file, or to the files of one batch.
type Case struct {
	From, To es.Moment   // first and last member
	Parts    []Part      // in order of first appearance
	Named    []Name      // in order of first appearance
	Root     lineage.Ref // the execution that began all parts of a tool made of several processes; 0 none
	Asker    lineage.Ref // who asked for the file to be fetched, as the message of it named; 0 nobody
	Owner    uint32      // user id that a new file was given; [es.Unset] none or not known
	Gap      bool        // messages were lost between first and last member
	Late     bool        // a member came after its place was given up
	Mapped   bool        // the file had been mapped writable, by whom was not seen
}

// MaxParts bounds the executions that one case keeps; the first ones stay, and who writes most of the rest.
const MaxParts = 16

// Add notes that an execution did something.
func (c *Case) Add(by lineage.Ref, did Did, at es.Moment) {
	var writes uint32
	if did&DidWrite != 0 {
		writes = 1
	}
	c.AddPart(Part{By: by, Did: did, Writes: writes, First: at, Last: at})
	if c.From == (es.Moment{}) {
		c.From = at
	}
	c.To = at
}

// AddPart takes one execution's share in.
func (c *Case) AddPart(p Part) {
	for i := range c.Parts {
		q := &c.Parts[i]
		if q.By != p.By {
			continue
		}
		q.Did |= p.Did
		q.Writes += p.Writes
		q.Last = p.Last
		return
	}
	if len(c.Parts) < MaxParts {
		c.Parts = append(c.Parts, p)
	}
}

// AddName notes how ES named an execution.
func (c *Case) AddName(by lineage.Ref, path string, did Did) {
	for i := range c.Named {
		if c.Named[i].By == by && c.Named[i].Path == path {
			c.Named[i].Did |= did
			return
		}
	}
	if len(c.Named) < MaxParts {
		c.Named = append(c.Named, Name{By: by, Path: strings.Clone(path), Did: did})
	}
}

// Merge takes another case in: the batch's from its items'.
func (c *Case) Merge(o *Case) {
	for _, p := range o.Parts {
		c.AddPart(p)
	}
	for _, n := range o.Named {
		c.AddName(n.By, n.Path, n.Did)
	}
	if c.From == (es.Moment{}) || (o.From != (es.Moment{}) && o.From.Clock < c.From.Clock) {
		c.From = o.From
	}
	if o.To.Clock >= c.To.Clock {
		c.To = o.To
	}
	if c.Root == 0 {
		c.Root = o.Root
	}
	if c.Asker == 0 {
		c.Asker = o.Asker
	}
	if c.Owner == es.Unset {
		c.Owner = o.Owner
	}
	c.Gap = c.Gap || o.Gap
	c.Late = c.Late || o.Late
	c.Mapped = c.Mapped || o.Mapped
}

// NewCase is an empty case.
func NewCase() Case { return Case{Owner: es.Unset} }
