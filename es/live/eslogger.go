package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"ascribe.example/es"
	"github.com/creack/pty"
	"golang.org/x/term"
)

// DefaultEslogger is where macOS has it.
const DefaultEslogger = "/usr/bin/eslogger"

// stopWait is how long eslogger may take to hand on what it holds after an interrupt, before it is killed.
const stopWait = 5 * time.Second

// stopWaitFor is stopWait, but in tests.
var stopWaitFor = stopWait

// Eslogger is the source that every Mac with macOS 13 or later has.
//
// It runs in a session, and so in a process group, of its own: eslogger leaves out the events of its own group [D], which
// would else be ours and, with watch -- COMMAND, the command's. Its standard output is a pseudo-terminal in raw mode: into
// a pipe it would be buffered by the block [R], and lines of a quiet Mac would wait for those that follow. It hangs up
// when we die, so that no eslogger outlives its reader.
type Eslogger struct {
	Path  string   // "" is [DefaultEslogger]
	Kinds es.Kinds // what to ask for; the zero value asks for all that the engine reads
	Env   []string // nil: ours

	// Pipe connects eslogger by a pipe instead of a terminal. That costs both sides much less, but eslogger then writes by
	// the block: on a quiet Mac what it tells waits until more comes. The stream's probe makes more come.
	Pipe bool
}

func (s *Eslogger) path() string {
	if s.Path == "" {
		return DefaultEslogger
	}
	return s.Path
}

// Events asks eslogger for the events that this macOS has, and splits those that are wanted into had and lacking.
func (s *Eslogger) Events(ctx context.Context) (had, lacking []es.Kind, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.path(), "--list-events")
	cmd.Env = s.Env
	out, err := cmd.Output()
	if err != nil && ctx.Err() != nil {
		return nil, nil, &End{Why: WhyStopped, Says: "stopped while it was asked for its events", Again: true}
	}
	if err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return nil, nil, notStarted(s.path(), err)
		}
		return nil, nil, ended(s.path(), err, string(exit.Stderr), false)
	}
	listed := strings.FieldsFunc(string(out), func(r rune) bool { return r <= ' ' || r == ',' })
	want := s.Kinds
	if want == (es.Kinds{}) {
		want = es.AllKinds()
	}
	for _, k := range want.List() {
		if slices.Contains(listed, k.String()) {
			had = append(had, k)
		} else {
			lacking = append(lacking, k)
		}
	}
	if len(had) == 0 {
		return nil, lacking, &End{
			Why: WhyNoEvents, Says: fmt.Sprintf("%s --list-events lists none of the events that ascribe reads", s.path()),
			Remedy: "check that it is Apple's eslogger",
		}
	}
	return had, lacking, nil
}

// Open starts eslogger.
func (s *Eslogger) Open(ctx context.Context) (Client, error) {
	had, _, err := s.Events(ctx)
	if err != nil {
		return nil, err
	}
	args := make([]string, 0, len(had))
	for _, k := range had {
		args = append(args, k.String())
	}
	open := openTerminal
	if s.Pipe {
		open = os.Pipe
	}
	ours, theirs, err := open()
	if err != nil {
		return nil, &End{Why: WhyNoTerminal, Says: fmt.Sprintf("make a pseudo-terminal for eslogger: %v", err), Remedy: "end programs that hold many terminals, or leave it out with --pipe", Again: true}
	}
	c := &process{path: s.path(), kinds: es.NewKinds(had...), output: ours, piped: s.Pipe, cmd: exec.Command(s.path(), args...)}
	c.cmd.Env = s.Env
	c.cmd.Stdout = theirs
	c.cmd.Stderr = &c.stderr
	// The terminal is eslogger's controlling one: when our side closes, for whatever reason, it is hung up.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: !s.Pipe, Ctty: 1}
	c.cmd.WaitDelay = stopWait
	err = c.cmd.Start()
	_ = theirs.Close() // eslogger has its own
	if err != nil {
		_ = ours.Close()
		return nil, notStarted(s.path(), err)
	}
	return c, nil
}

// openTerminal makes a pseudo-terminal whose lines arrive as they are written: no echo, no line discipline.
func openTerminal() (ours, theirs *os.File, err error) {
	if ours, theirs, err = pty.Open(); err != nil {
		return nil, nil, err
	}
	if _, err = term.MakeRaw(int(theirs.Fd())); err != nil {
		return nil, nil, errors.Join(err, ours.Close(), theirs.Close())
	}
	return ours, theirs, nil
}

// process is a running eslogger.
type process struct {
	path    string
	kinds   es.Kinds
	cmd     *exec.Cmd
	output  *os.File // a terminal's other side, or a pipe's end
	stderr  tail
	piped   bool
	stopped atomic.Bool
	once    sync.Once
}

func (c *process) Kinds() (es.Kinds, bool) { return c.kinds, true }
func (c *process) PIDs() []int             { return []int{c.cmd.Process.Pid} }

// Block is how much a message may have to wait for: stdio's buffer for a pipe, which is no smaller [R].
func (c *process) Block() int {
	if c.piped {
		return 16 << 10
	}
	return 0
}

// Read reads what eslogger writes. When a terminal's other side has closed, Linux says EIO and macOS says nothing more.
func (c *process) Read(p []byte) (int, error) {
	n, err := c.output.Read(p)
	if err != nil && n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Stop interrupts eslogger, which then writes what it has buffered and ends; if it does not, it is killed.
func (c *process) Stop() {
	c.once.Do(func() {
		c.stopped.Store(true)
		_ = c.cmd.Process.Signal(os.Interrupt) // it may have ended
		time.AfterFunc(stopWaitFor, func() { _ = c.cmd.Process.Kill() })
	})
}

func (c *process) Wait() *End {
	err := c.cmd.Wait()
	_ = c.output.Close() // only read
	return ended(c.path, err, c.stderr.String(), c.stopped.Load())
}

// tail keeps the end of what a program says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text) - tailSize; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
