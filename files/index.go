package files

import (
	"hash/maphash"
	"math/bits"

	"ascribe.example/lineage"
)

// index finds slab elements by a hash: open addressing, linear probing, the hash beside the element's number, so that most
// probes touch nothing else. Who looks something up compares the elements themselves and goes over the whole cluster; no
// answer depends on the order of the slots, and therefore none on the seed of the hashes, which is random in each run so
// that nobody can choose names that collide.
type index struct {
	slots []slot
	n     int
}

type slot struct {
	hash uint32
	id   int32 // 0: empty
}

var (
	seed = maphash.MakeSeed()
	salt = maphash.String(seed, "")
)

func hashWords(a, b uint64) uint32 {
	hi, lo := bits.Mul64(a^salt, b^0x9e3779b97f4a7c15)
	x := (hi ^ lo ^ a) * 0xbf58476d1ce4e5b9
	hi, lo = bits.Mul64(x^bits.RotateLeft64(salt, 32), 0x94d049bb133111eb)
	x = hi ^ lo
	return uint32(x ^ x>>32)
}

func hashName(folder int32, folded []byte) uint32 {
	return hashWords(maphash.Bytes(seed, folded), uint64(folder))
}

// hashRef is another for every Ref: they are our own running numbers, so nobody can choose them to collide.
func hashRef(by lineage.Ref) uint32 { return uint32(by) * 0x9e3779b1 }

func hashPath(path string) uint32 {
	h := maphash.String(seed, path)
	return uint32(h ^ h>>32)
}

func (x *index) add(hash uint32, id int32) {
	if 4*(x.n+1) > 3*len(x.slots) {
		old := x.slots
		x.slots = make([]slot, max(64, 2*len(old)))
		for _, s := range old {
			if s.id != 0 {
				x.put(s)
			}
		}
	}
	x.n++
	x.put(slot{hash, id})
}

func (x *index) put(s slot) {
	mask := uint32(len(x.slots) - 1)
	i := s.hash & mask
	for x.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = s
}

// remove takes id out; it must stand under hash.
func (x *index) remove(hash uint32, id int32) {
	if len(x.slots) == 0 {
		return
	}
	mask := uint32(len(x.slots) - 1)
	i := hash & mask
	for x.slots[i].id != id {
		if x.slots[i].id == 0 {
			return
		}
		i = (i + 1) & mask
	}
	x.n--
	// Close the hole: whatever may stand nearer to its own place moves up.
	for j := (i + 1) & mask; x.slots[j].id != 0; j = (j + 1) & mask {
		home := x.slots[j].hash & mask
		if (j-home)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = slot{}
}

// from is where the search for a hash begins; next the following place. A search ends at the first empty slot.
func (x *index) from(hash uint32) (i, mask uint32) {
	if len(x.slots) == 0 {
		return 0, 0
	}
	mask = uint32(len(x.slots) - 1)
	return hash & mask, mask
}

// at is the slot, empty if there are none.
func (x *index) at(i uint32) slot {
	if len(x.slots) == 0 {
		return slot{}
	}
	return x.slots[i]
}
