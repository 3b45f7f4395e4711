package scenario

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What a script yields is compared in short, one line a message, so that a diff can be read.
func TestGolden(t *testing.T) {
	scripts, _ := filepath.Glob("testdata/golden/*.txt")
	founding, _ := filepath.Glob("../../testdata/scenarios/founding-*.txt")
	for _, path := range append(scripts, founding...) {
		t.Run(base(path), func(t *testing.T) {
			r := built(t, scriptFile(t, path), Options{})
			golden(t, "testdata/golden/"+strings.TrimSuffix(base(path), ".txt")+".short", []byte(short(r)))
		})
	}
}

// One recording is kept to the byte: control lines, key order, numbers.
func TestGoldenRecording(t *testing.T) {
	r := built(t, scriptFile(t, "../../testdata/scenarios/founding-close-only.txt"), Options{})
	golden(t, "testdata/golden/founding-close-only.jsonl", r.Recording())
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", path, cmp.Diff(string(want), string(got)))
	}
}

// short is a recording's messages, one a line, and the truth after them.
func short(r *Result) string {
	var b strings.Builder
	for _, m := range r.Messages {
		p := &m.Process
		fmt.Fprintf(&b, "%d %s %s %d/%d r%d u%d a%d s%d", m.GlobalSeqNum, m.Kind(), base(p.Executable.Path), p.AuditToken.PID, p.AuditToken.PIDVersion,
			p.ResponsibleAuditToken.PIDVersion, p.AuditToken.EUID, int32(p.AuditToken.AUID), p.AuditToken.ASID)
		told(&b, m.Event)
		b.WriteByte('\n')
	}
	for _, x := range r.Truth {
		fmt.Fprintf(&b, "= %s %s %s", x.Action, x.Method, x.Path)
		if x.SourcePath != "" {
			fmt.Fprintf(&b, " from %s", x.SourcePath)
		}
		fmt.Fprintf(&b, " by %d/%d for %d/%d, %s %s %s, events %d\n", x.Actor.PID, x.Actor.PIDVersion, x.Responsible.PID, x.Responsible.PIDVersion,
			x.Initiator.Class, x.Initiator.User, x.Initiator.Session, x.Events)
	}
	return b.String()
}

func told(b *strings.Builder, ev es.Event) {
	file := func(f *es.File) { fmt.Fprintf(b, " %s ino %d size %d", f.Path, f.Stat.Ino, f.Stat.Size) }
	switch e := ev.(type) {
	case *es.Fork:
		fmt.Fprintf(b, " child %d/%d r%d", e.Child.AuditToken.PID, e.Child.AuditToken.PIDVersion, e.Child.ResponsibleAuditToken.PIDVersion)
	case *es.Exec:
		t := &e.Target
		fmt.Fprintf(b, " %q %d/%d r%d u%d a%d s%d", e.Args, t.AuditToken.PID, t.AuditToken.PIDVersion, t.ResponsibleAuditToken.PIDVersion, t.AuditToken.EUID,
			int32(t.AuditToken.AUID), t.AuditToken.ASID)
	case *es.Open:
		fmt.Fprintf(b, " %#x", e.FFlag)
		file(&e.File)
	case *es.Close:
		file(&e.Target)
		fmt.Fprintf(b, " modified %v", e.Modified)
	case *es.Create:
		file(&e.ExistingFile)
	case *es.Write:
		file(&e.Target)
	case *es.Unlink:
		file(&e.Target)
		fmt.Fprintf(b, " left %d", e.ParentDir.Stat.Nlink)
	case *es.Rename:
		file(&e.Source)
		if e.DestinationType == es.DestinationExistingFile {
			b.WriteString(" over")
			file(&e.ExistingFile)
		} else {
			fmt.Fprintf(b, " to %s", join(e.Dir.Path, e.Filename))
		}
	case *es.Clone:
		file(&e.Source)
		fmt.Fprintf(b, " to %s", join(e.TargetDir.Path, e.TargetName))
	case *es.Link:
		file(&e.Source)
		fmt.Fprintf(b, " to %s nlink %d", join(e.TargetDir.Path, e.TargetFilename), e.Source.Stat.Nlink)
	case *es.ExtAttr:
		fmt.Fprintf(b, " %s", e.Name)
		file(&e.Target)
	case *es.SetMode:
		fmt.Fprintf(b, " %o", e.Mode)
		file(&e.Target)
	case *es.SetID:
		fmt.Fprintf(b, " %d", e.ID)
	case *es.Session:
		fmt.Fprintf(b, " %s %s", e.Username, e.SourceAddress)
	}
}
