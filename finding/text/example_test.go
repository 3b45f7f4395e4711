package text_test

import (
	"fmt"
	"os"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
)

// Findings become entries under the one who did them.
func Example() {
	editor := finding.Process{PID: 520, PIDVersion: 99, Path: "/Applications/Editor.app/Contents/MacOS/Editor"}
	w := text.NewWriter(os.Stdout, text.Options{Width: 80})
	err := w.Write(&finding.Finding{
		Kind: finding.KindOperation, ID: "op_93094760ab12", Time: 1772359205e9,
		Action: finding.Rename, SourcePath: "/Users/alice/draft.txt", Path: "/Users/alice/final.txt",
		Actor: &editor, Responsible: &finding.Responsible{Process: editor, App: "Editor"},
		Initiator: &finding.Initiator{Class: finding.ClassConsole, User: "alice"},
		Certainty: finding.Levels{
			Action: finding.Certain, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely,
		},
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Sunday 1 March 2026, UTC
	//
	// alice at the console (likely)
	// 10:00:05  Editor: renamed ~/draft.txt → final.txt (certain)            op_930947
}
