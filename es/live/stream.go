package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/redact"
)

// Stream keeps a client running and makes a recording of it.
type Stream struct {
	Source   Source
	Header   func() es.Header      // host, boot, OS, timebase; called where a client's life begins
	Snapshot func() *es.Snapshot   // what runs then; nil or a nil result: none
	Life     func(pid int) es.Life // names a process of ours

	Redact bool         // take secrets out of the lines, as the header will say
	Facts  *Facts       // what to look up; nil: nothing
	Tell   func(string) // says what a person should know; nil: nobody
	Since  *es.Gap      // what lies before the first message, for a recording that goes on; nil: nothing
	Hold   bool         // let a client wait rather than drop what it tells: for stand-ins, that lose nothing by it
	Endure bool         // try again even where somebody must act first

	// Crowded is told when more has gathered than is handed on at once otherwise, and when that has not been so for a
	// while. A stream counts as crowded when it begins. nil: nobody is told.
	Crowded func(bool)

	probe  *Probe
	status shared
	loss   *es.Gap
	buf    []byte
	t      taken
}

// The pace of a stream.
const (
	// early is how much sooner than after a whole pause of the intake what has come may be handed on.
	early = time.Millisecond
	// quick is how often the probe acts while something may still have to settle; slow, when that was long ago.
	quick, slow = 25 * time.Millisecond, time.Second
	quickFor    = 5 * time.Second
	// flowing is how often it is looked whether much still comes, which needs no probe to be over: a timer that is put off
	// each time that something comes wakes the program all the same.
	flowing = 3 * quick
	// mostActs is how often it acts at a time where the client holds back what it tells: so many lines fill a block of 16 KiB.
	mostActs = 8
	// starting is how often it acts until the client has told anything.
	starting = 200 * time.Millisecond
	// race is how much earlier than its act a watermark is: two threads that act at once may be told in either order.
	race = 5 * time.Millisecond
	// silence is how long an act of ours may stay untold before the client counts as silent.
	silence = 10 * time.Second
	// heap is how much text has gathered where it comes faster than it is taken: some twenty times what 5,000 messages a
	// second are in a pause. Where that has not been so for calm, it is over.
	heap, calm = 1 << 20, time.Second

	backOffFrom, backOffTo = 500 * time.Millisecond, time.Minute
	// steady is how long a client must have lived for its end to be no sign of a lasting fault.
	steady = 30 * time.Second
)

// Status is how the stream goes, for whoever shows it. It may be called from any goroutine.
func (s *Stream) Status() Status { return s.status.get() }

// Run streams until the context ends, or until no client can be had; then the error is the [*End] of the last one. All that
// a client still holds when the context ends is taken. An error of the taker ends the run, too.
func (s *Stream) Run(ctx context.Context, to Taker) (err error) {
	if s.probe, err = NewProbe(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.probe.Close()) }()
	s.loss = s.Since
	wait := backOffFrom
	began := false
	for {
		opened := time.Now()
		end, told, failed := s.client(ctx, to)
		if failed != nil {
			return failed
		}
		began = began || told
		s.status.change(func(st *Status) {
			st.Running = false
			if end.Why != WhyStopped {
				st.LastEnd = end
			}
		})
		switch {
		case ctx.Err() != nil:
			if !began {
				return nil
			}
			return to.End(now())
		case !end.Again && !s.Endure:
			if began {
				return errors.Join(end, to.End(now()))
			}
			return end
		}
		if time.Since(opened) >= steady {
			wait = backOffFrom
		}
		s.tell("%s; trying again in %v", end.Error(), wait)
		s.status.change(func(st *Status) { st.RetryAt = time.Now().Add(wait) })
		select {
		case <-ctx.Done():
			if !began {
				return nil
			}
			return to.End(now())
		case <-time.After(wait):
		}
		wait = min(2*wait, backOffTo)
	}
}

func now() es.Time { return es.Time(time.Now().UnixNano()) }

func (s *Stream) tell(format string, args ...any) {
	if s.Tell != nil {
		s.Tell(fmt.Sprintf(format, args...))
	}
}

// client runs one client to its end, and reports whether it told anything. failed is the taker's error.
func (s *Stream) client(ctx context.Context, to Taker) (end *End, told bool, failed error) {
	c, err := s.Source.Open(ctx)
	if err != nil {
		if errors.As(err, &end) {
			return end, false, nil
		}
		return &End{Why: WhyExited, Says: err.Error(), Again: true}, false, nil
	}
	l := &life{s: s, c: c, to: to, in: newIntake(0), opened: time.Now(), acts: 1, crowded: true, heaped: time.Now()}
	l.in.hold = s.Hold
	go l.in.read(c, c.Room())
	failed = l.run(ctx)
	if failed != nil {
		c.Stop()
		for !l.over() {
			<-l.in.wake
		}
	}
	end = c.Wait()
	if l.told {
		s.loss = &es.Gap{From: es.Time(l.newest.UnixNano()), Why: "restart"}
	}
	return end, l.told, failed
}

// life is one client's.
type life struct {
	s      *Stream
	c      Client
	to     Taker
	in     *intake
	opened time.Time
	carry  []byte // of a line that is still coming in

	told      bool      // the begin line is written
	newest    time.Time // when something came
	foreign   time.Time // when something came that was no probe
	flows     bool      // much came at last
	next      time.Time // when something is handed on at the earliest
	probed    time.Time
	acts      int       // how often the probe acts at a time
	awaited   time.Time // when the oldest probe was sent of which nothing was told since; zero: none
	watermark time.Time
	silent    bool
	crowded   bool
	heaped    time.Time // when a heap was taken last
}

func (l *life) over() bool {
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	return l.in.over
}

func (l *life) run(ctx context.Context) error {
	stop := ctx.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var facts <-chan *es.Fact
	if l.s.Facts != nil {
		facts = l.s.Facts.start()
		defer l.s.Facts.stop()
	}
	for {
		select {
		case <-stop:
			l.c.Stop()
			stop = nil
		case <-timer.C:
			if l.flows && time.Since(l.newest) < longPause+pause {
				timer.Reset(flowing)
				continue
			}
			if stop != nil {
				if err := l.tick(); err != nil {
					return err
				}
			}
			timer.Reset(l.pace())
		case f := <-facts:
			if err := l.fact(f); err != nil {
				return err
			}
		case <-l.in.wake:
			if wait := time.Until(l.next); wait > 0 {
				time.Sleep(wait)
			}
			l.in.take(&l.s.t)
			l.next = time.Now().Add(pause - early)
			if len(l.s.t.text) >= much {
				l.next = l.next.Add(longPause - pause)
			}
			if err := l.take(&l.s.t); err != nil {
				return err
			}
			if l.s.t.over {
				return l.finish()
			}
			if stop != nil && time.Since(l.probed) >= slow { // a Mac that is never quiet has a lag, too
				if err := l.tick(); err != nil {
					return err
				}
			}
			if l.flows = len(l.s.t.text) >= much; !l.flows {
				timer.Reset(l.pace())
			}
		}
	}
}

// fact hands on what was looked up.
func (l *life) fact(f *es.Fact) error {
	if l.s.Redact { // an address may hold a password
		f.Value = strings.Join(redact.Args(strings.Split(f.Value, "\n")), "\n")
	}
	l.s.status.change(func(st *Status) { st.Facts++ })
	return l.to.Fact(f)
}

// pace is when to look next whether the probe should act.
func (l *life) pace() time.Duration {
	switch {
	case !l.told:
		return starting
	case time.Since(l.foreign) < quickFor:
		return quick
	}
	return slow
}

// tick: nothing has come for a while, or nothing of ours. What is known to have been delivered is asked for.
func (l *life) tick() error {
	if !l.awaited.IsZero() && time.Since(l.awaited) > silence && !l.silent {
		l.silent = true
		l.s.status.change(func(st *Status) { st.Silent = true })
		l.s.tell("eslogger has told nothing for %v, although ascribe itself acted: it has stalled, or may not see us", silence)
	}
	if l.silent && time.Since(l.probed) < slow {
		return nil
	}
	// What a client writes by the block needs as many lines as fill one.
	switch {
	case !l.told || l.silent || l.awaited.IsZero():
		l.acts = max(l.acts-1, 1)
	default:
		l.acts = min(2*l.acts, mostActs)
	}
	for range l.acts {
		if err := l.s.probe.Send(); err != nil {
			return err
		}
	}
	l.probed = time.Now()
	if l.awaited.IsZero() {
		l.awaited = l.probed
	}
	return nil
}

// weigh finds out whether the stream is crowded.
func (l *life) weigh(n int) {
	if n >= heap {
		l.heaped = time.Now()
	}
	if crowded := time.Since(l.heaped) < calm; crowded != l.crowded {
		l.crowded = crowded
		if l.s.Crowded != nil {
			l.s.Crowded(crowded)
		}
	}
}

// take hands on whole lines.
func (l *life) take(t *taken) error {
	l.weigh(len(t.text))
	if t.dropped > 0 {
		l.s.status.change(func(st *Status) { st.Dropped += t.dropped })
		l.s.tell("%d messages came faster than they could be taken, and were dropped", t.dropped)
	}
	if len(t.text) == 0 {
		return nil
	}
	l.newest = t.newest
	if !l.told {
		if err := l.begin(); err != nil {
			return err
		}
	}
	end := bytes.LastIndexByte(t.text, '\n') + 1
	if end == 0 {
		l.carry = append(l.carry, t.text...)
		return nil
	}
	whole := t.text[:end]
	if len(l.carry) > 0 {
		first := bytes.IndexByte(whole, '\n') + 1
		l.carry = append(l.carry, whole[:first]...)
		if err := l.lines(l.carry); err != nil {
			return err
		}
		l.carry, whole = l.carry[:0], whole[first:]
	}
	if len(whole) > 0 {
		if err := l.lines(whole); err != nil {
			return err
		}
	}
	l.carry = append(l.carry, t.text[end:]...)
	return l.to.Idle(now())
}

// begin writes what stands before a client's first line. The client lives by now: what begins from here on is told by it,
// and what began before stands in the snapshot.
func (l *life) begin() error {
	l.told = true
	l.awaited = time.Time{} // what was done before is perhaps never told
	h := l.s.Header()
	h.Time = es.Time(l.opened.UnixNano())
	h.Client = fmt.Sprintf("%s-%d", clientName, l.opened.UnixNano())
	h.Subscribed, h.HasKinds = l.c.Kinds()
	if l.s.Redact {
		h.Redaction = append(h.Redaction, redact.Name)
	}
	for _, pid := range l.c.PIDs() {
		h.Own = append(h.Own, l.s.Life(pid))
	}
	if err := l.to.Begin(&h); err != nil {
		return err
	}
	if g := l.s.loss; g != nil {
		g.To = es.Time(l.opened.UnixNano())
		if err := l.to.Gap(g); err != nil {
			return err
		}
		l.s.loss = nil
	}
	st := Status{Running: true, Began: l.opened}
	if l.s.Snapshot != nil {
		if snap := l.s.Snapshot(); snap != nil {
			st.Snapshot = len(snap.Processes)
			if l.s.Redact {
				for i := range snap.Processes {
					snap.Processes[i].Args = redact.Args(snap.Processes[i].Args)
				}
			}
			if err := l.to.Snapshot(snap); err != nil {
				return err
			}
		}
	}
	l.foreign = time.Now()
	l.s.status.change(func(old *Status) {
		old.Running, old.Began, old.Snapshot, old.RetryAt = true, st.Began, st.Snapshot, time.Time{}
		old.Clients++
	})
	return nil
}

// clientName begins the id of a client's life.
const clientName = "eslogger"

// lines hands on whole lines, and what is known by them.
func (l *life) lines(text []byte) error {
	at, probes := l.s.probe.Seen(text)
	n := bytes.Count(text, newline)
	if l.s.Facts != nil {
		l.s.Facts.look(text)
	}
	out := text
	if l.s.Redact {
		l.s.buf = l.s.buf[:0]
		for rest := text; len(rest) > 0; {
			i := bytes.IndexByte(rest, '\n') + 1
			l.s.buf = redact.Line(l.s.buf, rest[:i])
			rest = rest[i:]
		}
		out = l.s.buf
	}
	if err := l.to.Lines(out, es.Time(l.newest.UnixNano())); err != nil {
		return err
	}
	lag := time.Duration(-1)
	if !at.IsZero() {
		lag = l.newest.Sub(at)
		l.awaited, l.silent = time.Time{}, false
		if at = at.Add(-race); at.After(l.watermark) {
			l.watermark = at
			if err := l.to.Watermark(es.Time(at.UnixNano())); err != nil {
				return err
			}
		}
	}
	if n > probes {
		l.foreign = l.newest
	}
	l.s.status.change(func(st *Status) {
		st.Bytes += uint64(len(text))
		st.Lines += uint64(n)
		if n > probes {
			st.Newest = l.newest
		}
		if lag >= 0 {
			st.Lag, st.Proven, st.Silent = lag, at, false
		}
	})
	return nil
}

var newline = []byte{'\n'}

// finish hands on what a client left behind: a line that it did not end is for the reader to judge.
func (l *life) finish() error {
	if len(l.carry) == 0 {
		return l.to.Idle(now())
	}
	l.carry = append(l.carry, '\n')
	if err := l.lines(l.carry); err != nil {
		return err
	}
	l.carry = nil
	return l.to.Idle(now())
}
