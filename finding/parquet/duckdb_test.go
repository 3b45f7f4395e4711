//go:build official

package parquet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/finding/parquet"
	"pgregory.net/rapid"
)

const program = `
import { createRequire } from 'node:module';
const { DuckDBInstance } = createRequire(process.env.DUCKDB + '/')('@duckdb/node-api');
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run("set timezone = 'UTC'");
const rows = await connection.runAndReadAll("select * from read_parquet('" + process.argv[2] + "')");
for (const row of rows.getRowObjectsJson()) console.log(JSON.stringify(row));
const sums = await connection.runAndReadAll("select count(*), count(path), count(distinct id) from read_parquet('" + process.argv[2] + "')");
console.log(JSON.stringify(sums.getRowsJson()));
`

// DuckDB reads every value of every finding as the line has it.
func TestOfficialDuckDB(t *testing.T) {
	module, err := filepath.Abs(os.Getenv("DUCKDB"))
	if err != nil || os.Getenv("DUCKDB") == "" {
		t.Fatal("DUCKDB must name a folder with node_modules/@duckdb/node-api: make test makes one")
	}
	var lines [][]byte
	var file bytes.Buffer
	w := parquet.NewWriter(&file)
	rapid.Check(t, func(r *rapid.T) {
		for range 4 {
			f := findingtest.Draw(r)
			f.ID = finding.ID("", "", "", uint64(len(lines)), f.Kind, "", 0)
			lines = append(lines, finding.Append(nil, f))
			if err := w.Write(f); err != nil {
				t.Fatal(err)
			}
		}
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name, script := filepath.Join(dir, "f.parquet"), filepath.Join(dir, "read.mjs")
	for path, text := range map[string][]byte{name: file.Bytes(), script: []byte(program)} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", script, name)
	cmd.Env = append(os.Environ(), "DUCKDB="+module)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	rows := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(rows) != len(lines)+1 {
		t.Fatalf("%d rows, want %d", len(rows)-1, len(lines))
	}
	paths := 0
	for i, line := range lines {
		want, got := value(t, line), value(t, rows[i])
		delete(want, "schema")
		if want["path"] != nil {
			paths++
		}
		for _, said := range compare("", want, got) {
			t.Errorf("finding %d: %s", i, said)
		}
		if t.Failed() {
			t.Fatalf("%s\n%s", line, rows[i])
		}
	}
	if got, want := string(rows[len(lines)]), fmt.Sprintf(`[["%d","%d","%d"]]`, len(lines), paths, len(lines)); got != want {
		t.Errorf("counts are %s, want %s", got, want)
	}
}

func value(t *testing.T, line []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err, string(line))
	}
	return v
}

// compare tells where a row differs from a line. Large numbers are text in DuckDB's JSON, and its times have microseconds.
func compare(at string, line, row any) []string {
	switch line := line.(type) {
	case map[string]any:
		row, ok := row.(map[string]any)
		if !ok || len(line) != len(row) {
			return []string{fmt.Sprintf("%s is %v, want %v", at, row, line)}
		}
		var said []string
		for k, v := range line {
			said = append(said, compare(at+"."+k, v, row[k])...)
		}
		return said
	case []any:
		if pair, ok := row.(map[string]any); ok && len(line) == 2 { // a range of events
			row = []any{pair["first"], pair["last"]}
		}
		row, ok := row.([]any)
		if !ok || len(line) != len(row) {
			return []string{fmt.Sprintf("%s is %v, want %v", at, row, line)}
		}
		var said []string
		for i := range line {
			said = append(said, compare(fmt.Sprintf("%s[%d]", at, i), line[i], row[i])...)
		}
		return said
	case string:
		if want, err := time.Parse(time.RFC3339Nano, line); err == nil {
			if row == "infinity" || row == "-infinity" || row == nil && want.Year() < 1678 {
				return nil // the ends of what 64 bits hold
			}
			got, err := time.Parse("2006-01-02 15:04:05.999999-07", fmt.Sprint(row))
			if d := want.Sub(got); err == nil && d > -time.Microsecond && d < time.Microsecond {
				return nil
			}
		}
		if s, ok := row.(string); ok && s == strings.TrimPrefix(line, "\uFEFF") {
			return nil // the reader of node takes the first character for a mark
		}
	}
	if line == nil && row == nil || line != nil && row != nil && fmt.Sprint(line) == fmt.Sprint(row) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v, want %v", at, row, line)}
}
