package es_test

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
)

// events makes one empty event for each kind, so that a kind without a Go type, or a type that Clone forgot, is found.
func events(t *testing.T) map[es.Kind]es.Event {
	t.Helper()
	all := map[es.Kind]es.Event{}
	for _, e := range []es.Event{
		&es.Fork{}, &es.Exec{}, &es.Exit{}, &es.Signal{}, &es.RemoteThreadCreate{}, &es.Trace{}, &es.CSInvalidated{},
		&es.Open{}, &es.Close{}, &es.Create{}, &es.Write{}, &es.Truncate{}, &es.MMap{}, &es.Rename{}, &es.Unlink{},
		&es.Link{}, &es.Clone{}, &es.Copyfile{}, &es.ExchangeData{}, &es.SetMode{}, &es.SetOwner{}, &es.SetFlags{},
		&es.SetACL{}, &es.UTimes{}, &es.XPCConnect{}, &es.BootstrapLookUp{}, &es.BootstrapCheckIn{}, &es.UIPCConnect{},
		&es.Authentication{}, &es.FileProviderMaterialize{}, &es.FileProviderUpdate{}, &es.BTMLaunchItemAdd{},
		&es.TCCModify{}, &es.GatekeeperUserOverride{}, &es.Other{},
	} {
		all[e.Kind()] = e
	}
	for k := es.KindOther; k < es.KindCount; k++ {
		switch k {
		case es.KindGetTask, es.KindGetTaskRead, es.KindGetTaskInspect, es.KindGetTaskName:
			all[k] = &es.GetTask{Which: k}
		case es.KindSetUID, es.KindSetGID, es.KindSetEUID, es.KindSetEGID, es.KindSetREUID, es.KindSetREGID:
			all[k] = &es.SetID{Which: k}
		case es.KindSetExtAttr, es.KindDeleteExtAttr:
			all[k] = &es.ExtAttr{Which: k}
		case es.KindMount, es.KindUnmount, es.KindRemount:
			all[k] = &es.Mount{Which: k}
		case es.KindSu, es.KindSudo:
			all[k] = &es.Become{Which: k}
		}
		if k >= es.KindOpenSSHLogin && k <= es.KindScreenSharingDetach {
			all[k] = &es.Session{Which: k}
		}
		if all[k] == nil {
			t.Fatalf("kind %v has no Go type", k)
		}
	}
	return all
}

// fill sets everything that v reaches to something that is not zero.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Which" && v.Type().Field(i).Name != "Event" {
				fill(v.Field(i), n)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fill(v.Index(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n % 200))
	default:
		panic("fill: " + v.Kind().String())
	}
}

// memory notes every address that v reaches; what is already there is shared.
func memory(v reflect.Value, seen map[uintptr]string, at string, shared func(string)) {
	note := func(p unsafe.Pointer, size uintptr) {
		if p == nil || size == 0 {
			return
		}
		if _, ok := seen[uintptr(p)]; ok {
			shared(at)
		}
		seen[uintptr(p)] = at
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			memory(v.Field(i), seen, at+"."+v.Type().Field(i).Name, shared)
		}
	case reflect.Interface:
		memory(v.Elem(), seen, at, shared)
	case reflect.Pointer:
		if !v.IsNil() {
			note(v.UnsafePointer(), v.Type().Elem().Size())
			memory(v.Elem(), seen, at+"*", shared)
		}
	case reflect.Slice:
		note(v.UnsafePointer(), uintptr(v.Len()))
		for i := range v.Len() {
			memory(v.Index(i), seen, fmt.Sprintf("%s[%d]", at, i), shared)
		}
	case reflect.String:
		note(unsafe.Pointer(unsafe.StringData(v.String())), uintptr(v.Len()))
	}
}

func TestCloneSharesNothing(t *testing.T) {
	for k, e := range events(t) {
		t.Run(k.String(), func(t *testing.T) {
			n := 0
			m := &es.Message{Event: e}
			fill(reflect.ValueOf(m).Elem(), &n)
			fill(reflect.ValueOf(e).Elem(), &n)
			c := m.Clone()
			if d := cmp.Diff(m, c); d != "" {
				t.Fatalf("the clone differs (-want +got):\n%s", d)
			}
			seen := map[uintptr]string{}
			fail := func(at string) { t.Errorf("shared memory at %s", at) }
			memory(reflect.ValueOf(m).Elem(), seen, "message", fail)
			before := len(seen)
			memory(reflect.ValueOf(c).Elem(), seen, "message", fail)
			if before == 0 || len(seen) != 2*before {
				t.Errorf("original reaches %d places, original and clone %d", before, len(seen))
			}
		})
	}
}

func TestCloneOfNothing(t *testing.T) {
	for k, e := range events(t) {
		m := &es.Message{Event: e}
		if d := cmp.Diff(m, m.Clone()); d != "" {
			t.Errorf("%v: %s", k, d)
		}
	}
}
