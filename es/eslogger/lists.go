package eslogger

import (
	"unsafe"

	"ascribe.example/es"
)

func (d *Decoder) texts(i int, v *[]string) int {
	p := d.base
	if at(p, i) != '[' {
		return bad
	}
	l := &d.lists
	if l.buf == nil {
		l.reserve(64)
	}
	start := l.n
	i = d.space(i + 1)
	if at(p, i) == ']' {
		*v = l.buf[start:start:start]
		return i + 1
	}
	for {
		s, j := d.text(i)
		if j < 0 {
			return bad
		}
		if l.n == len(l.buf) {
			part := l.buf[start:]
			l.reserve(2*len(part) + 1)
			start, l.n = 0, copy(l.buf, part)
		}
		l.buf[l.n] = s
		l.n++
		i = d.space(j)
		c := at(p, i)
		if i >= d.end || c != ',' && c != ']' {
			return bad
		}
		if c == ']' {
			*v = l.buf[start:l.n:l.n]
			return i + 1
		}
		i = d.space(i + 1)
	}
}

var fdShape = func() *shape {
	var fd es.FD
	return newShape("fd",
		field{key: "fd", op: op32, offset: unsafe.Offsetof(fd.FD)},
		field{key: "fdtype", op: op32, offset: unsafe.Offsetof(fd.Type)},
		field{key: "pipe", op: opObject, sub: newShape("pipe",
			field{key: "pipe_id", op: op64, offset: unsafe.Offsetof(fd.PipeID)},
		)},
	)
}()

func (d *Decoder) fds(i int, v *[]es.FD) int {
	p := d.base
	if at(p, i) != '[' {
		return bad
	}
	l := &d.descriptors
	if l.buf == nil {
		l.reserve(64)
	}
	start := l.n
	i = d.space(i + 1)
	if at(p, i) == ']' {
		*v = l.buf[start:start:start]
		return i + 1
	}
	for {
		if l.n == len(l.buf) {
			part := l.buf[start:]
			l.reserve(2*len(part) + 1)
			start, l.n = 0, copy(l.buf, part)
		}
		l.buf[l.n] = es.FD{}
		j := d.object(i, unsafe.Pointer(&l.buf[l.n]), fdShape)
		if j < 0 {
			return bad
		}
		l.n++
		i = d.space(j)
		c := at(p, i)
		if i >= d.end || c != ',' && c != ']' {
			return bad
		}
		if c == ']' {
			*v = l.buf[start:l.n:l.n]
			return i + 1
		}
		i = d.space(i + 1)
	}
}
