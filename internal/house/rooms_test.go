package house

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// room says what a package may import of ours, and why no more. A pattern that ends in /... is a package and all below it.
type room struct {
	pkg  string
	may  []string
	why  string
	pure bool // no clock, no goroutine, no I/O: see pure_test.go
}

// rooms is the plan of the house: every package has its line. The first that fits counts.
var rooms = []room{
	{pkg: "es", may: nil, pure: true, why: "es is the contract that everything reads: it must not know who reads it"},
	{pkg: "es/eslogger", may: []string{"es"}, pure: true, why: "a decoder knows the event model and one encoding of it"},
	{pkg: "es/recording", may: []string{"es", "es/eslogger", "es/redact"}, why: "a recording is eslogger lines and control lines, with secrets taken out on request: what they mean is not its affair"},
	{pkg: "es/...", may: []string{"es", "es/eslogger", "es/recording", "es/redact"}, why: "sources and transforms of messages know nothing of inference"},
	{pkg: "finding", may: []string{"es"}, pure: true, why: "the contract must not depend on how conclusions are reached"},
	{pkg: "finding/...", may: []string{"es", "finding", "finding/..."}, why: "an encoder sees findings only, so that it shows nothing that the contract does not hold"},
	{pkg: "catalog", may: nil, pure: true, why: "the catalogue is data: it knows programs, not messages"},
	{pkg: "lineage", may: []string{"es", "finding"}, pure: true, why: "who begat whom is known before what was whose"},
	{pkg: "files", may: []string{"es", "lineage"}, pure: true, why: "what was where needs executions as handles, nothing of blame"},
	{pkg: "attribution", may: []string{"es", "finding", "lineage", "files", "catalog"}, pure: true, why: "the roles of one event must not depend on what operation it is part of"},
	{pkg: "operation", may: []string{"es", "finding", "lineage", "files", "attribution", "catalog"}, pure: true, why: "recognisers stand on attribution, never on the engine that calls them"},
	{pkg: "engine", may: []string{"es", "finding", "lineage", "files", "attribution", "operation", "catalog"}, pure: true, why: "the engine is a pure state machine: input, encoders and I/O stay outside"},
	{pkg: "pipeline/metrics", may: []string{"es", "finding", "engine", "pipeline", "pipeline/otlp"}, why: "it counts what the pipeline, the engines and the exporter say of themselves"},
	{pkg: "pipeline/...", may: []string{"es/...", "es", "pipeline", "finding", "finding/...", "catalog", "engine"}, why: "all goroutines and I/O live here, no inference: it talks to the engine alone"},
	{pkg: "query/...", may: []string{"es", "finding", "finding/...", "query"}, why: "questions are asked of findings, wherever these come from"},
	{pkg: "rules/...", may: []string{"es", "finding", "query", "query/..."}, why: "a rule is a condition over findings: it sees what the contract holds, and nothing else"},
	{pkg: "store/storetest", may: nil, why: "it starts a database server, whoever asks it"},
	{pkg: "store/...", may: []string{"es", "finding", "finding/...", "query", "query/..."}, why: "a store holds findings: it must not be able to make any"},
	{pkg: "score/...", may: []string{"es", "es/...", "finding", "finding/...", "query", "score"}, why: "accuracy compares findings with the truth, and must not see how they were made"},
	{pkg: "fleet/...", may: []string{"es", "es/...", "finding", "finding/...", "catalog", "engine", "pipeline", "pipeline/...", "store", "store/...", "query"}, why: "many hosts are many engines behind one pipeline"},
	{pkg: "web/...", may: []string{"es", "finding", "finding/...", "query", "query/...", "store", "store/..."}, why: "the page shows findings and asks questions: it cannot start inference"},
	{pkg: "tui/...", may: []string{"es", "finding", "finding/...", "query", "query/...", "store", "store/..."}, why: "the live view shows findings: it cannot start inference"},
	{pkg: "recordings", may: nil, why: "it holds files, for whoever embeds them"},
	{pkg: "internal/house", may: nil, why: "these tests read the tree as text, so that they work while it does not build"},
	{pkg: "internal/scenario", may: []string{"es", "es/eslogger", "es/recording", "finding"}, why: "the model of the Mac is written from the facts: if it shared the engine's rules, both could be wrong together"},
	{pkg: "internal/...", may: []string{"..."}, why: "tests and tools of the house may look everywhere"},
	{pkg: "cmd/...", may: []string{"..."}, why: "the command line ties everything together"},
}

func fits(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pattern == pkg
}

func roomOf(pkg string) (room, bool) {
	for _, r := range rooms {
		if fits(r.pkg, pkg) {
			return r, true
		}
	}
	return room{}, false
}

func TestEveryPackageHasARoomAndStaysInIt(t *testing.T) { strays(repository(t)).none(t) }

func strays(tr *tree) *report {
	var rep report
	for pkg, files := range tr.packages() {
		r, ok := roomOf(pkg)
		if !ok {
			rep.add("package %s has no room: add a line to rooms in internal/house/rooms_test.go that says what it may import, and why", pkg)
			continue
		}
		for _, file := range files {
			if isTest(file) {
				continue // tests may look wherever they need to, but see below
			}
			for imp := range tr.imports(file) {
				ours, ok := strings.CutPrefix(imp, tr.module+"/")
				if !ok || ours == pkg {
					continue
				}
				if !slices.ContainsFunc(r.may, func(p string) bool { return fits(p, ours) }) {
					rep.add("%s imports %s: %s may import %s of ours, because %s", file, ours, r.pkg, orNothing(r.may), r.why)
				}
			}
		}
	}
	return &rep
}

// What tests share must not reach users: a test helper that ships drags its dependencies along.
func TestWhatShipsHasNoTestLibraries(t *testing.T) { testLibraries(repository(t)).none(t) }

func testLibraries(tr *tree) *report {
	var rep report
	onlyTests := []string{
		"testing", "github.com/google/go-cmp", "pgregory.net/rapid", "go.uber.org/goleak",
		"github.com/rogpeppe/go-internal", "github.com/santhosh-tekuri/jsonschema",
	}
	for _, file := range tr.goFiles() {
		pkg := path.Dir(file)
		if isTest(file) || strings.HasPrefix(pkg, "internal/") || strings.HasSuffix(pkg, "test") {
			continue
		}
		for imp := range tr.imports(file) {
			for _, lib := range onlyTests {
				if imp == lib || strings.HasPrefix(imp, lib+"/") {
					rep.add("%s imports %s, which is for tests: users would carry it; move the code into a _test.go file, or a package whose name ends in test", file, imp)
				}
			}
		}
	}
	return &rep
}

func TestEveryPackageHasADoc(t *testing.T) { undocumented(repository(t)).none(t) }

func undocumented(tr *tree) *report {
	var rep report
	for pkg, files := range tr.packages() {
		documented := slices.ContainsFunc(files, func(f string) bool { return tr.parsed[f].Doc != nil })
		if !documented && slices.ContainsFunc(files, func(f string) bool { return !isTest(f) }) {
			rep.add("package %s has no doc: say above one package clause what the room is for", pkg)
		}
		for _, word := range []string{"util", "utils", "common", "helper", "helpers", "types", "manager", "misc", "shared"} {
			if path.Base(pkg) == word {
				rep.add("package %s: a room named %q has no reason to change of its own; name it for what it holds", pkg, word)
			}
		}
	}
	return &rep
}

func orNothing(may []string) string {
	if len(may) == 0 {
		return "nothing"
	}
	return strings.Join(may, ", ")
}
