package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"
)

func troubles(s Summary) (out []string) {
	for _, d := range s.Diagnostics {
		out = append(out, fmt.Sprint(d.Trouble, " ", d.Input))
	}
	return out
}

func TestMergeParts(t *testing.T) {
	// Parts of one stream, in any order, are the stream.
	var parts []Input
	var whole strings.Builder
	seq := uint64(0)
	for i := range 5 {
		var part strings.Builder
		for range 100 {
			part.WriteString(msg(seq, 1000+7*seq, "x"))
			seq++
		}
		whole.WriteString(part.String())
		parts = append(parts, text(fmt.Sprint("part", i), part.String()))
	}
	want := runWith(t, Options{}, text("whole", whole.String()))
	got := runWith(t, Options{}, parts[3], parts[0], parts[4], parts[2], parts[1])
	if diff := cmp.Diff(want.log, got.log); diff != "" {
		t.Error(diff)
	}
	if got.sum.Told != 0 {
		t.Errorf("%+v", got.sum.Diagnostics)
	}
}

func TestMergeRotated(t *testing.T) {
	a := begin("mac", "b1", "c1") + msg(1, 100, "a") + msg(2, 200, "a")
	b := begin("mac", "b1", "c1") + msg(3, 300, "b") + msg(4, 400, "b")
	// The next boot's mach_time begins anew; its wall time was set back, but stays behind the first's.
	c := begin("mac", "b2", "c2") + msg(0, 500, "c")
	other := begin("pc", "b9", "c9") + msg(7, 150, "d")
	wants(t, runWith(t, Options{}, text("c", c), text("other", other), text("b", b), text("a", a)), `
mac: begin mac/b1/c1 5
mac: 1.100 a place 1
mac: 2.200 a place 2
mac: begin mac/b1/c1 5
mac: 3.300 b place 3
mac: 4.400 b place 4
mac: begin mac/b2/c2 5
mac: 0.500 c place 5
mac: drain
pc: begin pc/b9/c9 5
pc: 7.150 d place 1
pc: drain`)
}

func TestMergeOverlap(t *testing.T) {
	// One client, two copies that overlap: what both have comes twice, side by side.
	a := msg(1, 100, "a") + msg(2, 200, "a") + msg(3, 300, "a") + msg(4, 400, "a")
	b := msg(3, 300, "b") + msg(4, 400, "b") + msg(5, 500, "b")
	r := runWith(t, Options{}, text("b", b), text("a", a))
	wants(t, r, `
: 1.100 a place 1
: 2.200 a place 2
: 3.300 a place 3
: 3.300 b place 4
: 4.400 a place 5
: 4.400 b place 6
: 5.500 b place 7
: drain`)
}

func TestMergeHeadless(t *testing.T) {
	// A copy of a recording's second half, cut off without its begin line: of another host, and so told, until --host says
	// which. Then its messages are of the boot and client whose numbers they fit into.
	a := begin("mac", "b1", "c1") + msg(1, 100, "a") + msg(2, 200, "a") + msg(3, 300, "a")
	b := msg(2, 200, "b") + msg(3, 300, "b") + msg(4, 400, "b")
	r := runWith(t, Options{}, text("b", b), text("a", a))
	if diff := cmp.Diff([]string{"nameless b"}, troubles(r.sum)); diff != "" {
		t.Error(diff)
	}
	r = runWith(t, Options{Host: "mac"}, text("b", b), text("a", a))
	wants(t, r, `
mac: begin mac/b1/c1 5
mac: 1.100 a place 1
mac: 2.200 a place 2
mac: 2.200 b place 3
mac: 3.300 a place 4
mac: 3.300 b place 5
mac: 4.400 b place 6
mac: drain`)
	if r.sum.Told != 0 {
		t.Errorf("%+v", r.sum.Diagnostics)
	}
}

func TestMergeClients(t *testing.T) {
	// Two recorders at once, as one for exec and one for close: their numbers show that they are two.
	a1 := msg(0, 100, "a1") + msg(1, 200, "a1") + msg(2, 300, "a1")
	b1 := msg(0, 150, "b1") + msg(1, 250, "b1")
	a2 := msg(3, 400, "a2") + msg(4, 600, "a2")
	b2 := msg(2, 500, "b2")
	r := runWith(t, Options{}, text("a1", a1), text("a2", a2), text("b1", b1), text("b2", b2))
	wants(t, r, `
: begin //1 0
: 0.100 a1 place 1
: begin //2 0
: 0.150 b1 place 2
: begin //1 0
: 1.200 a1 place 3
: begin //2 0
: 1.250 b1 place 4
: begin //1 0
: 2.300 a1 place 5
: 3.400 a2 place 6
: begin //2 0
: 2.500 b2 place 7
: begin //1 0
: 4.600 a2 place 8
: drain`)
	// With headers the clients have names.
	r = runWith(t, Options{}, text("b", begin("m", "b", "two")+b1), text("a", begin("m", "b", "one")+a1))
	wants(t, r, `
m: begin m/b/one 5
m: 0.100 a1 place 1
m: begin m/b/two 5
m: 0.150 b1 place 2
m: begin m/b/one 0
m: 1.200 a1 place 3
m: begin m/b/two 0
m: 1.250 b1 place 4
m: begin m/b/one 0
m: 2.300 a1 place 5
m: drain`)
	// Two that began late: only where they overlap does it show.
	a := msg(10, 100, "a") + msg(11, 200, "a")
	b := msg(90, 150, "b") + msg(91, 250, "b")
	r = runWith(t, Options{}, text("a", a), text("b", b))
	wants(t, r, `
: 10.100 a place 1
: begin //2 0
: 90.150 b place 2
: begin //1 0
: 11.200 a place 3
: begin //2 0
: 91.250 b place 4
: drain`)
}

func TestMergeOtherBoot(t *testing.T) {
	// Two boots of one host cannot be at the same time: a clock was set, or they are two hosts.
	const day = 86_400_000_000_000
	a := msgAt(1, day, 100, "a") + msgAt(2, day+100, 200, "a") + msgAt(3, day+200, 300, "a")
	b := msgAt(1, 1000, 150, "b") + msgAt(2, 1100, 250, "b")
	r := runWith(t, Options{}, text("b", b), text("a", a))
	wants(t, r, `
: begin //1 0
: 1.86400000000000 a place 1
: 2.86400000000100 a place 2
: 3.86400000000200 a place 3
: begin //2 0
: 1.1000 b place 4
: 2.1100 b place 5
: drain`)
	if diff := cmp.Diff([]string{"overlap b"}, troubles(r.sum)); diff != "" {
		t.Error(diff)
	}
}

func TestMergeWatermarks(t *testing.T) {
	// A watermark says nothing about the other inputs.
	base := int64(1_772_359_200_000_000_000)
	a := msg(1, 100, "a") + mark900(base+900) + msg(3, 1000, "a")
	b := msg(2, 500, "b") + mark900(base+600) + msg(4, 2000, "b")
	wants(t, runWith(t, Options{}, text("a", a), text("b", b)), fmt.Sprintf(`
: 1.100 a place 1
: advance %d
: 2.500 b place 2
: advance %d
: 3.1000 a place 3
: 4.2000 b place 4
: drain`, base+500, base+600))
}

func mark900(t int64) string {
	return fmt.Sprintf(`{"schema":"ascribe.recording/1","kind":"watermark","time":"2026-03-01T10:00:00.%09dZ"}`, t-1_772_359_200_000_000_000) + "\n"
}

func TestMergeMany(t *testing.T) {
	// More overlapping inputs than are merged at a time: the rest comes after, and is told.
	var inputs []Input
	for i := range uint64(maxMerged + 3) {
		inputs = append(inputs, text(fmt.Sprint("in", i), begin("m", "b", fmt.Sprint(i))+msg(0, i, "x")+msg(1, 5000, "x")))
	}
	r := runWith(t, Options{}, inputs...)
	if diff := cmp.Diff([]string{"overlap in64", "overlap in65", "overlap in66"}, troubles(r.sum)); diff != "" || r.sum.Messages != 2*(maxMerged+3) || r.err != nil {
		t.Errorf("%d messages, %v: %s", r.sum.Messages, r.err, diff)
	}
}

func TestMergeOddInputs(t *testing.T) {
	// Empty, without messages, not compressed as it says: nothing stops the others.
	r := runWith(t, Options{}, text("empty", ""), text("junk", "nothing here\n"), text("xz", "\xfd7zXZ\x00"),
		text("header", begin("", "", "")), text("a", msg(1, 1, "a")))
	wants(t, r, ": begin // 5\n: 1.1 a place 1\n: drain")
	if diff := cmp.Diff([]string{"unreadable junk", "cut xz"}, troubles(r.sum)); diff != "" {
		t.Error(diff)
	}
}

// TestMergeProperty: however a recording is cut into overlapping files, and in whatever order they are given, what comes
// out, duplicates aside, is the recording.
func TestMergeProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(rt, "messages")
		lines := make([]string, n)
		mach := uint64(1000)
		for i := range lines {
			mach += uint64(rapid.IntRange(1, 50).Draw(rt, "step"))
			lines[i] = msg(uint64(i)+5, mach, "x")
		}
		head := ""
		if rapid.Bool().Draw(rt, "header") {
			head = begin("mac", "b", "c")
		}
		want := runWith(t, Options{}, text("whole", head+strings.Join(lines, "")))
		var inputs []Input
		for from := 0; from < n; {
			to := rapid.IntRange(from+1, n).Draw(rt, "to")
			begin := max(0, from-rapid.IntRange(0, 40).Draw(rt, "overlap"))
			in := head + strings.Join(lines[begin:to], "")
			if rapid.Bool().Draw(rt, "gzip") {
				var b bytes.Buffer
				w := gzip.NewWriter(&b)
				_, _ = io.WriteString(w, in)
				_ = w.Close()
				in = b.String()
			}
			inputs = append(inputs, text(fmt.Sprint(begin), in))
			from = to
		}
		inputs = rapid.Permutation(inputs).Draw(rt, "order")
		if rapid.Bool().Draw(rt, "stream") {
			inputs[0].Again = false
		}
		got := runWith(t, Options{}, inputs...)
		if a, b := unique(want.log), unique(got.log); a != b || got.err != nil || got.sum.Told != 0 {
			rt.Fatalf("%v %v\n%s", got.err, got.sum.Diagnostics, cmp.Diff(a, b))
		}
	})
}

// unique is a log without repeated lines and places.
func unique(log string) string {
	var out []string
	seen := map[string]bool{}
	for _, line := range strings.Split(log, "\n") {
		line, _, _ = strings.Cut(line, " place ")
		if !seen[line] {
			seen[line] = true
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func TestMixed(t *testing.T) {
	var hosts, clients, boots, fine strings.Builder
	for i := range uint64(50) {
		hosts.WriteString(launchd(i, 1000+i, 7) + msg(i+1, 1000+i, "a") + launchd(500_000+i, 900_000_000_000+i, 99))
		clients.WriteString(msg(i, 1000+2*i, "a") + msg(500_000+i, 1001+2*i, "b"))
		fine.WriteString(launchd(i^1, 1000+i, 7))
	}
	boots.WriteString(launchd(900_000, 900_000_000_000, 7) + launchd(0, 5, 99) + msg(1, 6, "a") + launchd(2, 7, 99))
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"hosts", hosts.String(), []string{"mixed-hosts hosts"}},
		{"clients", clients.String(), []string{"mixed-clients clients"}},
		{"boots", boots.String(), nil},
		{"fine", fine.String(), nil},
	} {
		r := runWith(t, Options{}, text(c.name, c.in))
		if diff := cmp.Diff(c.want, troubles(r.sum)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
