package eslogger

import (
	"reflect"

	"ascribe.example/es"
	"pgregory.net/rapid"
)

// newEvent makes an empty event of a kind.
func newEvent(k es.Kind) es.Event {
	for _, e := range []es.Event{
		&es.Fork{}, &es.Exec{}, &es.Exit{}, &es.Signal{}, &es.RemoteThreadCreate{}, &es.Trace{}, &es.CSInvalidated{},
		&es.Open{}, &es.Close{}, &es.Create{}, &es.Write{}, &es.Truncate{}, &es.MMap{}, &es.Rename{}, &es.Unlink{},
		&es.Link{}, &es.Clone{}, &es.Copyfile{}, &es.ExchangeData{}, &es.SetMode{}, &es.SetOwner{}, &es.SetFlags{},
		&es.SetACL{}, &es.UTimes{}, &es.XPCConnect{}, &es.BootstrapLookUp{}, &es.BootstrapCheckIn{}, &es.UIPCConnect{},
		&es.Authentication{}, &es.FileProviderMaterialize{}, &es.FileProviderUpdate{}, &es.BTMLaunchItemAdd{},
		&es.TCCModify{}, &es.GatekeeperUserOverride{}, &es.Other{}, &es.GetTask{Which: k}, &es.SetID{Which: k},
		&es.ExtAttr{Which: k}, &es.Mount{Which: k}, &es.Become{Which: k}, &es.Session{Which: k},
	} {
		if e.Kind() != k {
			continue
		}
		switch e.(type) {
		case *es.GetTask:
			if k < es.KindGetTask || k > es.KindGetTaskName {
				continue
			}
		case *es.SetID:
			if k < es.KindSetUID || k > es.KindSetREGID {
				continue
			}
		case *es.ExtAttr:
			if k != es.KindSetExtAttr && k != es.KindDeleteExtAttr {
				continue
			}
		case *es.Mount:
			if k < es.KindMount || k > es.KindRemount {
				continue
			}
		case *es.Become:
			if k != es.KindSu && k != es.KindSudo {
				continue
			}
		}
		return e
	}
	panic("no Go type for " + k.String())
}

// drawMessage draws a message of any kind, with every field that its version and kind have.
func drawMessage(t *rapid.T) *es.Message {
	kind := es.Kind(rapid.IntRange(int(es.KindOther), int(es.KindCount)-1).Draw(t, "kind"))
	m := &es.Message{Event: newEvent(kind)}
	draw(t, reflect.ValueOf(m).Elem())
	draw(t, reflect.ValueOf(m.Event).Elem())
	m.Version = rapid.IntRange(6, 12).Draw(t, "version")
	m.Place = 0
	gate(m)
	return m
}

var timeType = reflect.TypeFor[es.Time]()

func draw(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Which" && name != "Event" {
				draw(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "there") {
			v.Set(reflect.New(v.Type().Elem()))
			draw(t, v.Elem())
		}
	case reflect.Slice:
		n := rapid.IntRange(-1, 3).Draw(t, "length")
		if n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range n {
			draw(t, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			draw(t, v.Index(i))
		}
	case reflect.String:
		v.SetString(rapid.OneOf(
			rapid.SampledFrom([]string{"", "com.apple.finder", "/bin/ls", "/Users/alice/a \"b\"\\c.txt", "/tmp/ümlaut/\x00\x1f\n"}),
			rapid.String(),
		).Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int:
		v.SetInt(int64(rapid.Int32().Draw(t, "int")))
	case reflect.Int32:
		v.SetInt(int64(rapid.Int32().Draw(t, "int32")))
	case reflect.Int64:
		if v.Type() == timeType {
			v.SetInt(rapid.Int64Range(-9e18, 9e18).Draw(t, "time"))
			return
		}
		v.SetInt(rapid.Int64().Draw(t, "int64"))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		bits := v.Type().Bits()
		v.SetUint(rapid.Uint64().Draw(t, "uint") & (1<<bits - 1))
	default:
		panic("draw: " + v.Kind().String())
	}
}

// gate takes away what a message's version, kind or arm has no key for.
func gate(m *es.Message) {
	processes := []*es.Process{&m.Process}
	tokens := []*es.AuditToken{}
	switch e := m.Event.(type) {
	case *es.Fork:
		processes = append(processes, &e.Child)
	case *es.Exec:
		processes = append(processes, &e.Target)
		if m.Version < 7 {
			e.DyldExecPath = ""
		}
	case *es.Signal:
		if m.Version < 9 {
			e.Instigator = nil
		}
		processes = append(processes, &e.Target, e.Instigator)
	case *es.GetTask:
		processes = append(processes, &e.Target)
	case *es.RemoteThreadCreate:
		processes = append(processes, &e.Target)
	case *es.Trace:
		processes = append(processes, &e.Target)
	case *es.SetID:
		if e.Which < es.KindSetREUID {
			e.Real = es.Unset
		}
	case *es.Create:
		e.DestinationType &= 1
		if e.DestinationType == es.DestinationNewPath {
			e.ExistingFile = es.File{}
		} else {
			e.Dir, e.Filename, e.Mode = es.File{}, "", 0
		}
	case *es.Rename:
		e.DestinationType &= 1
		if e.DestinationType == es.DestinationNewPath {
			e.ExistingFile = es.File{}
		} else {
			e.Dir, e.Filename = es.File{}, ""
		}
	case *es.Mount:
		if e.Which == es.KindUnmount || m.Version < 8 {
			e.Disposition = es.MountDispositionMissing
		}
	case *es.BootstrapLookUp:
		processes = append(processes, e.Instigator, e.TargetProcess)
		tokens = append(tokens, &e.InstigatorToken)
	case *es.BootstrapCheckIn:
		processes = append(processes, e.Instigator)
		tokens = append(tokens, &e.InstigatorToken)
	case *es.FileProviderMaterialize:
		processes = append(processes, e.Instigator)
		tokens = append(tokens, &e.InstigatorToken)
	case *es.BTMLaunchItemAdd:
		processes = append(processes, e.Instigator, e.App)
		tokens = append(tokens, &e.InstigatorToken)
	case *es.TCCModify:
		processes = append(processes, e.Instigator, e.Responsible)
		tokens = append(tokens, &e.InstigatorToken)
	case *es.Authentication:
		processes = append(processes, e.Instigator)
		gateAuthentication(e)
	case *es.Session:
		gateSession(e)
	case *es.Other:
		e.Name, e.Raw = "lookup", []byte(`{"relative_target":"x\/y"}`)
	}
	for _, p := range processes {
		if p == nil {
			continue
		}
		p.StartTime -= (p.StartTime%1000 + 1000) % 1000
		if m.Version < 10 {
			p.CSValidationCategory = -1
		}
	}
	for _, t := range tokens {
		if m.Version < 8 {
			*t = es.AuditToken{}
		}
	}
}

func gateAuthentication(e *es.Authentication) {
	e.Type &= 3
	switch e.Type {
	case authenticationTouchID:
		e.RecordName = ""
	case authenticationToken:
		e.RecordName, e.UID = "", es.Unset
	case authenticationAutoUnlock:
		e.Instigator, e.UID = nil, es.Unset
	default:
		e.UID = es.Unset
	}
}

func gateSession(e *es.Session) {
	full := *e
	*e = es.Session{Which: e.Which, Success: true, Username: full.Username, UID: es.Unset}
	switch e.Which {
	case es.KindOpenSSHLogin, es.KindLoginLogin, es.KindScreenSharingAttach:
		e.Success = full.Success
	}
	switch e.Which {
	case es.KindOpenSSHLogin, es.KindOpenSSHLogout:
		e.SourceAddress, e.UID = full.SourceAddress, full.UID
	case es.KindLoginLogin, es.KindLoginLogout:
		e.UID = full.UID
	case es.KindScreenSharingAttach, es.KindScreenSharingDetach:
		e.SourceAddress, e.ViewerAppleID, e.GraphicalSessionID = full.SourceAddress, full.ViewerAppleID, full.GraphicalSessionID
		e.ExistingSession = full.ExistingSession
		if e.Which == es.KindScreenSharingDetach {
			e.Username, e.ExistingSession = "", false
		}
	default:
		e.GraphicalSessionID = full.GraphicalSessionID
	}
}
