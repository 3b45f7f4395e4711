package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"runtime/pprof"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
	"ascribe.example/finding"
	"ascribe.example/internal/bench/mix"
	"ascribe.example/internal/bench/plain"
	"ascribe.example/pipeline"
)

// sums are what every decoder of the bench must agree on.
type sums struct {
	lines, pids, versions, numbers, paths uint64
}

func (s sums) String() string {
	return fmt.Sprintf("lines %d pids %d pidversions %d numbers %d paths %d", s.lines, s.pids, s.versions, s.numbers, s.paths)
}

// jqSums says the same to jq.
const jqSums = `reduce inputs as $m ([0,0,0,0,0]; [.[0]+1, .[1]+$m.process.audit_token.pid, .[2]+$m.process.audit_token.pidversion,
	.[3]+$m.global_seq_num, .[4]+($m.process.executable.path|utf8bytelength)]) |
	"lines \(.[0]) pids \(.[1]) pidversions \(.[2]) numbers \(.[3]) paths \(.[4])"`

// generate writes lines of a mix until there are so many of them, or so many bytes; 0: no bound.
func generate(w io.Writer, name string, size, lines int, most int64, seed uint64) error {
	m, err := mix.New(name, size, seed)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<20)
	var line []byte
	for n, written := 0, int64(0); (lines == 0 || n < lines) && (most == 0 || written < most); n++ {
		if line = m.Append(line[:0]); len(line) == 0 {
			break
		}
		written += int64(len(line))
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("write the mix %s: %w", name, err)
		}
	}
	return out.Flush()
}

// decode decodes every line of a recording with one decoder, one message at a time.
func decode(name string, sum bool) (sums, error) {
	var s sums
	f, err := os.Open(name)
	if err != nil {
		return s, err
	}
	defer func() { _ = f.Close() }()
	splitter := recording.NewSplitter(f, 0, 0)
	d := eslogger.NewDecoder()
	var m es.Message
	var block recording.Block
	for {
		err := splitter.Fill(&block)
		for i := range block.Pieces {
			if err := d.Decode(block.Pieces[i].Raw, &m); err != nil {
				return s, fmt.Errorf("%s: %w", name, err)
			}
			s.lines++
			if sum {
				s.pids += uint64(m.Process.AuditToken.PID)
				s.versions += uint64(m.Process.AuditToken.PIDVersion)
				s.numbers += m.GlobalSeqNum
				s.paths += uint64(len(m.Process.Executable.Path))
			}
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return s, err
		}
	}
	if n := d.Stats().Fallbacks; n > 0 {
		return s, fmt.Errorf("%s: %d lines were not decoded by the fast path", name, n)
	}
	return s, nil
}

// decodePlain decodes every line of a recording with encoding/json.
func decodePlain(name string) (sums, error) {
	var s sums
	data, err := os.ReadFile(name)
	if err != nil {
		return s, err
	}
	for line := range bytes.Lines(data) {
		m, err := plain.Decode(line)
		if err != nil {
			return s, err
		}
		s.lines++
		s.pids += uint64(m.Process.AuditToken.PID)
		s.versions += uint64(m.Process.AuditToken.PIDVersion)
		s.numbers += m.GlobalSeqNum
		s.paths += uint64(len(m.Process.Executable.Path))
	}
	return s, nil
}

// everyField hashes all that a recording's messages say, as the decoder has it and as encoding/json has it.
func everyField(name string) (ours, theirs uint64, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, 0, err
	}
	a, b := fnv.New64a(), fnv.New64a()
	d := eslogger.NewDecoder()
	var m es.Message
	var text []byte
	for line := range bytes.Lines(data) {
		if err := d.Decode(line, &m); err != nil {
			return 0, 0, err
		}
		text = eslogger.Append(text[:0], &m)
		_, _ = a.Write(text)
		p, err := plain.Decode(line)
		if err != nil {
			return 0, 0, err
		}
		text = eslogger.Append(text[:0], p.ES())
		_, _ = b.Write(text)
	}
	return a.Sum64(), b.Sum64(), nil
}

// profile runs a recording to JSON findings so many times in this process, and writes where the time went.
func profile(name, to string, times int, events bool) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	for range times {
		inputs, err := pipeline.Files([]string{name}, os.Stdin)
		if err != nil {
			return err
		}
		var (
			line  []byte
			lines finding.Encoder
		)
		_, err = pipeline.Run(context.Background(), inputs, pipeline.Options{
			New: func(host string, emit func(*finding.Finding)) pipeline.Engine {
				return engine.New(engine.Options{Host: host, Events: events}, emit)
			},
			Sink: func(f *finding.Finding) error {
				line = append(lines.Append(line[:0], f), '\n')
				return nil
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
