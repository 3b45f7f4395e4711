package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
)

func samples(n int) []*finding.Finding {
	var l []*finding.Finding
	for i := range n {
		l = append(l, sample(i))
	}
	return l
}

// Whatever of a file is overwritten: it is told, never passed over in silence, and repair keeps what is whole.
func TestDamageIsToldAndRepaired(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	all := samples(600)
	s := open(t, dir, Options{SegmentFindings: 200})
	put(t, s, all)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := linesFrom(all, query.Want{})
	path := filepath.Join(dir, "000002.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	told, lost := 0, int64(0)
	r := rand.New(rand.NewPCG(1, 2))
	tried := 0
	for page := range len(whole) / 4096 {
		if page%(2*slow-1) != 0 { // an odd step takes both kinds of damage
			continue
		}
		tried++
		damaged := bytes.Clone(whole)
		if page%2 == 0 {
			for i := range 4096 {
				damaged[page*4096+i] = byte(r.Uint32())
			}
		} else {
			damaged[page*4096+r.IntN(4096)] ^= 1 << r.IntN(8)
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		report, err := s.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, rerr := readAll(t, s)
		if len(report.Problems) == 0 && (rerr != nil || !slices.Equal(got, want)) {
			t.Fatalf("page %d: nothing was told, but %d findings came out, %v", page, len(got), rerr)
		}
		if rerr != nil && !errors.Is(rerr, ErrDamaged) {
			t.Errorf("page %d: the error does not say that it is damage: %v", page, rerr)
		}
		if len(report.Problems) > 0 {
			told++
		}
		again, err := s.Repair(t.Context())
		if err != nil {
			t.Fatalf("page %d: repair: %v", page, err)
		}
		if report, err = s.Check(t.Context()); err != nil || len(report.Problems) > 0 {
			t.Fatalf("page %d: after the repair: %v, %+v", page, err, report)
		}
		got, rerr = readAll(t, s)
		if rerr != nil || len(got) < 400 {
			t.Fatalf("page %d: after the repair %d findings come out, %v", page, len(got), rerr)
		}
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Fatalf("page %d: the repair made %s", page, line)
			}
		}
		lost += again.Lost
		// What is lost comes back.
		put(t, s, all)
		got, rerr = readAll(t, s)
		slices.Sort(got)
		if sorted := slices.Sorted(slices.Values(want)); rerr != nil || !slices.Equal(got, sorted) {
			t.Fatalf("page %d: after another import: %v: %s", page, rerr, cmp.Diff(sorted, got))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, Options{SegmentFindings: 200})
		put(t, s, all)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("of %d damaged pages, %d were told; %d findings were lost", tried, told, lost)
	if told < tried/2 || lost == 0 && slow == 1 { // few pages may be indexes alone
		t.Error("the damage did none")
	}
}

func readAll(t *testing.T, s *Store) (l []string, err error) {
	t.Helper()
	for f, err := range s.Findings(t.Context(), query.Want{}) {
		if err != nil {
			return l, err
		}
		l = append(l, string(finding.Append(nil, f)))
	}
	return l, nil
}

// A disk that is full is told, and nothing is lost that was acknowledged; with space again, the same import goes on.
func TestAFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	all := samples(5000)
	s := open(t, dir, Options{maxPages: 60})
	w, err := s.Writer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for i, f := range all {
		if err = w.Add(f); err != nil {
			break
		}
		if i%100 == 99 {
			if err = w.Commit(); err != nil {
				break
			}
			kept = i + 1
		}
	}
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "give the same again") {
		t.Fatalf("the error is %v", err)
	}
	if kept == 0 {
		t.Fatal("nothing was acknowledged")
	}
	if err := w.Add(sample(1)); !errors.Is(err, ErrFull) {
		t.Errorf("afterwards it takes findings: %v", err)
	}
	if err := w.Close(); !errors.Is(err, ErrFull) {
		t.Errorf("closing says %v", err)
	}
	if got := linesOf(t, s, query.Want{}); len(got) < kept || !slices.Equal(got, linesFrom(all[:len(got)], query.Want{})) {
		t.Errorf("%d were acknowledged, and %d are there", kept, len(got))
	}
	_ = s.Close()
	s = open(t, dir, Options{})
	put(t, s, all)
	if d := cmp.Diff(linesFrom(all, query.Want{}), linesOf(t, s, query.Want{})); d != "" {
		t.Error(d)
	}
}

// readOnlyChild is the environment variable by which a test calls itself as another user.
const readOnlyChild = "ASCRIBE_TEST_READ_ONLY"

// tryReadOnly reads a store, and tries to write to it.
func tryReadOnly(dir string) {
	s, err := Open(context0, dir, Options{})
	if err != nil {
		fmt.Println("open:", err)
		return
	}
	n := 0
	for _, err := range s.Findings(context0, query.Want{}) {
		if err != nil {
			fmt.Println("read:", err)
			return
		}
		n++
	}
	_, err = s.Writer(context0)
	fmt.Printf("read %d; write: %v; %v\n", n, err, errors.Is(err, ErrReadOnly))
}

func TestAFolderThatCanOnlyBeRead(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "store")
	s := open(t, dir, Options{SegmentFindings: 100})
	put(t, s, samples(250)) // two sealed segments, and an open one
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, up := range []string{base, filepath.Dir(base), filepath.Dir(filepath.Dir(base))} {
		if up != os.TempDir() && strings.HasPrefix(up, os.TempDir()) {
			if err := os.Chmod(up, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	test := filepath.Join(base, "test")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(program); err != nil {
		t.Fatal(err)
	} else if err := os.WriteFile(test, text, 0o755); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if err := os.Chmod(f, 0o444); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	cmd := exec.Command(test)
	cmd.Env = append(os.Environ(), readOnlyChild+"="+dir)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(out))
	}
	if got := string(out); !strings.HasPrefix(got, "read 250; write: ") || !strings.Contains(got, "must be yours to write") || !strings.HasSuffix(got, "true\n") {
		t.Error(got)
	}
}

// What a later version wrote is refused; what an earlier one wrote is brought forward, and keeps what it holds.
func TestVersions(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		s := open(t, name, Options{SegmentFindings: 20})
		put(t, s, samples(50))
		want := linesOf(t, s, query.Want{})
		_ = s.Close()
		migrations = append(migrations, migration{
			sqlite: "ALTER TABLE finding ADD COLUMN later INTEGER", postgres: "ALTER TABLE finding ADD COLUMN later bigint",
		})
		s = open(t, name, Options{SegmentFindings: 20})
		if d := cmp.Diff(want, linesOf(t, s, query.Want{})); d != "" {
			t.Error("before it is brought forward:", d)
		}
		put(t, s, samples(60))
		if got := linesOf(t, s, query.Want{}); len(got) != 60 || !slices.Equal(got[:50], want) {
			t.Errorf("afterwards it holds %d findings", len(got))
		}
		for _, seg := range s.segments {
			if _, err := seg.db.ExecContext(t.Context(), "SELECT later FROM "+seg.table("finding")); err != nil {
				t.Error(err)
			}
		}
		_ = s.Close()
		migrations = migrations[:len(migrations)-1]
		_, err := Open(t.Context(), name, Options{})
		if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "use that version, or a newer one") {
			t.Errorf("a later layout: %v", err)
		}
	})
}

func TestOneWriterAtATime(t *testing.T) {
	defer func(d time.Duration) { lockPatience = d }(lockPatience)
	lockPatience = 200 * time.Millisecond
	everywhere(t, func(t *testing.T, name string) {
		s, other := open(t, name, Options{}), open(t, name, Options{})
		w, err := s.Writer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Writer(t.Context()); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "wait for it") {
			t.Errorf("a second writer: %v", err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		w, err = other.Writer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// What stands where no store is, is left alone.
func TestWhatIsNoStore(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{Create: true}); !errors.Is(err, ErrNotStore) {
		t.Error(err)
	}
	if server == "" {
		return
	}
	_, err := Open(t.Context(), server+"&search_path=pg_catalog", Options{Create: true})
	if !errors.Is(err, ErrNotStore) {
		t.Error(err)
	}
	_, err = Open(t.Context(), "postgres://tester:secret@localhost:1/x", Options{})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	_, err = Open(t.Context(), "postgres://tester@localhost:1/x?password=secret", Options{})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
