package files_test

import (
	"fmt"
	"time"

	"ascribe.example/es"
	"ascribe.example/files"
)

// An editor saves: it writes a temporary file and renames it over the document. Whose is the document's content, and what
// was its file called before?
func Example() {
	const editor = 7 // as lineage names the execution

	file := func(path string, ino uint64) es.File {
		return es.File{Path: path, Stat: es.Stat{Dev: 16777234, Ino: ino, Mode: es.ModeRegular | 0o644, Nlink: 1}}
	}
	table := files.New(files.Limits{})
	var last files.Change
	for i, event := range []es.Event{
		&es.Create{ExistingFile: file("/Users/alice/.plan.txt.sb-1", 20482)},
		&es.Open{FFlag: es.FWrite, File: file("/Users/alice/.plan.txt.sb-1", 20482)},
		&es.Write{Target: file("/Users/alice/.plan.txt.sb-1", 20482)},
		&es.Close{Target: file("/Users/alice/.plan.txt.sb-1", 20482), Modified: true},
		&es.Rename{
			Source:          file("/Users/alice/.plan.txt.sb-1", 20482),
			DestinationType: es.DestinationExistingFile,
			ExistingFile:    file("/Users/alice/plan.txt", 20481),
		},
	} {
		at := es.Moment{Seq: uint64(i + 1), Clock: time.Duration(i) * time.Millisecond}
		last = table.Observe(&es.Message{Event: event}, editor, at, false)
	}

	document := table.Find("/Users/alice/plan.txt")
	fmt.Println("renamed the document's file:", document == last.Target, "over another:", last.Replaced != 0)
	fmt.Println("was", table.FirstName(document), "is", table.Path(document))
	for _, d := range table.ContentDeeds(nil, document) {
		if d.Did == files.DidWrite {
			fmt.Printf("execution %d wrote it %d times, last at message %d\n", d.By, d.Count, d.Last.Seq)
		}
	}
	fmt.Println("open for writing:", table.OpenForWriting(document))
	// Output:
	// renamed the document's file: true over another: true
	// was /Users/alice/.plan.txt.sb-1 is /Users/alice/plan.txt
	// execution 7 wrote it 1 times, last at message 3
	// open for writing: 0
}
