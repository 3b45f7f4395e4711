package operation

import (
	"strings"

	"ascribe.example/attribution"
	"ascribe.example/es"
	"ascribe.example/files"
)

// isCopyOf reports whether what was created can be what the clone asked for: a clone lies on its source's volume and is there
// with all its content; a file that is made anew after a clone that failed begins empty [S: EXDEV, clonefile(2)].
func (r *Recognizer) isCopyOf(s *Seen, e *es.Create) bool {
	src, ok := r.files.File(s.Change.Source)
	if !ok || s.Change.Made == files.MadeByCopyfile {
		return true
	}
	if dst, ok := r.files.File(s.Change.Target); ok && dst.Volume != src.Volume {
		return false
	}
	return src.Stat.Type() != es.ModeRegular || src.Stat.Size <= 0 || e.ExistingFile.Stat.Size > 0
}

// madeFrom notes what a confirmed clone or copyfile was made from.
func (r *Recognizer) madeFrom(d *draft, s *Seen) {
	d.Cloned = s.Change.Made == files.MadeByClone || s.Change.Made == files.CloneSighted
	d.Copied = s.Change.Made == files.MadeByCopyfile
	d.Confirmed = true
	d.Source = s.Change.Source
	d.SourceAs = r.Asked.sourceOf(s.Change.After)
	if d.SourceAs == "" {
		d.SourceAs = r.files.Path(s.Change.Source)
	}
	d.Case.Add(s.By, attribution.DidClone, s.At)
	// The attempt itself was counted as waiting for this: it is a member now.
	if n := r.Ledger.Without[ReasonUnconfirmed]; n > 0 && s.Change.MadeAt != (es.Moment{}) {
		r.Ledger.Without[ReasonUnconfirmed]--
		m := Members{}
		m.add(s.Change.MadeAt, true, false)
		d.Members.merge(&m)
		d.Began = s.Change.MadeAt
	}
}

// awaiting: clone and copyfile are told before the kernel tries [S]. Until something confirms them they are no operation.
func (r *Recognizer) awaiting(s *Seen) {
	switch e := s.M.Event.(type) {
	case *es.Clone:
		r.Asked.add(s.Change.After, files.Canonical(e.Source.Path))
	case *es.Copyfile:
		r.Asked.add(s.Change.After, files.Canonical(e.Source.Path))
	}
	if s.Change.Made == files.MadeByCopyfile && s.Change.Target != 0 {
		h, d := r.begin(s, formContent, s.Change.Target)
		d.From = strings.Clone(s.Change.After)
		r.join(d, s, attribution.DidClone)
		d.Copied, d.Confirmed = true, true
		d.Source, d.SourceAs = s.Change.Source, r.files.Path(s.Change.Source)
		r.byFile[s.Change.Target] = h
		return
	}
	r.without(ReasonUnconfirmed, 1)
}

// sighted: what a clone or a copyfile was to make is seen under its name soon after: it is there, though no creation was told.
func (r *Recognizer) sighted(s *Seen) {
	f, ok := r.files.File(s.Change.Target)
	if _, d := r.contentOf(s.Change.Target); d != nil || !ok || s.Change.MadeAt == (es.Moment{}) {
		return
	}
	maker := Seen{M: s.M, At: s.At, By: s.Change.Maker, Change: s.Change}
	form := formContent
	if f.Stat.Type() == es.ModeDir {
		form = formFolder
	}
	h, d := r.begin(&maker, form, s.Change.Target)
	d.New, d.Mode, d.From, d.Folder = true, f.Stat.Mode, strings.Clone(s.Change.Before), form == formFolder
	d.Last, d.Sighted = s.At, true
	d.Case.From = s.Change.MadeAt
	maker.At = s.Change.MadeAt
	r.madeFrom(d, &maker)
	r.byFile[s.Change.Target] = h
}

// asked remembers under which of its names the last sources were asked to be cloned: a file with hard links has several.
type asked struct {
	Pairs []askedPair
	Next  int
}

type askedPair struct{ Target, Source string }

const mostAsked = 64

func (a *asked) add(target, source string) {
	p := askedPair{strings.Clone(target), strings.Clone(source)}
	for i := range a.Pairs {
		if a.Pairs[i].Target == target {
			a.Pairs[i] = p // what was asked last counts
			return
		}
	}
	if len(a.Pairs) < mostAsked {
		a.Pairs = append(a.Pairs, p)
		return
	}
	a.Pairs[a.Next] = p
	a.Next = (a.Next + 1) % mostAsked
}

func (a *asked) sourceOf(target string) string {
	for i := range a.Pairs {
		if a.Pairs[i].Target == target {
			return a.Pairs[i].Source
		}
	}
	return ""
}
