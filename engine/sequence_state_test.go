package engine

import (
	"bytes"
	"encoding/gob"
	"reflect"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// everyEvent is one empty event of each Go type.
var everyEvent = []es.Event{
	&es.Fork{}, &es.Exec{}, &es.Exit{}, &es.Signal{}, &es.GetTask{}, &es.RemoteThreadCreate{}, &es.Trace{}, &es.CSInvalidated{},
	&es.SetID{}, &es.Open{}, &es.Close{}, &es.Create{}, &es.Write{}, &es.Truncate{}, &es.MMap{}, &es.Rename{}, &es.Unlink{},
	&es.Link{}, &es.Clone{}, &es.Copyfile{}, &es.ExchangeData{}, &es.ExtAttr{}, &es.SetMode{}, &es.SetOwner{},
	&es.SetFlags{}, &es.SetACL{}, &es.UTimes{}, &es.Mount{}, &es.XPCConnect{}, &es.BootstrapLookUp{},
	&es.BootstrapCheckIn{}, &es.UIPCConnect{}, &es.Session{}, &es.Authentication{}, &es.Become{},
	&es.FileProviderMaterialize{}, &es.FileProviderUpdate{}, &es.BTMLaunchItemAdd{}, &es.TCCModify{},
	&es.GatekeeperUserOverride{}, &es.Other{},
}

// Held messages come back exactly: nil and empty, bytes that are not UTF-8, pointers to nothing known.
func TestHeldMessagesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h heldMessages
		for i := range rapid.IntRange(1, 3).Draw(t, "messages") {
			e := rapid.SampledFrom(everyEvent).Draw(t, "event")
			e = reflect.New(reflect.TypeOf(e).Elem()).Interface().(es.Event)
			m := &es.Message{}
			fill(t, reflect.ValueOf(m).Elem())
			fill(t, reflect.ValueOf(e).Elem())
			m.Event, m.GlobalSeqNum = e, uint64(i)
			h.list = append(h.list, m)
		}
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(h.save()); err != nil {
			t.Fatal(err)
		}
		var st []heldState
		if err := gob.NewDecoder(&b).Decode(&st); err != nil {
			t.Fatal(err)
		}
		var back heldMessages
		if err := back.restore(st); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(h.list, back.list); diff != "" {
			t.Fatalf("saved (-), restored (+):\n%s", diff)
		}
	})
}

func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).Kind() != reflect.Interface {
				fill(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "there") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.Slice:
		if n := rapid.IntRange(-1, 2).Draw(t, "length"); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.String:
		v.SetString(rapid.SampledFrom([]string{"", "/bin/ls", "\xff\x00\u00fc"}).Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(rapid.SampledFrom([]int64{0, 1, -1, 1 << 30}).Draw(t, "int"))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rapid.SampledFrom([]uint64{0, 1, 255}).Draw(t, "uint"))
	default:
		panic("fill: " + v.Kind().String())
	}
}

// A damaged state is an error, not a panic later.
func TestDamagedStateIsRefused(t *testing.T) {
	m := newMachine(t0.Add(-1), intel)
	s := newSequencer(limits{}, &told{})
	s.Add(m.at(5, t0, 700, 50))
	var b bytes.Buffer
	if err := s.Save(gob.NewEncoder(&b)); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for i := range whole {
		for _, damaged := range [][]byte{whole[:i], append(append(bytes.Clone(whole[:i]), whole[i]^0x41), whole[i+1:]...)} {
			r := newSequencer(limits{}, &told{})
			if r.Restore(gob.NewDecoder(bytes.NewReader(damaged))) != nil {
				continue
			}
			for seq := range uint64(20) {
				r.Add(m.at(seq, t0, 700, 50))
			}
			r.Advance(t0 + 1e9)
			r.Drain()
		}
	}
}
