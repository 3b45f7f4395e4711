package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func packed(t testing.TB, c Compression, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch c {
	case Gzip:
		w = gzip.NewWriter(&b)
	case Zstd:
		z, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		w = z
	default:
		return []byte(text)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(t testing.TB, in io.Reader) (string, Compression, error) {
	t.Helper()
	r, c, err := Decompress(in)
	if err != nil {
		return "", c, err
	}
	text, err := io.ReadAll(r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return string(text), c, err
}

func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{\"n\":%d,\"x\":%d}\n", i, i*7919%10007)
	}
	return b.String()
}

func TestDecompress(t *testing.T) {
	a, b := lines(20_000), lines(10)
	for _, want := range []Compression{Plain, Gzip, Zstd} {
		in := append(packed(t, want, a), packed(t, want, b)...) // two members, two frames
		for name, r := range map[string]io.Reader{"at once": bytes.NewReader(in), "byte by byte": iotest.OneByteReader(bytes.NewReader(in))} {
			text, c, err := unpack(t, r)
			if err != nil || c != want || text != a+b {
				t.Errorf("%s, %s: %d bytes of %d as %s, %v", want, name, len(text), len(a+b), c, err)
			}
		}
	}
	for _, short := range []string{"", "{", "{}\n", "\x1f", "(\xb5"} {
		if text, c, err := unpack(t, strings.NewReader(short)); text != short || c != Plain || err != nil {
			t.Errorf("%q: %q as %s, %v", short, text, c, err)
		}
	}
	skippable := append([]byte("\x51\x2a\x4d\x18\x03\x00\x00\x00abc"), packed(t, Zstd, b)...)
	if text, c, err := unpack(t, bytes.NewReader(skippable)); text != b || c != Zstd || err != nil {
		t.Errorf("a skippable frame first: %q as %s, %v", text, c, err)
	}
}

// TestDecompressCut: what was there before the cut is read, and the cut is told.
func TestDecompressCut(t *testing.T) {
	want := lines(60_000)
	for _, c := range []Compression{Gzip, Zstd} {
		in := packed(t, c, want)
		text, _, err := unpack(t, bytes.NewReader(in[:len(in)*9/10]))
		if !errors.Is(err, io.ErrUnexpectedEOF) || err.Error() != "the "+c.String()+" data is cut: unexpected EOF" {
			t.Errorf("%s: %v", c, err)
		}
		if !strings.HasPrefix(want, text) || len(text) < len(want)*3/4 {
			t.Errorf("%s: only %d bytes of %d were read", c, len(text), len(want))
		}
		if _, _, err := unpack(t, bytes.NewReader(in[:7])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s, 7 bytes: %v", c, err)
		}
		in[len(in)/2] ^= 0xff
		if text, _, err := unpack(t, bytes.NewReader(in)); err == nil || text == want {
			t.Errorf("%s with a wrong byte: %v", c, err)
		}
		if text, _, err := unpack(t, bytes.NewReader(append(packed(t, c, "{}"), "tail"...))); err == nil || text != "{}" {
			t.Errorf("%s with a tail: %q, %v", c, text, err)
		}
		bad := errors.New("the cable is out")
		if _, _, err := unpack(t, io.MultiReader(bytes.NewReader(packed(t, c, want)[:5000]), iotest.ErrReader(bad))); err != bad {
			t.Errorf("%s: the error of the source became %v", c, err)
		}
	}
	bad := errors.New("the cable is out")
	if text, _, err := unpack(t, io.MultiReader(strings.NewReader("{}"), iotest.ErrReader(bad))); err != bad || text != "{}" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestDecompressForeign(t *testing.T) {
	for magic, want := range map[string]string{
		"\xfd7zXZ\x00\x00":       "xz data is not read: unpack it first, as with xz -dc",
		"BZh91AY":                "bzip2 data is not read: unpack it first, as with bzip2 -dc",
		"PK\x03\x04\x14\x00":     "zip data is not read: unpack it first, as with unzip -p",
		"\x04\x22\x4d\x18d@\xa7": "lz4 data is not read: unpack it first, as with lz4 -dc",
	} {
		if _, _, err := unpack(t, strings.NewReader(magic)); err == nil || err.Error() != want {
			t.Errorf("%q: %v", magic, err)
		}
	}
}
