package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// printf adds to the report, and shows it as it comes.
func (b *bench) printf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	b.report.WriteString(text)
	fmt.Print(text)
}

// endMark ends what this program writes of a part; see write.
const endMark = "<!-- end of what was measured -->\n"

// write puts what was measured of a part into the page, between its two marks.
func (b *bench) write(part string) error {
	beginMark := "<!-- measured by make bench: " + part + " -->\n"
	page, err := os.ReadFile(b.page)
	if err != nil {
		return fmt.Errorf("write what was measured: %w", err)
	}
	before, rest, ok := strings.Cut(string(page), beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return fmt.Errorf("write what was measured: %s has lost its two marks, %q and %q", b.page, strings.TrimSpace(beginMark), strings.TrimSpace(endMark))
	}
	return os.WriteFile(b.page, []byte(before+beginMark+"\n"+strings.TrimSpace(b.report.String())+"\n\n"+endMark+after), 0o644)
}

// thousands writes 1234567 as 1,234,567.
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
