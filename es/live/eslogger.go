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
	"golang.org/x/sys/unix"
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
// would else be ours and, with watch -- COMMAND, the command's.
//
// Its standard output is a pipe, into which stdio writes by the block [R], and lines of a quiet Mac would wait for those
// that follow. But Apple's stdio asks the environment how it should write [S: Libc, makebuf.c, and its test
// envbuf_PR_38637477_line_stdout], and is told: by the line.
// Should a macOS not listen, the stream's probe finds out, and fills the block.
type Eslogger struct {
	Path  string   // "" is [DefaultEslogger]
	Kinds es.Kinds // what to ask for; the zero value asks for all that the engine reads
	Env   []string // nil: ours

	// Terminal connects eslogger by a pseudo-terminal in raw mode instead of a pipe. It then writes by the line for certain
	// [R], but a terminal hands on 2 KB at a time on macOS [S: XNU, TTMAXHIWAT] and 4 on Linux: on a busy Mac that is a
	// switch between programs for every message.
	Terminal bool
}

// byTheLine has Apple's stdio write by the line, of up to 64 KiB. The oldest form of the variable is understood by all
// versions that read it.
const byTheLine = "STDBUF1=L65536"

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
	open := openPipe
	if s.Terminal {
		open = openTerminal
	}
	ours, theirs, room, err := open()
	if err != nil {
		return nil, &End{Why: WhyNoOutput, Says: fmt.Sprintf("connect eslogger: %v", err), Remedy: "end programs that hold many files or terminals", Again: true}
	}
	c := &process{path: s.path(), kinds: es.NewKinds(had...), output: ours, room: room, cmd: exec.Command(s.path(), args...)}
	c.cmd.Env = append(s.environ(), byTheLine)
	c.cmd.Stdout = theirs
	c.cmd.Stderr = &c.stderr
	// A terminal is eslogger's controlling one: when our side closes, for whatever reason, it is hung up. A pipe ends it by
	// the signal that its next line raises.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: s.Terminal, Ctty: 1}
	c.cmd.WaitDelay = stopWait
	err = c.cmd.Start()
	_ = theirs.Close() // eslogger has its own
	if err != nil {
		_ = ours.Close()
		return nil, notStarted(s.path(), err)
	}
	return c, nil
}

func (s *Eslogger) environ() []string {
	if s.Env == nil {
		return os.Environ()
	}
	return slices.Clip(s.Env)
}

// terminalRoom is what a pseudo-terminal holds: what macOS does, which is less than Linux.
const terminalRoom = 2 << 10

// openTerminal makes a pseudo-terminal whose lines arrive as they are written: no echo, no line discipline.
func openTerminal() (ours, theirs *os.File, room int, err error) {
	if ours, theirs, err = pty.Open(); err != nil {
		return nil, nil, 0, err
	}
	_, err = term.MakeRaw(int(theirs.Fd()))
	if err == nil {
		ours, err = unpolled(ours)
	}
	if err != nil {
		return nil, nil, 0, errors.Join(err, ours.Close(), theirs.Close())
	}
	return ours, theirs, terminalRoom, nil
}

// narrow is what a pipe holds that was not asked to hold more.
const narrow = 64 << 10

// openPipe makes a pipe that holds much, so that it need not be read often.
func openPipe() (ours, theirs *os.File, room int, err error) {
	if ours, theirs, err = os.Pipe(); err != nil {
		return nil, nil, 0, err
	}
	if ours, err = unpolled(ours); err != nil {
		return nil, nil, 0, errors.Join(err, ours.Close(), theirs.Close())
	}
	return ours, theirs, widen(ours), nil
}

// unpolled is the same file, read by a thread that waits for it. Go's poller would be woken by every line that comes, also
// while nobody waits for one: at 5,000 a second that is most of what they cost.
func unpolled(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return f, fmt.Errorf("duplicate %s: %w", f.Name(), err)
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		return f, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), f.Close()
}

// process is a running eslogger.
type process struct {
	path    string
	kinds   es.Kinds
	cmd     *exec.Cmd
	output  *os.File // a pipe's end, or a terminal's other side
	room    int
	stderr  tail
	stopped atomic.Bool
	once    sync.Once
}

func (c *process) Kinds() (es.Kinds, bool) { return c.kinds, true }
func (c *process) PIDs() []int             { return []int{c.cmd.Process.Pid} }
func (c *process) Room() int               { return c.room }

// Read reads what eslogger writes. When a terminal's other side has closed, Linux says EIO and macOS says nothing more.
func (c *process) Read(p []byte) (int, error) {
	n, err := readSoon(c.output, p)
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
