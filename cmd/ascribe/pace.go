package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// collectAt is how much the heap may grow, in percent, before it is collected: less than Go's default of 100, so that a run
// holds little more than its tables. Collecting is 2 % of a run with the default.
const collectAt = 40

// smallHeap is what a run's heap may come to before anything is collected. Tables that are small as yet grow by collectAt every
// few milliseconds, and each time all that the program is made of is looked through: without this a run of 300 MB is collected
// 15 times, and with it not once.
const smallHeap = 64 << 20

// softLimit is from where on memory is collected more often: beyond it no table grows, but full ones with the garbage that
// collectAt allows would go over 128 MiB. Nearer to what full tables need there is nothing but collecting. They need 84 MiB at
// most, with all that a run is made of, and 67 after six million events of a Mac at work; the runtime itself needs 10 to 15.
const softLimit = 112 << 20

// steadyLimit is the same for a stream without an end, which goes on for days beside other work.
const steadyLimit = 108 << 20

// leastRoom is what may be added between two collections, and to it what the runtime needs itself, though tables are so full
// that the limit leaves less: else there would be nothing but collecting.
const leastRoom = 24 << 20

// pace says when memory is collected, by what lived through the collection before; 0 before the first.
type pace struct{ steady bool }

func (p pace) set(live uint64) {
	percent, limit := mayAdd(live), int64(softLimit)
	if p.steady {
		percent, limit = collectAt, steadyLimit
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(limit, int64(live)+leastRoom))
	}
}

// paceCollections says when memory is collected, from now on and anew after each collection. GOGC and GOMEMLIMIT say
// otherwise.
func paceCollections(steady bool) {
	p := pace{steady}
	p.set(0)
	if paced.Swap(&p) == nil {
		afterCollections(func(live uint64) { paced.Load().set(live) })
	}
}

var paced atomic.Pointer[pace]

// afterCollections calls f after each collection, which is when what nobody holds is told that it goes.
func afterCollections(f func(live uint64)) {
	type round struct{ live [1]metrics.Sample }
	var next func(*round)
	next = func(r *round) {
		metrics.Read(r.live[:])
		f(r.live[0].Value.Uint64())
		runtime.SetFinalizer(r, next)
	}
	runtime.SetFinalizer(&round{live: [1]metrics.Sample{{Name: "/gc/heap/live:bytes"}}}, next)
}

// mayAdd is by how much, in percent, a heap may grow that so many bytes of lived through a collection.
func mayAdd(live uint64) int {
	const first = 4 << 20 // the first collection is at least here, times what may be added
	switch {
	case live == 0:
		return 100 * smallHeap / first
	case live >= smallHeap:
		return collectAt
	}
	return max(collectAt, int((smallHeap-live)*100/live))
}
