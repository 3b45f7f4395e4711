package main

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func TestDraw(t *testing.T) {
	svg := draw("plain \x1b[1;38;2;1;2;3mbold <&>\x1b[0m\n\x1b[7mchosen\x1b[27m \x1b[38;5;196mred\x1b[39m \x1b]8;;x\x1b\\\n")
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v\n%s", err, svg)
		}
	}
	for _, want := range []string{
		`fill="#010203" font-weight="bold">bold &lt;&amp;&gt;</text>`, `fill="#1c1c1c">chosen</text>`, `fill="#ff0000">red</text>`,
		`fill="#e4e4e4">plain </text>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("lacks %s:\n%s", want, svg)
		}
	}
	if strings.Contains(svg, "\x1b") {
		t.Error("an escape is left")
	}
}
