package files

import (
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

func TestOpenForWriting(t *testing.T) {
	w := newMac(t)
	f := old("/Users/a/x", 20)
	a := w.open(5, f, es.FRead).Target
	w.is("reader", w.tab.OpenForWriting(a), 0)
	w.open(5, f, es.FRead|es.FWrite)
	w.open(5, f, es.FRead|es.FWrite)
	w.open(6, f, es.FWrite)
	w.is("two", w.tab.OpenForWriting(a), 2)
	w.close(5, f, false) // the reader's, or that is what one must assume
	w.close(5, f, true)
	w.is("one of two", w.tab.OpenForWriting(a), 2)
	w.close(5, f, true)
	w.is("one", w.tab.OpenForWriting(a), 1)
	w.close(5, f, true) // more closes than opens
	w.is("one still", w.tab.OpenForWriting(a), 1)
	w.tab.Exited(6, w.moment())
	w.is("none", w.tab.OpenForWriting(a), 0)
	w.is("unknown file", w.tab.OpenForWriting(0), 0)
}

// A write through a descriptor that was passed on shows a holder [S: fileports, SCM_RIGHTS].
func TestPassedDescriptor(t *testing.T) {
	w := newMac(t)
	f := old("/Users/a/x", 20)
	a := w.open(5, f, es.FWrite).Target
	w.close(5, f, false)
	w.is("let go", w.tab.OpenForWriting(a), 0)
	w.write(7, f)
	w.write(7, f)
	w.is("held", w.tab.OpenForWriting(a), 1)
	w.is("not handed down", int(w.tab.HeldFrom(a, 7)), 0)
	w.close(7, f, true)
	w.is("let go", w.tab.OpenForWriting(a), 0)
}

// zsh forks, the child opens the file of "date > x" and execs: the shadow closes for zsh, date writes and closes.
func TestRedirection(t *testing.T) {
	for _, shadowFirst := range []bool{false, true} {
		w := newMac(t)
		f := w.born("/Users/a/x", 20)
		const zsh, child, date = 10, 11, 12
		w.tab.Forked(zsh, child, w.moment())
		a := w.create(child, f).Target
		w.is("created", w.tab.OpenForWriting(a), 1)
		w.open(child, f, es.FWrite)
		w.is("and opened: once", w.tab.OpenForWriting(a), 1)
		if shadowFirst {
			w.close(child, f, false)
			w.tab.Execed(child, date, w.moment())
		} else {
			w.tab.Execed(child, date, w.moment())
			w.is("between", w.tab.OpenForWriting(a), 1)
			w.close(child, f, false)
		}
		w.is("taken over", w.tab.OpenForWriting(a), 1)
		w.is("may hold", w.tab.MayHold(a, date), true)
		w.is("from", int(w.tab.HeldFrom(a, date)), child)
		w.is("the old image", w.tab.MayHold(a, child), false)
		w.is("the shell", w.tab.MayHold(a, zsh), false)
		w.write(date, f)
		w.is("one", w.tab.OpenForWriting(a), 1)
		w.close(date, f, true)
		w.is("none", w.tab.OpenForWriting(a), 0)
		w.is("no more", w.tab.MayHold(a, date), false)
		w.is("held from", int(w.tab.HeldFrom(a, date)), child)
		w.tab.Exited(date, w.moment())
		w.is("gone", w.tab.MayHold(a, date), false)
	}
}

func TestCloseOnExec(t *testing.T) {
	w := newMac(t)
	f := old("/Users/a/x", 20)
	a := w.open(5, f, es.FWrite|es.OCloexec).Target
	w.tab.Execed(5, 6, w.moment())
	w.is("not handed on", w.tab.OpenForWriting(a), 0)
	w.is("may hold", w.tab.MayHold(a, 6), false)
	// Closed well before the exec: nothing to hand on.
	g := old("/Users/a/y", 21)
	b := w.open(6, g, es.FWrite).Target
	w.close(6, g, true)
	w.wait(time.Minute)
	w.tab.Execed(6, 7, w.moment())
	w.is("not handed on", w.tab.OpenForWriting(b), 0)
	w.is("may hold", w.tab.MayHold(b, 7), false)
	// The next image exits.
	c := w.open(7, f, es.FWrite).Target
	w.tab.Execed(7, 8, w.moment())
	w.is("handed on", w.tab.OpenForWriting(c), 1)
	w.tab.Exited(8, w.moment())
	w.is("gone", w.tab.OpenForWriting(c), 0)
}

func TestForkInherits(t *testing.T) {
	w := newMac(t)
	f, late := old("/Users/a/x", 20), old("/Users/a/late", 21)
	a := w.open(5, f, es.FWrite).Target
	w.n++
	w.now += w.step
	w.tab.Forked(5, 6, w.moment())
	b := w.open(5, late, es.FWrite).Target
	w.is("inherited", w.tab.MayHold(a, 6), true)
	w.is("from", int(w.tab.HeldFrom(a, 6)), 5)
	w.is("opened after the fork", w.tab.MayHold(b, 6), false)
	w.close(5, f, true)
	w.is("the child's stays", w.tab.MayHold(a, 6), true)
	w.n++
	w.now += 2 * time.Second
	w.tab.Forked(6, 7, w.moment())
	w.is("grandchild", int(w.tab.HeldFrom(a, 7)), 5)
	w.close(7, f, true)
	w.is("closed", w.tab.MayHold(a, 7), false)
	w.is("was from", int(w.tab.HeldFrom(a, 7)), 5)
	w.tab.Forked(5, 8, w.moment())
	w.is("closed before that fork", w.tab.MayHold(a, 8), false)
	w.tab.Forked(9, 9, w.moment()) // nonsense
	w.tab.Forked(9, 10, w.moment())
	w.tab.Forked(10, 9, w.moment()) // a circle
	w.is("a circle", w.tab.MayHold(a, 9), false)
}

func TestUnmountEndsHolds(t *testing.T) {
	w := newMac(t)
	w.mount(usbDev, "/Volumes/USB", "apfs", es.MountExternal)
	a := w.open(5, on(usbDev, old("/Volumes/USB/x", 20)), es.FWrite).Target
	w.unmount(usbDev, "/Volumes/USB")
	w.is("held", w.tab.MayHold(a, 5), false)
	w.is("open", w.tab.OpenForWriting(a), 0)
}

// The executions that are followed are bounded; who is forgotten holds nothing.
func TestForgottenExecution(t *testing.T) {
	w := newMac(t)
	w.tab = New(Limits{Executions: 64})
	a := w.open(5, old("/Users/a/x", 20), es.FWrite).Target
	for by := range 200 {
		w.open(100+0, old("/Users/a/y", 21), es.FRead)
		w.tab.Forked(1, 1000+lineage.Ref(by), w.moment())
	}
	w.is("open", w.tab.OpenForWriting(a), 0)
	w.is("executions", w.tab.Stats().Executions, 64)
	w.check()
}

// Where opens are recorded, a create without one shows no descriptor: a clone whose clone message was not subscribed to,
// a fifo, a copy made by the server.
func TestCreateShowsDescriptor(t *testing.T) {
	w := newMac(t)
	a := w.create(5, w.born("/Users/a/x", 20)).Target
	w.is("opens not recorded", w.tab.OpenForWriting(a), 1)
	w.open(5, old("/Users/a/y", 21), es.FRead)
	b := w.create(5, w.born("/Users/a/z", 22)).Target
	w.is("opens recorded", w.tab.OpenForWriting(b), 0)
	w.is("a folder", w.tab.OpenForWriting(w.create(6, dir("/Users/a/d", 23)).Target), 0)
}
