package live

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"golang.org/x/sys/unix"
	"howett.net/plist"
)

// Names of facts, as docs/recording.md lists them.
const (
	FactQuarantine = "quarantine"
	FactWhereFrom  = "where-from"
	FactSHA256     = "sha256"
)

// The attributes that tell where a file comes from [R]. Endpoint Security tells their names and never their values [D].
const (
	quarantineAttribute = "com.apple.quarantine"
	whereFromAttribute  = "com.apple.metadata:kMDItemWhereFroms"
)

// largestHashed bounds the files that are hashed.
const largestHashed = 256 << 20

// Facts looks up, on this host, what messages do not hold. What it reads, it reads after the event, when the file may have
// been changed again: a fact carries both times.
type Facts struct {
	Hash bool // also the SHA-256 of each file that is quarantined

	// Attribute reads an extended attribute of the file itself; nil: the system does.
	Attribute func(path, name string) ([]byte, error)

	decoder *eslogger.Decoder
	asked   chan question
	found   chan *es.Fact
	done    chan struct{}
	Lost    uint64 // questions that came too fast
}

// question is an attribute that was set.
type question struct {
	path string
	name string
	stat es.Stat
	at   es.Time
}

func (f *Facts) start() <-chan *es.Fact {
	f.decoder = eslogger.NewDecoder()
	f.asked, f.found, f.done = make(chan question, 256), make(chan *es.Fact, 16), make(chan struct{})
	if f.Attribute == nil {
		f.Attribute = attribute
	}
	go f.answer(f.asked, f.found, f.done)
	return f.found
}

func (f *Facts) stop() {
	close(f.done)
	f.done = nil
}

// rareWords begin with rare letters: they are looked for in all that comes, at 10 GB a second instead of 3.
var rareWords = [][]byte{[]byte("quarantine"), []byte("kMDItemWhereFroms")}

// look finds the lines that tell of such an attribute. They are rare, so that only they are decoded.
func (f *Facts) look(text []byte) {
	for _, word := range rareWords {
		for rest := text; ; {
			i := bytes.Index(rest, word)
			if i < 0 {
				break
			}
			from := bytes.LastIndexByte(rest[:i], '\n') + 1
			to := bytes.IndexByte(rest[i:], '\n')
			if to < 0 {
				to = len(rest) - i
			}
			f.line(rest[from : i+to])
			rest = rest[i+to:]
		}
	}
}

func (f *Facts) line(line []byte) {
	var m es.Message
	if f.decoder.Decode(line, &m) != nil || m.Denied {
		return
	}
	x, is := m.Event.(*es.ExtAttr)
	if !is || m.Kind() != es.KindSetExtAttr {
		return
	}
	q := question{path: strings.Clone(x.Target.Path), stat: x.Target.Stat, at: m.Time}
	switch x.Name {
	case quarantineAttribute:
		q.name = FactQuarantine
	case whereFromAttribute:
		q.name = FactWhereFrom
	default:
		return
	}
	select {
	case f.asked <- q:
	default:
		f.Lost++
	}
}

func (f *Facts) answer(asked <-chan question, found chan<- *es.Fact, done <-chan struct{}) {
	send := func(q question, name, value string) {
		fact := &es.Fact{Time: now(), Event: q.at, Path: q.path, Ino: q.stat.Ino, Dev: q.stat.Dev, Name: name, Value: value}
		select {
		case found <- fact:
		case <-done:
		}
	}
	for {
		select {
		case <-done:
			return
		case q := <-asked:
			value, err := f.Attribute(q.path, map[string]string{FactQuarantine: quarantineAttribute, FactWhereFrom: whereFromAttribute}[q.name])
			if err != nil {
				continue // it is gone again, or never came to be: there is nothing to say
			}
			if q.name == FactWhereFrom {
				if text, ok := whereFrom(value); ok {
					send(q, q.name, text)
				}
				continue
			}
			send(q, q.name, string(bytes.TrimRight(value, "\x00")))
			if f.Hash {
				if sum, err := hash(q.path); err == nil {
					send(q, FactSHA256, sum)
				}
			}
		}
	}
}

// whereFrom reads the addresses of kMDItemWhereFroms, a property list of strings: the file's own, then the page's. They
// come one a line.
func whereFrom(value []byte) (string, bool) {
	var from []string
	if _, err := plist.Unmarshal(value, &from); err != nil {
		return "", false
	}
	return strings.Join(from, "\n"), true
}

func attribute(path, name string) ([]byte, error) {
	buf := make([]byte, 4096)
	for {
		n, err := unix.Lgetxattr(path, name, buf)
		if errors.Is(err, unix.ERANGE) && len(buf) < 1<<20 {
			buf = make([]byte, 4*len(buf))
			continue
		}
		if err != nil {
			return nil, err
		}
		return buf[:n], nil
	}
}

var errLarge = errors.New("too large to hash, or no file")

// hash reads the file that the path names now. It opens nothing that could make it wait.
func hash(path string) (string, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	file := os.NewFile(uintptr(fd), path)
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > largestHashed {
		return "", errLarge
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(file, largestHashed)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
