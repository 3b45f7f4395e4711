package pipeline

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/finding"
)

// idle is an engine that does nothing.
type idle struct{}

func (idle) Begin(*es.Header)      {}
func (idle) Snapshot(*es.Snapshot) {}
func (idle) Gap(*es.Gap)           {}
func (idle) Fact(*es.Fact)         {}
func (idle) Add(*es.Message)       {}
func (idle) Advance(es.Time)       {}
func (idle) Drain()                {}

// day is a recording of ordinary lines.
func day(lines int) string {
	var b strings.Builder
	stat := es.Stat{Dev: 16777234, Mode: 0o100644, Nlink: 1, Ino: 1152921500312606511, UID: 501, GID: 20, Size: 90210, BlkSize: 4096, Blocks: 184}
	var line []byte
	for i := range lines {
		at := es.Time(1_772_359_200_000_000_000 + int64(i)*50_000)
		stat.ATime, stat.MTime, stat.CTime, stat.BirthTime = at, at-1e9, at-1e9, at-9e12
		token := es.AuditToken{PID: int32(700 + i%50), PIDVersion: uint32(9000 + i%50), AUID: 501, EUID: 501, RUID: 501, EGID: 20, RGID: 20, ASID: 100019}
		m := es.Message{
			Version: 7, Time: at, MachTime: uint64(i)*1200 + 1e9, SeqNum: uint64(i), GlobalSeqNum: uint64(i), ThreadID: 4711,
			Process: es.Process{
				AuditToken: token, ParentAuditToken: es.AuditToken{PID: 1, PIDVersion: 1}, ResponsibleAuditToken: token,
				PPID: 1, OriginalPPID: 1, CSValidationCategory: -1, SigningID: "com.apple.finder", IsPlatformBinary: true,
				Executable: es.File{Path: "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder", Stat: stat}, StartTime: 1_772_300_000_000_000_000,
			},
			Event: &es.Close{Target: es.File{Path: "/Users/alice/Library/Caches/com.apple.finder/" + string(rune('a'+i%26)) + "/data.db", Stat: stat}, Modified: i%3 == 0},
		}
		line = eslogger.Options{Shuffle: 7}.Append(line[:0], &m)
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// BenchmarkRun is reading alone: what the pipeline leaves for the engine.
func BenchmarkRun(b *testing.B) {
	in := day(20_000)
	for _, procs := range []int{1, 2} {
		b.Run(map[int]string{1: "one-core", 2: "two-cores"}[procs], func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				sum, err := Run(context.Background(), []Input{Stream("-", strings.NewReader(in))}, Options{
					New:  func(string, func(*finding.Finding)) Engine { return idle{} },
					Sink: func(*finding.Finding) error { return nil },
				})
				if err != nil || sum.Messages != 20_000 {
					b.Fatal(sum, err)
				}
			}
		})
	}
	b.Run("decode-alone", func(b *testing.B) {
		lines := strings.SplitAfter(strings.TrimSpace(in), "\n")
		raw := make([][]byte, len(lines))
		for i, l := range lines {
			raw[i] = append(make([]byte, 0, len(l)+eslogger.Padding), l...)
		}
		b.SetBytes(int64(len(in)))
		d := eslogger.NewDecoder()
		var m es.Message
		for b.Loop() {
			for _, l := range raw {
				if err := d.Decode(l, &m); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	_ = io.Discard
}
