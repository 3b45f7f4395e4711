//go:build official

package ecs_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/finding/ecs"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/shown"
	"pgregory.net/rapid"
)

// schema is the folder into which npm installed @elastic/ecs and typescript: make test does, and says where.
func schema(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(os.Getenv("ECS_SCHEMA"))
	if err != nil || os.Getenv("ECS_SCHEMA") == "" {
		t.Fatal("ECS_SCHEMA must name a folder with node_modules/@elastic/ecs and node_modules/typescript: make test makes one")
	}
	return dir
}

func node(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// Every document of every finding that the scenarios yield, and of findings that no scenario could, keeps the schema as
// Elastic publishes it.
func TestDocumentsKeepTheOfficialSchema(t *testing.T) {
	dir := schema(t)
	all, err := shown.All("../..")
	if err != nil {
		t.Fatal(err)
	}
	var docs []byte
	n := 0
	add := func(f *finding.Finding) {
		docs = append(ecs.Append(docs, f), '\n')
		n++
	}
	for _, f := range all {
		add(f)
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := findingtest.Draw(rt)
		if f.Time != 0 { // a finding without a time is none that could be told
			add(f)
		}
	})
	file := filepath.Join(t.TempDir(), "documents")
	if err := os.WriteFile(file, docs, 0o600); err != nil {
		t.Fatal(err)
	}
	said := node(t, dir, "testdata/check.cjs", ecs.Version, file)
	if !strings.HasPrefix(said, fmt.Sprintf("%d documents, ", n)) {
		t.Errorf("%d documents were written, checked were %s", n, said)
	}
	t.Log(said)
}

// The check itself must be able to fail.
func TestTheCheckBites(t *testing.T) {
	dir := schema(t)
	good := string(ecs.Append(nil, founding()))
	for _, change := range [][2]string{
		{`"pid":700`, `"pid":"700"`},
		{`"inode":"`, `"inodes":"`},
		{`["file"]`, `["files"]`},
		{`["creation"]`, `["start"]`},
		{`"9.4.0"`, `9`},
		{`["creation"]`, `"creation"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s is not in %s", change[0], good)
		}
		file := filepath.Join(t.TempDir(), "document")
		if err := os.WriteFile(file, []byte(bad+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "node", "testdata/check.cjs", ecs.Version, file)
		cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%s for %s was not noticed: %s", change[1], change[0], out)
		}
	}
}

// The same documents are what Elastic's TypeScript types describe: the compiler refuses unknown fields and other types.
func TestDocumentsCompileAgainstTheOfficialTypes(t *testing.T) {
	dir := schema(t)
	all, err := shown.All("../..")
	if err != nil {
		t.Fatal(err)
	}
	var ts bytes.Buffer
	ts.WriteString(`import type { EcsBase, EcsEcs, EcsEvent, EcsFile, EcsHost, EcsProcess, EcsRule, EcsSource, EcsUser, EcsVolume } from './node_modules/@elastic/ecs/generated';
type Document = EcsBase & {
  ecs: EcsEcs; event: EcsEvent; host?: EcsHost; file?: EcsFile; volume?: EcsVolume; user?: EcsUser; source?: EcsSource; rule?: EcsRule;
  process?: EcsProcess & { responsible?: EcsProcess };
  Effective_process?: Pick<EcsProcess, 'entity_id' | 'executable' | 'name' | 'pid'>;
  ascribe: Record<string, unknown>;
};
const documents: Document[] = [
`)
	// One of each kind of act is enough for a compiler: it sees the shape, not the values.
	seen := map[string]bool{}
	for _, f := range all {
		shape := fmt.Sprint(f.Kind, f.Action, f.Event, f.Actor != nil, f.Responsible != nil, f.Initiator != nil, f.Certainty)
		if seen[shape] {
			continue
		}
		seen[shape] = true
		doc := ecs.Append(nil, f)
		// What is nested in "ascribe" is for us to check, and the compiler's time.
		i := bytes.LastIndex(doc, []byte(`,"ascribe":{"schema"`))
		ts.Write(doc[:i])
		ts.WriteString(`,"ascribe":{}},` + "\n")
	}
	ts.WriteString("];\nexport default documents;\n")
	file := filepath.Join(dir, "documents.ts")
	if err := os.WriteFile(file, ts.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file)
	node(t, dir, filepath.Join(dir, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", file)
	t.Logf("%d documents", len(seen))
}
