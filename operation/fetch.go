package operation

import (
	"strings"

	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/lineage"
)

// fetches are the files that a file provider told it would bring from elsewhere, and for whom.
type fetches struct {
	Files []fetch
	Next  int
}

type fetch struct {
	Path string
	By   lineage.Ref
	At   es.Moment
}

// mostFetches bounds what is remembered; the oldest goes first.
const mostFetches = 256

// fetching notes for whom a file is fetched [D: the instigator of file_provider_materialize].
func (r *Recognizer) fetching(s *Seen, e *es.FileProviderMaterialize) {
	key := e.InstigatorToken.Key(r.lineage.Boot())
	if e.Instigator != nil {
		key = e.Instigator.Key(r.lineage.Boot())
	}
	by := r.lineage.Find(key)
	if by == 0 || by == s.By {
		return
	}
	f := fetch{strings.Clone(files.Canonical(e.Target.Path)), by, s.At}
	if len(r.Fetches.Files) < mostFetches {
		r.Fetches.Files = append(r.Fetches.Files, f)
		return
	}
	r.Fetches.Files[r.Fetches.Next] = f
	r.Fetches.Next = (r.Fetches.Next + 1) % mostFetches
}

// askerOf is for whom a file was fetched that was there by the given moment; 0 nobody that was named. What came long before
// was another fetch.
func (f *fetches) askerOf(path string, at es.Moment) (by lineage.Ref) {
	var latest es.Moment
	for i := range f.Files {
		x := &f.Files[i]
		if x.Path == path && x.At.Clock <= at.Clock && at.Clock-x.At.Clock <= Longest && (by == 0 || x.At.Clock >= latest.Clock) {
			by, latest = x.By, x.At
		}
	}
	return by
}
