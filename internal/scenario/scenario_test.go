package scenario

import (
	"fmt"
	"os"
	"testing"

	"ascribe.example/es"
)

func buildFile(t *testing.T, name string, o Options) *Result {
	t.Helper()
	text, err := os.ReadFile("../../testdata/scenarios/" + name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(name, string(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Build(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestStyle(t *testing.T) {
	r := buildFile(t, "founding-c.txt", Options{})
	for _, m := range r.Messages {
		what := ""
		switch e := m.Event.(type) {
		case *es.Close:
			what = fmt.Sprint(e.Target.Path, " ", e.Modified)
		case *es.Exec:
			what = fmt.Sprint(e.Target.Executable.Path, " ", e.Target.AuditToken.PIDVersion, e.Args)
		case *es.Open:
			what = fmt.Sprint(e.File.Path, " ", e.FFlag)
		case *es.Write:
			what = fmt.Sprint(e.Target.Path, " ", e.Target.Stat.Size)
		}
		t.Log(m.GlobalSeqNum, m.Time.Std().Format("05.000000"), m.Kind(), m.Process.AuditToken.PID, m.Process.AuditToken.PIDVersion, base(m.Process.Executable.Path), m.Process.ResponsibleAuditToken.PIDVersion, what)
	}
	for _, x := range r.Truth {
		t.Logf("%+v", x)
	}
	for _, x := range r.Expected {
		t.Logf("%+v %+v", x, x.Actor)
	}
}
