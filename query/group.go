package query

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Group is by what findings are put together.
type Group string

// The groups.
const (
	ByUser   Group = "user"   // the initiator's user: a name, or else a uid
	ByClass  Group = "class"  // the initiator's class
	ByAgent  Group = "agent"  // the AI agent, if one is behind it
	ByApp    Group = "app"    // the responsible app or program
	ByActor  Group = "actor"  // the program that did it
	ByFolder Group = "folder" // the folder that holds what was acted on
	ByAction Group = "action"
	ByVolume Group = "volume" // where it lies
	ByHost   Group = "host"
	ByRule   Group = "rule" // the user's rules that matched: one finding may be of several
)

// Groups are all of them.
var Groups = []Group{ByUser, ByClass, ByAgent, ByApp, ByActor, ByFolder, ByAction, ByVolume, ByHost, ByRule}

// GroupOf reads a group as people write it, in the singular or the plural.
func GroupOf(word string) (Group, error) {
	w := strings.ToLower(word)
	for _, g := range Groups {
		plural := string(g) + "s"
		if g == ByClass {
			plural = "classes"
		}
		if w == string(g) || w == plural {
			return g, nil
		}
	}
	var names []string
	for _, g := range Groups {
		names = append(names, string(g))
	}
	return "", fmt.Errorf("findings are not put together by %q: it is one of %s", word, strings.Join(names, ", "))
}

// Of lists the names of the group that a finding is in, in l; "" is nobody known.
func (g Group) Of(l []string, f *finding.Finding) []string {
	switch g {
	case ByUser:
		return append(l, userOf(f.Initiator))
	case ByClass:
		if f.Initiator != nil {
			return append(l, string(f.Initiator.Class))
		}
		return append(l, "")
	case ByAgent:
		if f.Initiator == nil || f.Initiator.Agent == nil {
			return l // no agent is behind it
		}
		return append(l, f.Initiator.Agent.Name)
	case ByApp:
		if f.Responsible == nil {
			return append(l, "")
		}
		if f.Responsible.App != "" {
			return append(l, f.Responsible.App)
		}
		return append(l, programOf(&f.Responsible.Process))
	case ByActor:
		return append(l, programOf(f.Actor))
	case ByFolder:
		return append(l, FolderOf(f))
	case ByAction:
		return append(l, string(f.Action))
	case ByVolume:
		if f.Object != nil && f.Object.Volume != nil {
			return append(l, f.Object.Volume.Mount)
		}
		return append(l, "")
	case ByHost:
		return append(l, f.Host)
	case ByRule:
		for i := range f.Rules {
			l = append(l, f.Rules[i].Name)
		}
	}
	return l
}

// FolderOf is the folder that holds what a finding acted on: of a batch, its path.
func FolderOf(f *finding.Finding) string {
	switch {
	case f.Path == "":
		return ""
	case f.Items != nil:
		return f.Path
	}
	return path.Dir(f.Path)
}

func userOf(in *finding.Initiator) string {
	switch {
	case in == nil:
		return ""
	case in.User != "":
		return in.User
	case in.UID == es.Unset:
		return ""
	}
	return strconv.FormatUint(uint64(in.UID), 10)
}

func programOf(p *finding.Process) string {
	switch {
	case p == nil:
		return ""
	case p.Path != "":
		return p.Path[strings.LastIndexByte(p.Path, '/')+1:]
	case p.SigningID != "":
		return p.SigningID
	}
	return p.Service
}

// filesOf is how many files an operation acted on, and how large they are where that is known.
func filesOf(f *finding.Finding) (files uint64, size int64) {
	if f.Items == nil {
		if f.Object != nil && f.Object.Size > 0 && f.Object.Type != finding.ObjectDirectory {
			size = f.Object.Size
		}
		return max(f.ItemsTotal, 1), size
	}
	for i := range f.Items {
		if o := f.Items[i].Object; o != nil && o.Size > 0 {
			size = sum(size, o.Size)
		}
	}
	return f.ItemsTotal, size
}

// sum is a + b, of sizes; it ends where int64 does.
func sum(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
