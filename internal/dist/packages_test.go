//go:build dist

package dist

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// contents are the files of an archive or package, with their modes and what is in them (nil in an rpm).
type contents map[string]file

type file struct {
	mode fs.FileMode
	data []byte
}

func readTarGz(b []byte) (contents, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	files := contents{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if h.Uid != 0 || h.Gid != 0 {
			return nil, fmt.Errorf("%s belongs to %d:%d", h.Name, h.Uid, h.Gid)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files[strings.TrimPrefix(h.Name, "./")] = file{h.FileInfo().Mode().Perm(), data}
	}
}

// readDeb reads an ar archive of control.tar.gz and data.tar.gz.
func readDeb(b []byte) (control string, data contents, err error) {
	const magic = "!<arch>\n"
	if !bytes.HasPrefix(b, []byte(magic)) {
		return "", nil, fmt.Errorf("no ar archive")
	}
	for b = b[len(magic):]; len(b) >= 60; {
		name := strings.TrimRight(strings.TrimSpace(string(b[:16])), "/")
		size, err := strconv.Atoi(strings.TrimSpace(string(b[48:58])))
		if err != nil || 60+size > len(b) {
			return "", nil, fmt.Errorf("member %q: size %q", name, b[48:58])
		}
		member := b[60 : 60+size]
		switch name {
		case "control.tar.gz":
			files, err := readTarGz(member)
			if err != nil {
				return "", nil, err
			}
			control = string(files["control"].data)
		case "data.tar.gz":
			if data, err = readTarGz(member); err != nil {
				return "", nil, err
			}
		}
		b = b[min(60+size+size%2, len(b)):]
	}
	if control == "" || data == nil {
		return "", nil, fmt.Errorf("no control.tar.gz or no data.tar.gz")
	}
	return control, data, nil
}

// The tags of an rpm header that are read here.
const (
	rpmName, rpmVersion, rpmLicense, rpmArch = 1000, 1001, 1014, 1022
	rpmModes, rpmDirIndexes                  = 1030, 1116
	rpmBaseNames, rpmDirNames                = 1117, 1118
)

// readRPM reads the names and modes in an rpm's main header, which follows the lead and the signature header.
func readRPM(b []byte) (tags map[int]string, files contents, err error) {
	const lead = 96
	if len(b) < lead || !bytes.HasPrefix(b, []byte{0xed, 0xab, 0xee, 0xdb}) {
		return nil, nil, fmt.Errorf("no rpm")
	}
	_, _, size, err := rpmHeader(b[lead:])
	if err != nil {
		return nil, nil, err
	}
	index, store, _, err := rpmHeader(b[lead+(size+7)/8*8:])
	if err != nil {
		return nil, nil, err
	}
	texts := func(tag int) []string {
		e, ok := index[tag]
		if !ok {
			return nil
		}
		return strings.Split(string(store[e.offset:]), "\x00")[:e.count]
	}
	tags = map[int]string{}
	for _, t := range []int{rpmName, rpmVersion, rpmLicense, rpmArch} {
		if l := texts(t); len(l) > 0 {
			tags[t] = l[0]
		}
	}
	files = contents{}
	dirs := texts(rpmDirNames)
	for i, base := range texts(rpmBaseNames) {
		mode := binary.BigEndian.Uint16(store[index[rpmModes].offset+2*i:])
		dir := binary.BigEndian.Uint32(store[index[rpmDirIndexes].offset+4*i:])
		files[strings.TrimPrefix(dirs[dir]+base, "/")] = file{mode: fs.FileMode(mode & 0o777)}
	}
	return tags, files, nil
}

type rpmEntry struct{ offset, count int }

// rpmHeader reads one header structure: magic, the number of entries, the size of the store, entries, store.
func rpmHeader(b []byte) (index map[int]rpmEntry, store []byte, size int, err error) {
	if len(b) < 16 || !bytes.HasPrefix(b, []byte{0x8e, 0xad, 0xe8, 1}) {
		return nil, nil, 0, fmt.Errorf("no rpm header")
	}
	n, bytes := int(binary.BigEndian.Uint32(b[8:])), int(binary.BigEndian.Uint32(b[12:]))
	size = 16 + 16*n + bytes
	if size > len(b) {
		return nil, nil, 0, fmt.Errorf("an rpm header of %d bytes in %d", size, len(b))
	}
	index = map[int]rpmEntry{}
	for i := range n {
		e := b[16+16*i:]
		index[int(binary.BigEndian.Uint32(e))] = rpmEntry{int(binary.BigEndian.Uint32(e[8:])), int(binary.BigEndian.Uint32(e[12:]))}
	}
	return index, b[16+16*n : size], size, nil
}
