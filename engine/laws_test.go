package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// step is one input of an engine; one field is set.
type step struct {
	header    *es.Header
	snapshot  *es.Snapshot
	gap       *es.Gap
	message   *es.Message
	watermark es.Time
}

func (s *step) feed(e *engine.Engine) {
	switch {
	case s.header != nil:
		e.Begin(s.header)
	case s.snapshot != nil:
		e.Snapshot(s.snapshot)
	case s.gap != nil:
		e.Gap(s.gap)
	case s.message != nil:
		e.Add(s.message)
	default:
		e.Advance(s.watermark)
	}
}

// stepsOf is a recording as an engine takes it.
func stepsOf(r *scenario.Result) []step {
	var l []step
	if r.Header != nil {
		l = append(l, step{header: r.Header})
	}
	if r.Snapshot != nil {
		l = append(l, step{snapshot: r.Snapshot})
	}
	for _, m := range r.Messages {
		l = append(l, step{message: m})
	}
	return l
}

// everything is what an engine can be asked to tell.
var everything = engine.Options{Events: true, Processes: true, Reads: true, Send: true}

// answer is all that an engine says to an input: its findings as bytes, and its summary.
type answer struct {
	lines   []byte
	summary engine.Summary
}

// ask runs steps through an engine that is saved and restored after each step whose index is in cuts.
func ask(t fataler, steps []step, cuts ...int) answer {
	t.Helper()
	var a answer
	emit := func(f *finding.Finding) { a.lines = append(finding.Append(a.lines, f), '\n') }
	e := engine.New(everything, emit)
	sort.Ints(cuts)
	for i := range steps {
		steps[i].feed(e)
		for len(cuts) > 0 && cuts[0] == i {
			cuts = cuts[1:]
			var b bytes.Buffer
			if err := e.Save(&b); err != nil {
				t.Fatalf("save: %v", err)
			}
			var err error
			if e, err = engine.Restore(&b, everything, emit); err != nil {
				t.Fatalf("restore: %v", err)
			}
		}
	}
	e.Drain()
	a.summary = e.Summary()
	return a
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// same holds two answers to be one, and shows the first line in which they differ.
func same(t fataler, what string, a, b answer) {
	t.Helper()
	la, lb := strings.Split(string(a.lines), "\n"), strings.Split(string(b.lines), "\n")
	for i := range max(len(la), len(lb)) {
		var x, y string
		if i < len(la) {
			x = la[i]
		}
		if i < len(lb) {
			y = lb[i]
		}
		if x != y {
			n := 0
			for n < min(len(x), len(y)) && x[n] == y[n] {
				n++
			}
			near := func(s string) string { return s[max(0, min(n, len(s))-150):min(len(s), n+150)] }
			t.Fatalf("%s: line %d of %d and %d differs\n%.150s …\n… %s\n… %s", what, i+1, len(la)-1, len(lb)-1, x, near(x), near(y))
		}
	}
	if diff := cmp.Diff(a.summary, b.summary); diff != "" {
		t.Fatalf("%s: the summaries differ:\n%s", what, diff)
	}
}

// recordings are the scripts that the laws are held over.
func recordings(t testing.TB) []*scenario.Script {
	t.Helper()
	l := scripts(t)
	more, err := filepath.Glob("../internal/scenario/testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range more {
		text, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Parse(filepath.Base(n), string(text))
		if err != nil {
			t.Fatal(err)
		}
		l = append(l, s)
	}
	return l
}

// drawRecording draws a script and the ways in which it is recorded badly.
func drawRecording(t *rapid.T, l []*scenario.Script) *scenario.Result {
	s := rapid.SampledFrom(l).Draw(t, "script")
	rates := rapid.SampledFrom([]float64{0, 0, 0.02, 0.2})
	r, err := scenario.Build(s, scenario.Options{
		Bare:       rapid.Bool().Draw(t, "bare"),
		Loss:       scenario.Loss{Rate: rates.Draw(t, "loss"), Seed: rapid.Uint64().Draw(t, "loss seed")},
		Duplicate:  scenario.Duplicate{Rate: rates.Draw(t, "twice"), Seed: rapid.Uint64().Draw(t, "twice seed")},
		Retries:    scenario.Rate{Rate: rates.Draw(t, "retries"), Seed: rapid.Uint64().Draw(t, "retries seed")},
		Noise:      scenario.Noise{Ratio: rates.Draw(t, "noise"), Seed: rapid.Uint64().Draw(t, "noise seed")},
		Start:      scenario.Start{Message: rapid.Uint64Range(0, 30).Draw(t, "start"), NoSnapshot: rapid.Bool().Draw(t, "no snapshot")},
		Subscribed: rapid.SampledFrom([]string{"", "", "close only", "edr"}).Draw(t, "subscribed"),
	})
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return r
}

// shuffled delays every message by less than a reorder window of its own time, which is mach_time's: the wall clock of a
// script may be set, and its Mac may sleep. Nothing is moved from one boot to another.
func shuffled(r *scenario.Result, seed uint64) []*es.Message {
	const tick = 125.0 / 3 // ns: scenarios happen on Apple silicon
	rnd := rand.New(rand.NewPCG(seed, 1))
	type arrival struct {
		m  *es.Message
		at float64
	}
	var l []arrival
	var boot, last float64
	for _, m := range r.Messages {
		at := float64(m.MachTime) * tick
		if at < last-60e9 {
			boot += 1e18
		}
		last = at
		l = append(l, arrival{m, boot + at + rnd.Float64()*199e6})
	}
	sort.SliceStable(l, func(i, j int) bool { return l[i].at < l[j].at })
	out := make([]*es.Message, len(l))
	for i := range l {
		out[i] = l[i].m
	}
	return out
}

// withWatermarks puts a watermark behind about every n-th message.
func withWatermarks(steps []step, n int) []step {
	var l []step
	var newest es.Time
	for i, s := range steps {
		l = append(l, s)
		if s.message != nil {
			newest = max(newest, s.message.Time)
			if i%n == 0 {
				l = append(l, step{watermark: newest})
			}
		}
	}
	return l
}

// A run that is cut anywhere, saved, restored and continued writes the bytes of one that was not cut.
func TestCutAnywhereWritesTheSameBytes(t *testing.T) {
	l := recordings(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecording(t, l)
		r.Messages = shuffled(r, rapid.Uint64().Draw(t, "order"))
		steps := withWatermarks(stepsOf(r), rapid.IntRange(5, 50).Draw(t, "watermarks"))
		if len(steps) == 0 {
			return
		}
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(steps)-1), 1, 4).Draw(t, "cuts")
		same(t, fmt.Sprintf("%s, whole and cut", r.Name), ask(t, steps), ask(t, steps, cuts...))
	})
}

// Inside the reorder window the order of arrival does not matter, and what comes twice counts once.
func TestOrderOfArrivalDoesNotMatterToFindings(t *testing.T) {
	l := recordings(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecording(t, l)
		inOrder := ask(t, stepsOf(r))
		r.Messages = shuffled(r, rapid.Uint64().Draw(t, "order"))
		moved := ask(t, stepsOf(r))
		same(t, fmt.Sprintf("%s, in order and shuffled", r.Name), inOrder, moved)
	})
}

// The same messages give the same bytes whatever the scheduler does, in engines that run side by side.
func TestSameBytesAtEveryGOMAXPROCS(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, s := range recordings(t) {
		r, err := scenario.Build(s, scenario.Options{
			Noise: scenario.Noise{Ratio: 0.5, Seed: 7}, Loss: scenario.Loss{Rate: 0.01, Seed: 7}, Duplicate: scenario.Duplicate{Rate: 0.05, Seed: 7},
		})
		if err != nil {
			t.Fatal(err)
		}
		steps := withWatermarks(stepsOf(r), 20)
		var first *answer
		for _, procs := range processors {
			runtime.GOMAXPROCS(procs)
			answers := make([]answer, 3)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() { answers[i] = ask(t, steps) })
			}
			wg.Wait()
			for _, a := range answers {
				if first == nil {
					first = &a
				}
				same(t, fmt.Sprintf("%s, GOMAXPROCS %d", s.Name, procs), *first, a)
			}
		}
		if len(first.lines) == 0 {
			t.Errorf("%s: no findings to compare", s.Name)
		}
	}
}

// An engine keeps nothing of a message but copies: a decoder that overwrites its memory changes no byte.
func TestMessagesAreCopied(t *testing.T) {
	for _, s := range recordings(t) {
		r, err := scenario.Build(s, scenario.Options{Noise: scenario.Noise{Ratio: 0.2, Seed: 3}, Loss: scenario.Loss{Rate: 0.02, Seed: 3}})
		if err != nil {
			t.Fatal(err)
		}
		var kept, lent answer
		d, keeps := eslogger.NewDecoder(), eslogger.NewDecoder()
		keeps.Batch = true
		whole := engine.New(everything, func(f *finding.Finding) { kept.lines = append(finding.Append(kept.lines, f), '\n') })
		poor := engine.New(everything, func(f *finding.Finding) { lent.lines = append(finding.Append(lent.lines, f), '\n') })
		var value []byte
		for _, m := range shuffled(r, 5) {
			value = eslogger.Append(value[:0], m)
			var own, borrowed es.Message
			if err := keeps.Decode(value, &own); err != nil {
				t.Fatal(err)
			}
			if err := d.Decode(value, &borrowed); err != nil {
				t.Fatal(err)
			}
			whole.Add(&own)
			poor.Add(&borrowed)
			for i := range value {
				value[i] = '#'
			}
		}
		whole.Drain()
		poor.Drain()
		kept.summary, lent.summary = whole.Summary(), poor.Summary()
		same(t, s.Name+", kept and lent", kept, lent)
	}
}

// drawSoup draws an input that no Mac gives: any event, any process, few names and numbers, so that they meet.
func drawSoup(t *rapid.T) []step {
	rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	// Two thirds of the soups have stamps and numbers that rise, so that more than the first rooms are reached.
	orderly := rnd.IntN(3) > 0
	wall := es.Time(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).UnixNano())
	now := wall
	var l []step
	for i := range rapid.IntRange(1, 300).Draw(t, "messages") {
		switch rnd.IntN(60) {
		case 0:
			l = append(l, step{watermark: now.Add(time.Duration(rnd.IntN(5000)) * time.Millisecond)})
		case 1:
			h := &es.Header{Boot: []string{"", "A", "B"}[rnd.IntN(3)], Client: []string{"", "1", "2"}[rnd.IntN(3)]}
			l = append(l, step{header: h})
		case 2:
			s := &es.Snapshot{Time: now}
			soup(rnd, reflect.ValueOf(s).Elem(), 0)
			l = append(l, step{snapshot: s})
		case 3:
			l = append(l, step{gap: &es.Gap{From: wall, To: now, Why: "lost"}})
		}
		m := &es.Message{Event: newEvent(rnd)}
		soup(rnd, reflect.ValueOf(m).Elem(), 0)
		soup(rnd, reflect.ValueOf(m.Event).Elem(), 0)
		if orderly {
			now = now.Add(time.Duration(rnd.IntN(20_000_000)))
			m.Time, m.MachTime, m.GlobalSeqNum = now, uint64(now-wall)+1e12, uint64(i)
		}
		l = append(l, step{message: m})
	}
	return l
}

// events are one empty event of each Go type.
var events = []es.Event{
	&es.Fork{}, &es.Exec{}, &es.Exit{}, &es.Signal{}, &es.RemoteThreadCreate{}, &es.Trace{}, &es.CSInvalidated{}, &es.Open{}, &es.Close{},
	&es.Create{}, &es.Write{}, &es.Truncate{}, &es.MMap{}, &es.Rename{}, &es.Unlink{}, &es.Link{}, &es.Clone{}, &es.Copyfile{},
	&es.ExchangeData{}, &es.SetMode{}, &es.SetOwner{}, &es.SetFlags{}, &es.SetACL{}, &es.UTimes{}, &es.XPCConnect{},
	&es.BootstrapLookUp{}, &es.BootstrapCheckIn{}, &es.UIPCConnect{}, &es.Authentication{}, &es.FileProviderMaterialize{},
	&es.FileProviderUpdate{}, &es.BTMLaunchItemAdd{}, &es.TCCModify{}, &es.GatekeeperUserOverride{}, &es.Other{},
	&es.GetTask{Which: es.KindGetTask}, &es.SetID{Which: es.KindSetUID}, &es.ExtAttr{Which: es.KindSetExtAttr},
	&es.ExtAttr{Which: es.KindDeleteExtAttr}, &es.Mount{Which: es.KindMount}, &es.Mount{Which: es.KindUnmount},
	&es.Session{Which: es.KindOpenSSHLogin}, &es.Session{Which: es.KindLWSessionLogin}, &es.Become{Which: es.KindSudo},
	&es.Session{Which: es.KindScreenSharingAttach},
}

func newEvent(rnd *rand.Rand) es.Event {
	like := reflect.ValueOf(events[rnd.IntN(len(events))]).Elem()
	e := reflect.New(like.Type())
	e.Elem().Set(like)
	return e.Interface().(es.Event)
}

// names meet on purpose: documents, temporary names, trash, bundles, volumes, starters, what is no path at all.
var names = []string{
	"", "/", "/Users/alice/a.txt", "/Users/alice/b.txt", "/Users/alice", "/Users/alice/.Trash/a.txt", "/Volumes/USB/a.txt",
	"/Volumes/USB", "a.txt", "b.txt", ".a.txt.sb-1234abcd-XyZ123", "/Users/alice/Downloads/x.download/x", "/usr/libexec/xpcproxy",
	"/sbin/launchd", "/bin/cp", "/bin/zsh", "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder", "com.apple.quarantine",
	"com.apple.finder", "com.apple.xpc.proxy", "/System/Volumes/Data/Users/alice/a.txt", "../..", "\xff\xfe", "a\x1b[31m\n",
	"/usr/bin/sudo", "/usr/sbin/sshd", "apfs", "exfat", "alice",
}

// soup fills a value from few strings and small or extreme numbers.
func soup(rnd *rand.Rand, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i).Name; f != "Which" && f != "Event" {
				soup(rnd, v.Field(i), depth+1)
			}
		}
	case reflect.Pointer:
		if rnd.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			soup(rnd, v.Elem(), depth+1)
		}
	case reflect.Slice:
		n := rnd.IntN(4)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			soup(rnd, v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			soup(rnd, v.Index(i), depth+1)
		}
	case reflect.String:
		v.SetString(names[rnd.IntN(len(names))])
	case reflect.Bool:
		v.SetBool(rnd.IntN(4) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		if rnd.IntN(40) == 0 {
			v.SetInt(int64(rnd.Uint64()) >> (64 - v.Type().Bits()))
			return
		}
		v.SetInt([]int64{0, 1, 1, 2, 3, 100, 101, 501, -1}[rnd.IntN(9)])
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if rnd.IntN(40) == 0 {
			v.SetUint(rnd.Uint64() >> (64 - v.Type().Bits()))
			return
		}
		v.SetUint([]uint64{0, 1, 2, 3, 4, 100, 501, 0o100644, 0o040755}[rnd.IntN(9)] & (1<<(v.Type().Bits()-1) - 1))
	}
}

// Whatever comes, an engine answers: it does not panic, its summary balances, its lines are the same when it is cut and
// when it runs again.
func TestSoup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := drawSoup(t)
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(steps)-1), 1, 3).Draw(t, "cuts")
		first := ask(t, steps)
		if !first.summary.Balanced() {
			t.Errorf("the summary does not balance: %+v", first.summary)
		}
		same(t, "twice", first, ask(t, steps))
		same(t, "whole and cut", first, ask(t, steps, cuts...))
	})
}

// Messages of ascribe itself leave no trace but a count: no gap where their numbers were.
func TestOwnMessagesLeaveNoGap(t *testing.T) {
	for _, s := range recordings(t) {
		r, err := scenario.Build(s, scenario.Options{})
		if err != nil {
			t.Fatal(err)
		}
		root := r.Messages[len(r.Messages)/2].Process
		if root.AuditToken.PID == es.LaunchdPID {
			continue
		}
		own := map[es.Life]bool{{PID: root.AuditToken.PID, StartTime: root.StartTime}: true}
		var want uint64
		for _, m := range r.Messages {
			if own[es.Life{PID: m.Process.AuditToken.PID, StartTime: m.Process.StartTime}] {
				want++
				if f, is := m.Event.(*es.Fork); is {
					own[es.Life{PID: f.Child.AuditToken.PID, StartTime: f.Child.StartTime}] = true
				}
			}
		}
		e := engine.New(everything, func(f *finding.Finding) {
			if f.Kind == finding.KindEvent && f.Reported != nil && own[es.Life{PID: f.Reported.PID, StartTime: f.Reported.StartTime}] {
				t.Errorf("%s: told of event %d of its own", s.Name, f.Seq)
			}
		})
		e.Begin(&es.Header{Own: []es.Life{{PID: root.AuditToken.PID, StartTime: root.StartTime}}})
		for _, x := range stepsOf(r) {
			x.feed(e)
		}
		e.Drain()
		if sum := e.Summary(); sum.Own != want || sum.Gaps != 0 || !sum.Balanced() {
			t.Errorf("%s: %d of its own, want %d; %d gaps; balanced %v", s.Name, sum.Own, want, sum.Gaps, sum.Balanced())
		}
	}
}
