package engine

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// Where there is no room for more, files are forgotten and operations are told early, each is counted and none is lost; and a
// run that was cut there goes on as if it had not been.
func TestWithoutRoomForMore(t *testing.T) {
	const n = 20_000
	s, err := scenario.Parse("script", fmt.Sprintf(`user alice 501 console
app Finder com.apple.finder of alice
folder /Users/alice/P of alice, with %d files
wait 70s
Finder deletes /Users/alice/P
`, n))
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := r.Messages[len(r.Messages)-1]
	for _, m := range r.Messages { // all in less time than a draft waits
		if back := last.Time - m.Time; back < es.Time(60*time.Second) {
			m.Time, m.MachTime = last.Time-back/1000, last.MachTime-(last.MachTime-m.MachTime)/1000
		}
	}
	run := func(room int, cut ...int) (out []byte, early bool, sum Summary) {
		take := func(f *finding.Finding) {
			out = append(finding.Append(out, f), '\n')
			early = early || slices.Contains(f.Caveats, finding.CaveatSettledEarly)
		}
		e := New(Options{}, take)
		e.room = room
		e.Begin(r.Header)
		for i, m := range r.Messages {
			if slices.Contains(cut, i) {
				var saved bytes.Buffer
				if err := e.Save(&saved); err != nil {
					t.Fatal(err)
				}
				if e, err = Restore(&saved, Options{}, take); err != nil {
					t.Fatal(err)
				}
				e.room = room
			}
			e.Add(m)
		}
		e.Drain()
		sum = e.Summary()
		if !sum.Balanced() {
			t.Errorf("the summary does not balance: %+v", sum.Ledger)
		}
		return out, early, sum
	}
	_, early, free := run(mostMemory)
	if early || free.Files.Evicted > 0 || free.Drafts.Most < n || free.Lineage.Held != 0 {
		t.Errorf("with room enough: settled early %t, %d files forgotten, %d drafts at most", early, free.Files.Evicted, free.Drafts.Most)
	}
	// 25 MiB is about the least that is kept for each; with 28 it is full in the midst.
	for _, room := range []int{0, 28 << 20} {
		whole, early, sum := run(room)
		if !early || sum.Files.Evicted == 0 || sum.Files.EvictedRetained > 0 || sum.Drafts.Most >= n || sum.Drafts.Early == 0 || sum.Lineage.Held == 0 {
			t.Errorf("room for %d bytes: settled early %t, files %+v, drafts %+v", room, early, sum.Files, sum.Drafts)
		}
		m := len(r.Messages)
		if cut, _, _ := run(room, m/4, m/2, m-100); !bytes.Equal(whole, cut) {
			t.Errorf("room for %d bytes: cut, it writes %d bytes, not %d", room, len(cut), len(whole))
		}
	}
}
