package eslogger

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"unsafe"

	"ascribe.example/es"
)

// What an op writes must be what stands at the offset: nothing else checks the tables' use of unsafe.
func TestTablesFitTypes(t *testing.T) {
	check(t, tokenShape, reflect.TypeFor[es.AuditToken]())
	check(t, statShape, reflect.TypeFor[es.Stat]())
	check(t, fileShape, reflect.TypeFor[es.File]())
	check(t, folderShape, reflect.TypeFor[es.File]())
	check(t, processShape, reflect.TypeFor[es.Process]())
	check(t, messageShape, reflect.TypeFor[es.Message]())
	check(t, fdShape, reflect.TypeFor[es.FD]())
	for k := es.KindOther + 1; k < es.KindCount; k++ {
		check(t, eventShapes[k], reflect.TypeOf(newEvent(k)).Elem())
	}
	if unsafe.Sizeof(entry{}) != entrySize {
		t.Errorf("an entry has %d bytes", unsafe.Sizeof(entry{}))
	}
}

var written = map[op]reflect.Type{
	opInt: reflect.TypeFor[int](), opBool: reflect.TypeFor[bool](), opTime: reflect.TypeFor[es.Time](),
	opText: reflect.TypeFor[string](), opRecall: reflect.TypeFor[string](), opName: reflect.TypeFor[string](),
	opWeakName: reflect.TypeFor[string](), opPath: reflect.TypeFor[string](), opTexts: reflect.TypeFor[[]string](),
	opFDs: reflect.TypeFor[[]es.FD](), opPair: reflect.TypeFor[[2]int32](), opHash: reflect.TypeFor[es.CDHash](),
	opToken: reflect.TypeFor[es.AuditToken](), opFile: reflect.TypeFor[es.File](), opFolder: reflect.TypeFor[es.File](),
	opFilePtr: reflect.TypeFor[*es.File](), opImage: reflect.TypeFor[es.File](), opFolderPtr: reflect.TypeFor[*es.File](), opImagePtr: reflect.TypeFor[*es.File](), opStat: reflect.TypeFor[es.Stat](),
	opProcess: reflect.TypeFor[es.Process](), opProcPtr: reflect.TypeFor[*es.Process](),
}

var bitsWritten = map[op]int{op16: 16, op32: 32, opWord: 32, op64: 64}

func check(t *testing.T, s *shape, in reflect.Type) {
	t.Helper()
	for _, f := range s.fields {
		switch f.op {
		case opSkip, opDecline, opEvent:
		case opObject, opAction:
			check(t, f.sub, in)
		case opNumber:
			if got := typesAt(reflect.TypeFor[Decoder](), f.offset); !anyOf(got, func(g reflect.Type) bool { return g.Kind() == reflect.Uint32 }) {
				t.Errorf("%s.%s: %v", s.name, f.key, got)
			}
		default:
			got := typesAt(in, f.offset)
			fits := func(g reflect.Type) bool {
				if n := bitsWritten[f.op]; n > 0 {
					return g.Kind() >= reflect.Int && g.Kind() <= reflect.Uint64 && g.Bits() == n
				}
				return g == written[f.op]
			}
			if !anyOf(got, fits) {
				t.Errorf("%s.%s: op %d writes to one of %v in %v", s.name, f.key, f.op, got, in)
			}
		}
	}
}

// typesAt lists the types that begin at an offset of a struct, outermost first.
func typesAt(in reflect.Type, offset uintptr) []reflect.Type {
	var types []reflect.Type
	for in.Kind() == reflect.Struct {
		var inner reflect.Type
		for i := range in.NumField() {
			if f := in.Field(i); f.Offset <= offset && offset < f.Offset+f.Type.Size() {
				inner, offset = f.Type, offset-f.Offset
				break
			}
		}
		if inner == nil {
			return types
		}
		if offset == 0 {
			types = append(types, inner)
		}
		in = inner
	}
	return types
}

func anyOf(types []reflect.Type, fits func(reflect.Type) bool) bool {
	for _, t := range types {
		if fits(t) {
			return true
		}
	}
	return false
}

// Numbers of every length are read as strconv reads them, whatever stands behind them.
func TestNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for n := range 200_000 {
		text := strconv.FormatUint(r.Uint64()>>r.IntN(64), 10)
		switch n % 8 {
		case 0:
			text = "18446744073709551" + fmt.Sprintf("%03d", 600+r.IntN(30))
		case 1:
			text += strconv.Itoa(r.IntN(1000))
		case 2:
			text = "0" + text
		}
		line := append([]byte(text), junk[n%8:]...)
		for line[len(text)] >= '0' && line[len(text)] <= '9' {
			text = string(line[:len(text)+1])
		}
		want, err := strconv.ParseUint(text, 10, 64)
		got, end := number(unsafe.Pointer(&line[0]), 0)
		if ok := err == nil && (text[0] != '0' || len(text) == 1); ok != (end > 0) || ok && (got != want || end != len(text)) {
			t.Fatalf("%s is read as %d up to %d", text, got, end)
		}
	}
}

// In what every message has, every key is found at once.
func TestKeysHaveSlots(t *testing.T) {
	for _, s := range []*shape{messageShape, processShape, tokenShape, statShape, fileShape, folderShape} {
		for i, f := range s.fields {
			line := append([]byte(f.key+`":"2026-01-01`), junk...)
			if e := s.slot(load64(unsafe.Pointer(&line[0]), 0)); *e != s.keys[i] {
				t.Errorf("%s: the key %s has no slot", s.name, f.key)
			}
		}
	}
}
