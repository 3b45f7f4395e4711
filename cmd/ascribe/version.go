package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"ascribe.example/es/recording"
	"ascribe.example/finding"
	"github.com/spf13/cobra"
)

// version is set by the release build.
var version = ""

func newVersion(c console) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and those of the formats",
		Example: `  ascribe version`,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.out, "ascribe %s\nfindings %s\nrecordings %s\n%s %s/%s\n",
				versionOf(), finding.Schema, recording.Schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// versionOf is the release's version, or what the build knows.
func versionOf() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}
