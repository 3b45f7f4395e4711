package filter_test

import (
	"testing"

	"ascribe.example/query/filter"
)

func BenchmarkEvaluate(b *testing.B) {
	for name, expr := range map[string]string{
		"one field":    `method == "read-write"`,
		"usual":        `method == "read-write" && object.volume.kind in ["external", "network"] && certainty.actor >= likely`,
		"path":         `path.under("/Volumes/USB") && path.glob("**/*.pdf")`,
		"left out":     `action == "save" && path.under("/Users/alice")`,
		"every item":   `items.exists(i, i.path.ext() == "pdf") || evidence.exists(e, e.rule == "none")`,
		"program, app": `responsible.signing_id == "com.apple.finder" && actor.path.startsWith("/usr/libexec/")`,
	} {
		b.Run(name, func(b *testing.B) {
			c, err := filter.Compile(expr, filter.Options{})
			if err != nil {
				b.Fatal(err)
			}
			f := copied()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Match(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
