package house

import (
	"go/ast"
	"path"
	"strings"
	"testing"
)

// The same messages and watermarks must give the same bytes on every machine: so inference asks nobody for the time, runs
// nothing beside itself, and reads and writes nothing.
var impure = map[string]string{
	"os":           "inference does no I/O: what it needs comes in as messages and facts",
	"os/exec":      "inference runs nothing",
	"os/signal":    "inference does no I/O",
	"syscall":      "inference does no I/O, and is the same on every system",
	"net":          "inference does no I/O",
	"log":          "inference tells what it has to tell in findings and in its summary",
	"log/slog":     "inference tells what it has to tell in findings and in its summary",
	"math/rand":    "chance would make two runs differ",
	"math/rand/v2": "chance would make two runs differ",
	"crypto/rand":  "chance would make two runs differ",
	"context":      "inference is never waited for: it returns at once",
	"sync/atomic":  "an engine belongs to one goroutine",
	"unsafe":       "inference must not crash on any input",
	"runtime":      "answers must not depend on the machine",
}

// clocks are the functions of package time that read a clock or wait for one.
var clocks = map[string]bool{
	"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true, "Tick": true,
	"NewTimer": true, "NewTicker": true, "Local": true,
}

func TestInferenceIsPure(t *testing.T) { impurities(repository(t)).none(t) }

func impurities(tr *tree) *report {
	var rep report
	checked := 0
	for _, file := range tr.goFiles() {
		pkg := path.Dir(file)
		r, ok := roomOf(pkg)
		if isTest(file) || !ok || !r.pure {
			continue
		}
		checked++
		imports := tr.imports(file)
		for imp := range imports {
			why, bad := impure[imp]
			if strings.HasPrefix(imp, "net/") && imp != "net/netip" { // which only reads addresses
				why, bad = impure["net"], true
			}
			if imp == "unsafe" && pkg == "es/eslogger" {
				continue // its strings point into the caller's buffer, and fuzzing holds it to encoding/json
			}
			if bad {
				rep.add("%s imports %s: %s", file, imp, why)
			}
		}
		clock := imports["time"]
		ast.Inspect(tr.parsed[file], func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				rep.add("%s: a goroutine: the order of its work would depend on the machine; goroutines live in pipeline", tr.fset.Position(n.Pos()))
			case *ast.SelectStmt:
				rep.add("%s: a select: which case runs would depend on the machine", tr.fset.Position(n.Pos()))
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if ok && clock != "" && x.Name == clock && clocks[n.Sel.Name] {
					rep.add("%s: time.%s: time is an input (Advance), never asked for", tr.fset.Position(n.Pos()), n.Sel.Name)
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "print" || id.Name == "println") {
					rep.add("%s: %s: inference writes nothing", tr.fset.Position(n.Pos()), id.Name)
				}
			}
			return true
		})
	}
	if checked == 0 {
		rep.add("no file of a pure package was found: the table of rooms and the tree have parted")
	}
	return &rep
}
