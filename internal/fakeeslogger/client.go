package fakeeslogger

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/snapshot"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// client is the Endpoint Security client that eslogger is: it numbers what it is told, and writes it.
type client struct {
	kinds   es.Kinds
	w       *world
	ends    <-chan os.Signal
	host    snapshot.System
	blind   bool
	global  uint64
	perKind [es.KindCount]uint64
	written uint64
	partial bool
	day     time.Time // when a day began that passes quickly; zero: none
	dayFrom uint64
	dayStep time.Duration
	buf     []byte
	log     *os.File
	entry   [logSize]byte

	out    *bufio.Writer // nil: written by the line
	probes map[string]string
	looked time.Time
}

func newClient(kinds es.Kinds, w *world, ends <-chan os.Signal, p plan) *client {
	c := &client{kinds: kinds, w: w, ends: ends, host: snapshot.Host(), blind: p.blind, probes: map[string]string{}}
	if !term.IsTerminal(int(os.Stdout.Fd())) && (p.blocks || !byTheLine()) {
		c.out = bufio.NewWriterSize(os.Stdout, 16<<10)
	}
	if name := os.Getenv("FAKE_ESLOGGER_LOG"); name != "" {
		f, err := os.OpenFile(name+"."+strconv.Itoa(os.Getpid()), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			bad("%v", err)
		}
		c.log = f
	}
	return c
}

// byTheLine reports whether the environment asks for lines, as Apple's stdio reads it [S: Libc, makebuf.c].
func byTheLine() bool {
	how := os.Getenv("STDBUF1")
	if how == "" {
		how = os.Getenv("STDBUF")
	}
	return strings.HasPrefix(strings.ToUpper(how), "L")
}

// now is the made-up Mac's time: ours, or that of a day that passes quickly.
func (c *client) now() time.Time {
	if c.day.IsZero() {
		return time.Now()
	}
	return c.day.Add(time.Duration(c.written-c.dayFrom) * c.dayStep)
}

// tell is what the world calls for each event.
func (c *client) tell(by *es.Process, ev es.Event) {
	k := ev.Kind()
	if !c.kinds.Has(k) {
		return
	}
	at := c.now().UnixNano()
	m := es.Message{
		Version: 9, Time: es.Time(at), MachTime: uint64(at - c.w.epoch), SeqNum: c.perKind[k], GlobalSeqNum: c.global,
		ThreadID: uint64(by.AuditToken.PID), Process: *by, Event: ev,
	}
	c.perKind[k]++
	c.global++
	c.buf = eslogger.Append(c.buf[:0], &m)
	if c.partial {
		c.write(c.buf[:len(c.buf)/2])
		return
	}
	c.line(c.buf)
}

func (c *client) line(p []byte) { c.write(append(p, '\n')) }

// write writes as stdio does. Who reads nothing more has ended the program.
func (c *client) write(p []byte) {
	var err error
	if c.out != nil {
		_, err = c.out.Write(p)
	} else {
		_, err = os.Stdout.Write(p)
	}
	if err != nil {
		os.Exit(1)
	}
	if c.written++; c.day.IsZero() || c.written%1024 == 0 {
		c.count()
	}
}

func (c *client) count() {
	if c.log != nil {
		_, _ = c.log.WriteAt(appendLog(c.entry[:0], c.written), 0) // a test reads it, and will miss it
	}
}

func (c *client) flush() {
	if c.out != nil {
		_ = c.out.Flush() // the reader may be gone
	}
	c.count()
}

// look sees what ascribe's probes did since it looked last.
func (c *client) look() {
	if c.blind || time.Since(c.looked) < time.Millisecond {
		return
	}
	c.looked = time.Now()
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), "ascribe-*"))
	for _, folder := range folders {
		pid, err := strconv.Atoi(strings.Split(filepath.Base(folder), "-")[1])
		if err != nil {
			continue
		}
		files, _ := os.ReadDir(folder)
		if len(files) != 1 {
			continue // in the middle of a rename
		}
		before, now := c.probes[folder], filepath.Join(folder, files[0].Name())
		c.probes[folder] = now
		if before == "" || before == now || hidden(pid) {
			continue
		}
		life := c.host.Life(pid)
		p := c.w.process(life.PID, uint32(1<<20+pid), "/usr/local/bin/ascribe", life.StartTime)
		c.tell(p, &es.Rename{
			Source: c.w.file(before, 1), DestinationType: es.DestinationNewPath,
			Dir: c.w.folder(folder), Filename: filepath.Base(now),
		})
	}
}

// hidden reports whether a process is of our own group: eslogger "suppresses events for all processes that are part of its
// process group" [D].
func hidden(pid int) bool {
	theirs, err := unix.Getpgid(pid)
	return err != nil || theirs == unix.Getpgrp()
}
