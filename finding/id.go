package finding

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// ID is the name of a conclusion: the same live, replayed, re-cut, or in a fleet.
//
// It is the kind's prefix (op_, ev_, pr_, gp_) and 24 hexadecimal digits: the first 12 bytes of SHA-256 over the word
// "ascribe.id/1", host, boot, client, kind and action, each preceded by its length as 4 bytes, then first and part as 8
// bytes, all big-endian. 96 bits keep two of ten thousand million findings apart with a chance of 1 in a thousand million.
//
// host, boot and client are as the recording names them, empty where it does not. first is the global_seq_num of the first
// member, or where messages have none, whatever else names that message within its client; for a process finding, pid and
// pidversion in one. part numbers the parts of a long operation from 0.
func ID(host, boot, client string, first uint64, kind Kind, action Action, part int) string {
	var (
		buf [512]byte
		b   = buf[:0]
	)
	for _, s := range [...]string{"ascribe.id/1", host, boot, client, string(kind), string(action)} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint64(b, first)
	b = binary.BigEndian.AppendUint64(b, uint64(part))
	sum := sha256.Sum256(b)
	var id [27]byte
	copy(id[:], idPrefix(kind))
	hex.Encode(id[3:], sum[:12])
	return string(id[:])
}

func idPrefix(k Kind) string {
	switch k {
	case KindOperation:
		return "op_"
	case KindEvent:
		return "ev_"
	case KindProcess:
		return "pr_"
	}
	return "gp_"
}
