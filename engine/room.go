package engine

// mostMemory is how many bytes executions, files and drafts may take together. Each of them has a limit of its own, and on one
// machine hardly two of these are ever reached: but all of them together were 156 MB, and a run is to keep 128 MiB with all that
// it is made of.
//
// What was taken is not given back: so once it is all taken each goes on with what it has, or may still come to the least that
// is kept for it, and from then on forgets, or settles, one of its own for another. Bytes are counted by what messages say, so
// that this happens at the same message on every machine.
const mostMemory = 76 << 20

// lookEvery is after how many messages what is taken is counted anew.
const lookEvery = 64

// keepRoom looks now and then whether there is room for more.
func (e *Engine) keepRoom() {
	if e.Looked++; e.Looked%lookEvery != 0 || e.Full {
		return
	}
	if e.lineage.Taken()+e.files.Taken()+e.ops.Taken() > e.room {
		e.Full = true
		e.lineage.Hold()
		e.files.Hold(e.ops.Hold())
	}
}
