package pipeline

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"ascribe.example/es/recording"
	"ascribe.example/finding"
	"github.com/google/go-cmp/cmp"
)

// FuzzRun: any bytes, as one stream or as two files, balance, and give the same however they arrive.
func FuzzRun(f *testing.F) {
	whole := begin("mac", "b", "c") + msg(1, 100, "a") + "x " + msg(2, 90, "b") + string(recording.AppendWatermark(nil, 7)) + "\n" + launchd(3, 120, 9)
	f.Add([]byte(whole), 100, 7)
	f.Add([]byte(msg(5, 1, "a")+msg(5, 1, "a")+"{\"a\":\n"), 300, 1)
	f.Add([]byte(strings.ReplaceAll(whole, `"kind"`, `"kin"`)), 3, 500)
	f.Fuzz(func(t *testing.T, in []byte, cut, size int) {
		run := func(inputs ...Input) (string, Summary) {
			var log strings.Builder
			sum, err := Run(context.Background(), inputs, Options{
				New:  func(host string, emit func(*finding.Finding)) Engine { return &fake{host, emit, &log} },
				Sink: func(*finding.Finding) error { return nil },
			})
			if err != nil || !sum.Balanced() {
				t.Fatalf("%v, %+v", err, sum)
			}
			return log.String(), sum
		}
		want, wantSum := run(text("x", string(in)))
		got, gotSum := run(Stream("x", chunks{bytes.NewReader(in), max(1, size&0xff)}))
		gotSum.Decoded = wantSum.Decoded // a piece may be decoded once more
		if want != got {
			t.Fatalf("in small chunks: %s", cmp.Diff(want, got))
		}
		if diff := cmp.Diff(wantSum, gotSum); diff != "" {
			t.Fatalf("in small chunks: %s", diff)
		}
		at := max(0, cut) % (len(in) + 1)
		a, b := text("a", string(in[:at])), text("b", string(in[at:]))
		want, _ = run(a, b)
		if got, _ := run(a, b); want != got {
			t.Fatalf("twice: %s", cmp.Diff(want, got))
		}
	})
}
