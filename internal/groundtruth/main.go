package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: groundtruth ACTS FINDINGS")
		os.Exit(2)
	}
	ok, err := compare(os.Args[1], os.Args[2], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "groundtruth:", err)
		os.Exit(1)
	}
	if !ok {
		os.Exit(1)
	}
}

func compare(actsFile, findingsFile string, w io.Writer) (bool, error) {
	f, err := os.Open(actsFile)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // only read
	acts, err := readActs(f)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", actsFile, err)
	}
	g, err := os.Open(findingsFile)
	if err != nil {
		return false, err
	}
	defer func() { _ = g.Close() }() // only read
	ops, err := readOperations(g)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", findingsFile, err)
	}
	var b strings.Builder
	b.WriteString("| act | found as | certainty | action | actor | responsible | initiator |\n|---|---|---|---|---|---|---|\n")
	judged, found, certainlyWrong := 0, 0, 0
	var good, said [4]int
	for i := range acts {
		a := &acts[i]
		if a.Status != 0 {
			fmt.Fprintf(&b, "| %s | not done: its command ended with %d | | | | | |\n", a.Name, a.Status)
			continue
		}
		judged++
		f := a.nearest(ops)
		if f == nil {
			fmt.Fprintf(&b, "| %s | **not found** | | | | | |\n", a.Name)
			continue
		}
		found++
		v := a.answers(f)
		for j, s := range v {
			if s == "" {
				v[j] = "–"
				continue
			}
			said[j]++
			if s == right {
				good[j]++
			}
			if strings.HasPrefix(s, "CERTAIN") {
				certainlyWrong++
			}
		}
		c := f.Certainty
		fmt.Fprintf(&b, "| %s | %s `%s` | %s, %s, %s, %s | %s | %s | %s | %s |\n", a.Name, f.Action, f.ID, c.Action, c.Actor,
			c.Responsible, c.Initiator, v[0], v[1], v[2], v[3])
	}
	fmt.Fprintf(&b, "\n%d acts, %d done, %d found.", len(acts), judged, found)
	for j, role := range []string{"action", "actor", "responsible", "initiator"} {
		fmt.Fprintf(&b, " %s: %d of %d right.", role, good[j], said[j])
	}
	fmt.Fprintf(&b, " Certain and wrong: %d.\n", certainlyWrong)
	_, err = io.WriteString(w, b.String())
	return found > 0 && certainlyWrong == 0, err
}
