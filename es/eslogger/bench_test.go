package eslogger

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"ascribe.example/es"
	"ascribe.example/internal/bench/plain"
)

// mix writes lines as a busy Mac does: a few hundred programs, file events in folders that repeat, one exec and fork in
// twenty, key order shuffled, about 2.3 KB a line.
func mix(n int) [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	programs := make([]es.Process, 300)
	for i := range programs {
		programs[i] = program(r, i)
	}
	lines := make([][]byte, n)
	clock := es.Time(1_772_000_000_000_000_000)
	var buf []byte
	for i := range lines {
		clock += es.Time(r.IntN(2_000_000))
		m := &es.Message{
			Version: 10, Time: clock, MachTime: uint64(clock) / 41, SeqNum: uint64(i / 3), GlobalSeqNum: uint64(i),
			ThreadID: r.Uint64N(1e7), Process: programs[r.IntN(len(programs))],
		}
		m.Event = mixEvent(r, programs, clock)
		start := len(buf)
		buf = Options{Shuffle: uint64(i + 1)}.Append(buf, m)
		lines[i] = buf[start:len(buf):len(buf)]
		buf = append(buf, '\n')
	}
	// One block with its padding, as a reader hands it out.
	block := make([]byte, 0, len(buf)+Padding)
	for i := range lines {
		start := len(block)
		block = append(append(block, lines[i]...), '\n')
		lines[i] = block[start : len(block)-1]
	}
	return lines
}

func program(r *rand.Rand, i int) es.Process {
	var hash es.CDHash
	for j := range hash {
		hash[j] = byte(r.IntN(256))
	}
	user := uint32(501)
	if i%3 == 0 {
		user = 0
	}
	p := es.Process{
		AuditToken: es.AuditToken{
			AUID: es.Unset, EUID: user, EGID: 20, RUID: user, RGID: 20, PID: int32(100 + i*37), ASID: 100019, PIDVersion: uint32(3000 + i*91),
		},
		PPID: 1, OriginalPPID: 1, GroupID: int32(100 + i*37), SessionID: 1, CodesigningFlags: 570522385,
		CSValidationCategory: 1, IsPlatformBinary: true, CDHash: hash, SigningID: fmt.Sprintf("com.example.program%d", i),
		Executable: file(r, fmt.Sprintf("/Applications/Program %d.app/Contents/MacOS/Program %d", i, i)),
		StartTime:  es.Time(1_771_000_000_000_000_000 + r.Int64N(1e15)/1000*1000),
	}
	p.ParentAuditToken = es.AuditToken{AUID: es.Unset, PID: 1, ASID: 100000, PIDVersion: 3}
	p.ResponsibleAuditToken = p.AuditToken
	if i%2 == 0 {
		p.TeamID = "ABCDE12345"
	}
	if i%5 == 0 {
		tty := file(r, "/dev/ttys002")
		p.TTY = &tty
	}
	return p
}

func file(r *rand.Rand, path string) es.File {
	t := es.Time(1_700_000_000_000_000_000 + r.Int64N(7e16))
	return es.File{Path: path, Stat: es.Stat{
		Dev: 16777233, Mode: 0o100644, Nlink: 1, Ino: r.Uint64N(1e8), UID: 501, GID: 20, ATime: t, MTime: t, CTime: t,
		BirthTime: t - 1e15, Size: r.Int64N(1e7), Blocks: r.Int64N(1e4), BlkSize: 4096, Flags: 524320,
	}}
}

func mixEvent(r *rand.Rand, programs []es.Process, now es.Time) es.Event {
	folder := fmt.Sprintf("/Users/alice/Library/Caches/com.example.program%d", r.IntN(200))
	name := fmt.Sprintf("%016x.data", r.Uint64())
	f := file(r, folder+"/"+name)
	switch n := r.IntN(100); {
	case n < 35:
		return &es.Open{FFlag: 1, File: f}
	case n < 65:
		return &es.Close{Target: f, Modified: n%2 == 0}
	case n < 72:
		return &es.Create{ExistingFile: f}
	case n < 78:
		return &es.Write{Target: f}
	case n < 82:
		return &es.Rename{Source: f, DestinationType: 1, Dir: file(r, folder), Filename: name}
	case n < 86:
		return &es.Unlink{Target: f, ParentDir: file(r, folder)}
	case n < 88:
		return &es.Clone{Source: f, TargetDir: file(r, folder), TargetName: name}
	case n < 90:
		return &es.UTimes{Target: f, ATime: now, MTime: now}
	case n < 92:
		return &es.ExtAttr{Which: es.KindSetExtAttr, Target: f, Name: "com.apple.quarantine"}
	case n < 95:
		return &es.Fork{Child: programs[r.IntN(len(programs))]}
	case n < 97:
		return &es.Exit{}
	}
	return &es.Exec{
		Target: programs[r.IntN(len(programs))], DyldExecPath: "/bin/cp", CWD: file(r, folder), LastFD: 2, CPUType: 16777228,
		CPUSubtype: -2147483646, Args: []string{"cp", "-R", folder, "/tmp/x"},
		Env: []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/Users/alice", "SHELL=/bin/zsh", "TERM=xterm-256color"},
		FDs: []es.FD{{FD: 0, Type: 1}, {FD: 1, Type: 6, PipeID: 31739}, {FD: 2, Type: 1}},
	}
}

func bench(b *testing.B, decode func(line []byte) error) {
	lines := mix(10000)
	size := 0
	for _, l := range lines {
		size += len(l)
	}
	b.SetBytes(int64(size / len(lines)))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := decode(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	d := NewDecoder()
	var m es.Message
	bench(b, func(line []byte) error { return d.Decode(line, &m) })
	if s := d.Stats(); s.Fallbacks > 0 {
		b.Fatalf("%d of %d lines fell back", s.Fallbacks, s.Messages)
	}
}

func BenchmarkDecodeBatch(b *testing.B) {
	d := NewDecoder()
	d.Batch = true
	ms := make([]es.Message, 512)
	n := 0
	bench(b, func(line []byte) error {
		if n == len(ms) {
			d.Reset()
			n = 0
		}
		n++
		return d.Decode(line, &ms[n-1])
	})
}

func BenchmarkSlow(b *testing.B) {
	d := NewDecoder()
	var m es.Message
	bench(b, func(line []byte) error { return d.slow(line, &m) })
}

func BenchmarkEncodingJSON(b *testing.B) {
	bench(b, func(line []byte) error {
		_, err := plain.Decode(line)
		return err
	})
}
