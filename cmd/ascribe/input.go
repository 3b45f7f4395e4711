package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"ascribe.example/catalog"
	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/redact"
	"github.com/spf13/cobra"
)

// inputFlags say how recordings are read.
type inputFlags struct {
	host       string
	subscribed string
	catalog    string
	deadLetter string
	raw        bool
	strict     bool
}

func (in *inputFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&in.host, "host", "", "`NAME` of the host, for recordings that do not say it")
	f.StringVar(&in.subscribed, "subscribed", "", "`EVENTS` that were recorded, for recordings that do not say it: names as eslogger's, or all")
	f.StringVar(&in.catalog, "catalog", "", "`FILE` with more well-known programs (docs/catalog.md)")
	f.StringVar(&in.deadLetter, "dead-letter", "", "`FILE` that keeps what could not be read")
	f.BoolVar(&in.raw, "raw", false, "show arguments as they are, secrets too")
	f.BoolVar(&in.strict, "strict-shape", false, "look for unknown keys at every level of a message; slow")
	markFile(cmd, "catalog", "dead-letter")
}

func markFile(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		if err := cmd.MarkFlagFilename(flag); err != nil {
			panic(err) // the flag was defined a line above
		}
	}
}

// engine is what the flags say of the inference. notes are for the user to know.
func (in *inputFlags) engine() (o engine.Options, notes []string, err error) {
	if !in.raw {
		o.Redact = redact.Args
	}
	if in.subscribed != "" {
		o.HasSubscribed = true
		if in.subscribed == "all" {
			o.Subscribed = es.AllKinds()
		}
		for _, name := range strings.FieldsFunc(in.subscribed, func(r rune) bool { return r == ',' || r == ' ' }) {
			switch k := es.KindOf(name); {
			case k != es.KindOther:
				o.Subscribed.Add(k)
			case name != "all":
				notes = append(notes, fmt.Sprintf("--subscribed: no answer rests on an event %q", name))
			}
		}
	}
	if in.catalog != "" {
		text, err := os.ReadFile(in.catalog)
		if err != nil {
			return o, nil, fmt.Errorf("read the catalogue: %w", err)
		}
		if o.Catalog, err = catalog.Default().With(bytes.NewReader(text)); err != nil {
			return o, nil, fmt.Errorf("read the catalogue %s: %w", in.catalog, err)
		}
	}
	return o, notes, nil
}
