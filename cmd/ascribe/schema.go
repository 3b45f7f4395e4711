package main

import (
	"ascribe.example/es/recording"
	"ascribe.example/finding"
	"github.com/spf13/cobra"
)

func newSchema(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [finding|recording]",
		Short: "Print the JSON Schema of findings, or of a recording's control lines",
		Long: `schema prints the contract as a JSON Schema, draft 2020-12: of the lines that run
writes with --format json, or of the control lines of a recording.`,
		Example: `  ascribe schema > finding.schema.json
  ascribe schema recording`,
		ValidArgs: []string{"finding", "recording"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "finding" && args[0] != "recording" {
				return usagef("schema prints one of finding, recording")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			schema := finding.JSONSchema()
			if len(args) == 1 && args[0] == "recording" {
				schema = recording.JSONSchema()
			}
			_, err := c.out.Write(schema)
			return err
		},
	}
}
