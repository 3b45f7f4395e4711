package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// collectAt is how much the heap may grow, in percent, before it is collected: less than Go's default of 100, so that a run
// holds little more than its tables. Collecting is 2 % of a run with the default.
const collectAt = 40

// smallHeap is what a run's heap may come to before anything is collected. Tables that are small as yet grow by collectAt every
// few milliseconds, and each time all that the program is made of is looked through: without this a run of 300 MB is collected
// 15 times, and with it not once.
const smallHeap = 64 << 20

// softLimit is from where on memory is collected more often: beyond it no table grows, but full ones with the garbage that
// collectAt allows would go over 128 MiB. Nearer to what full tables need there is nothing but collecting: at 108 MiB ten million
// events took a third more.
const softLimit = 120 << 20

// steadyLimit is the same for a stream without an end, which goes on for days beside other work.
const steadyLimit = 108 << 20

// paceCollections says when memory is collected. GOGC and GOMEMLIMIT say otherwise.
func paceCollections(steady bool) {
	if os.Getenv("GOMEMLIMIT") == "" {
		limit := int64(softLimit)
		if steady {
			limit = steadyLimit
		}
		debug.SetMemoryLimit(limit)
	}
	switch {
	case os.Getenv("GOGC") != "":
	case steady:
		debug.SetGCPercent(collectAt)
	default:
		followHeap()
	}
}

// followHeap has the heap grow to smallHeap, or by collectAt where that is more. The percentage is set anew after each
// collection, which is when what nobody holds is told that it goes.
var followHeap = sync.OnceFunc(func() {
	const least = 4 << 20 // the first collection is at least here, times what may be added
	debug.SetGCPercent(100 * smallHeap / least)
	type round struct{ live [1]metrics.Sample }
	var next func(*round)
	next = func(r *round) {
		metrics.Read(r.live[:])
		debug.SetGCPercent(mayAdd(r.live[0].Value.Uint64()))
		runtime.SetFinalizer(r, next)
	}
	runtime.SetFinalizer(&round{live: [1]metrics.Sample{{Name: "/gc/heap/live:bytes"}}}, next)
})

// mayAdd is by how much, in percent, a heap may grow that so many bytes of lived through a collection.
func mayAdd(live uint64) int {
	if live == 0 || live >= smallHeap {
		return collectAt
	}
	return max(collectAt, int((smallHeap-live)*100/live))
}
