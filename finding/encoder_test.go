package finding_test

import (
	"testing"
	"unsafe"

	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"pgregory.net/rapid"
)

// An encoder writes what Append writes, whatever it wrote before: here all executions claim to be the same one, and their
// strings lie in a buffer that is written over for the next.
func TestEncoderWritesWhatAppendWrites(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var (
			e    finding.Encoder
			buf  []byte
			room [1 << 10]byte
		)
		for range rapid.IntRange(1, 8).Draw(rt, "findings") {
			f := findingtest.Draw(rt)
			for _, p := range []*finding.Process{f.Reported, f.Actor} {
				if p == nil {
					continue
				}
				p.PID, p.PIDVersion = 1, 1
				if n := copy(room[:], rapid.SampledFrom([]string{p.Path, "/bin/cp", "/bin/mv"}).Draw(rt, "path")); n > 0 {
					p.Path = unsafe.String(&room[0], n)
				}
			}
			want := string(finding.Append(nil, f))
			for range 2 {
				if buf = e.Append(buf[:0], f); string(buf) != want {
					rt.Fatalf("wrote\n%s\nwant\n%s", buf, want)
				}
			}
		}
	})
}

// An execution that is met for the first time costs the copy of its strings; nothing else is allocated.
func TestEncoderAllocates(t *testing.T) {
	var (
		e   finding.Encoder
		buf []byte
	)
	f := full()
	another := func() {
		f.Actor.PIDVersion++
		buf = e.Append(buf[:0], f)
	}
	for range 1000 {
		another()
	}
	if n := testing.AllocsPerRun(1000, another); n > 1 {
		t.Errorf("a line about an execution that was not met before allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { buf = e.Append(buf[:0], f) }); n != 0 {
		t.Errorf("a line about known executions allocates %v times", n)
	}
}
