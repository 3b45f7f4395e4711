package main

import (
	"ascribe.example/es/recording"
	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newSchema(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [finding|recording|answers]",
		Short: "Print the JSON Schema of findings, of answers, or of a recording's control lines",
		Long: `schema prints the contract as a JSON Schema, draft 2020-12: of the lines that run
writes with --format json, of those of timeline --by, diff, top and stats, or of the
control lines of a recording.`,
		Example: `  ascribe schema > finding.schema.json
  ascribe schema recording`,
		ValidArgs: []string{"finding", "recording", "answers"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && schemas[args[0]] == nil {
				return usagef("schema prints one of finding, recording, answers")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			of := "finding"
			if len(args) == 1 {
				of = args[0]
			}
			_, err := c.out.Write(schemas[of]())
			return err
		},
	}
}

var schemas = map[string]func() []byte{
	"finding": finding.JSONSchema, "recording": recording.JSONSchema, "answers": query.JSONSchema,
}
