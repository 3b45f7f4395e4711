package scenario

import (
	"fmt"
	"strconv"

	"ascribe.example/es"
)

// noise is what else a Mac does: Spotlight reads what was written, preferences are put in place, services start. Shares
// follow a real recording: of 6,682 messages 3,291 were mdworker_shared's, 2,763 mds's, 400 mds_stores', 96 xpcproxy's,
// 63 cfprefsd's, 40 launchd's [R].
type noise struct {
	ratio   float64
	owed    float64
	sent    float64
	rng     rng
	busy    bool
	mds     *proc
	stores  *proc
	prefs   *proc
	workers []*proc
	store   int32 // mds_stores' descriptor of its index
	op      *op   // its writing, all day long
	recent  [8]*node
	seen    int
	count   uint64
}

// newNoise starts the daemons that make it, before the recording.
func newNoise(r *run, o Noise) *noise {
	n := &noise{ratio: o.Ratio, rng: rng{o.Seed ^ 0x2015e}}
	n.mds, n.stores, n.prefs = r.system("com.apple.mds"), r.system("com.apple.mds_stores"), r.system("com.apple.cfprefsd")
	r.m.already(func() {
		n.store = r.m.openPath(n.stores, "/.Spotlight-V100/Store-V2/A1/store.db", es.FRead|es.FWrite, 0, true)
		for range 2 {
			n.workers = append(n.workers, n.worker(r.m))
		}
	})
	return n
}

func (n *noise) worker(m *mac) *proc {
	n.count++
	label := fmt.Sprintf("com.apple.mdworker.shared.%02X000000-0000-0000-0000-000000000000", n.count)
	return m.launch(starting{
		name: "mdworker_shared", label: label, image: m.program(programOf["com.apple.mdworker.shared"].path, "com.apple.mdworker.shared", ""),
		root: true, kind: "daemon", behalf: behalf{class: "system", session: "background", asid: m.launchd.cur.cred.asid},
	})
}

// notice remembers a new file: Spotlight will read it.
func (n *noise) notice(f *node) {
	if f.isFile() && !n.busy {
		n.recent[n.seen%len(n.recent)] = f
		n.seen++
	}
}

// after puts the noise that is owed behind a message of the script's. The script's own dice and open operation stay as
// they were.
func (n *noise) after(m *mac) {
	n.owed += n.ratio
	if n.owed < 1 {
		return
	}
	n.busy = true
	dice, op, gather, step, loose, mark := m.rng, m.op, m.gather, m.step, m.loose, m.mark
	m.rng, m.op, m.gather, m.step, m.loose = n.rng, nil, false, false, nil
	for n.owed >= 1 {
		n.sent = 0
		n.one(m)
		n.owed -= max(n.sent, 1)
	}
	n.rng = m.rng
	m.rng, m.op, m.gather, m.step, m.loose, m.mark = dice, op, gather, step, loose, mark
	n.busy = false
}

// one is one thing that happens.
func (n *noise) one(m *mac) {
	switch d := m.rng.n(1000); {
	case d < 441:
		n.indexed(m)
	case d < 885:
		n.looked(m)
	case d < 994:
		n.stored(m)
	case d < 997:
		n.preferred(m)
	default:
		i := m.rng.n(len(n.workers))
		m.exit(n.workers[i], 0)
		n.workers[i] = n.worker(m)
	}
}

// indexed: a worker reads a file that was written lately, or any other.
func (n *noise) indexed(m *mac) {
	w := n.workers[m.rng.n(len(n.workers))]
	if f := n.recent[m.rng.n(len(n.recent))]; f != nil && !f.gone && m.rng.n(2) == 0 && m.find(m.path(f)) == f {
		m.read(w, m.path(f))
		return
	}
	m.read(w, "/Library/Application Support/Item-"+strconv.Itoa(m.rng.n(50))+".dat")
}

// looked: mds looks a name up, and sometimes opens its folder.
func (n *noise) looked(m *mac) {
	m.tell(n.mds.cur, &es.Other{Name: "lookup", Type: 43, Raw: fmt.Appendf(nil, lookedUp, m.rng.n(1000))}, nil)
	if m.rng.n(3) == 0 {
		m.read(n.mds, "/.Spotlight-V100/VolumeConfiguration.plist")
	}
}

// stored: mds_stores writes its index, which it has open all day. All of that is one operation.
func (n *noise) stored(m *mac) {
	if n.op == nil {
		n.op = m.act(n.stores, Truth{Action: "write", Method: "in-place", Path: "/.Spotlight-V100/Store-V2/A1/store.db"}, func() {})
	}
	m.op = n.op
	m.write(n.stores, n.stores.fd(n.store).g, 4096, false)
	m.op = nil
}

// preferred: cfprefsd puts a property list in place, by a temporary file and a rename.
func (n *noise) preferred(m *mac) {
	path := "/Library/Preferences/com.example.prefs-" + strconv.Itoa(m.rng.n(12)) + ".plist"
	m.there(path)
	m.act(n.prefs, Truth{Action: "save", Method: "replace", Path: path}, func() {
		tmp := path + "." + m.letters(7)
		m.putFile(n.prefs, tmp, 1200, 1, false)
		m.rename(n.prefs, tmp, path)
	})
}

// lookedUp is the body of a lookup, as eslogger writes it.
const lookedUp = `{"source_dir":{"path":"\/","path_truncated":false,"stat":{"st_dev":16777234,"st_mode":16877,"st_nlink":20,"st_ino":2,` +
	`"st_uid":0,"st_gid":0,"st_rdev":0,"st_atimespec":"2026-02-01T05:07:41.000000000Z","st_mtimespec":"2026-02-01T05:07:41.000000000Z",` +
	`"st_ctimespec":"2026-02-01T05:07:41.000000000Z","st_birthtimespec":"2026-02-01T05:07:41.000000000Z","st_size":640,"st_blocks":0,` +
	`"st_blksize":4096,"st_flags":1048576,"st_gen":0}},"relative_target":"Library\/Metadata\/item-%d"}`
