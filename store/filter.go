package store

import "encoding/binary"

// filter says of an id that a segment does not hold it, or that it may: a Bloom filter of 16 bits an id, wrong about once in
// 2,000. The bits of an id are as good as random (see [finding.ID]), so they are their own hashes.
type filter []byte

const (
	filterBits   = 16
	filterProbes = 6
)

func newFilter(n int) filter {
	return make(filter, max(n*filterBits/8, 64))
}

func (f filter) probes(k *key, each func(i uint64, bit byte) bool) bool {
	a, b := binary.BigEndian.Uint64(k[1:]), uint64(binary.BigEndian.Uint32(k[9:]))<<1|1
	bits := uint64(len(f)) * 8
	for range filterProbes {
		i := a % bits
		if !each(i/8, 1<<(i%8)) {
			return false
		}
		a += b
	}
	return true
}

func (f filter) add(k *key) {
	f.probes(k, func(i uint64, bit byte) bool { f[i] |= bit; return true })
}

// mayHold is true where the filter is empty: nothing is known.
func (f filter) mayHold(k *key) bool {
	return len(f) == 0 || f.probes(k, func(i uint64, bit byte) bool { return f[i]&bit != 0 })
}
