package ocsf

import "ascribe.example/finding"

// activity is what the classes of OCSF 1.2.0 call an act: its number and caption. 99 is "other": then the caption is our word.
type activity struct {
	id   uint64
	name string
}

// The activities of File System Activity (1001) that are used here.
var (
	created       = activity{1, "Create"}
	readIt        = activity{2, "Read"}
	updated       = activity{3, "Update"}
	deleted       = activity{4, "Delete"}
	renamed       = activity{5, "Rename"}
	setAttributes = activity{6, "Set Attributes"}
	setSecurity   = activity{7, "Set Security"}
	mounted       = activity{12, "Mount"}
	unmounted     = activity{13, "Unmount"}
	opened        = activity{14, "Open"}
)

const other = 99

// activityOf is the activity that an operation's action is nearest to. docs/formats.md has it as a table, and a test
// compares the two. Where content went into a file that existed, it is an update, whatever the action.
func activityOf(f *finding.Finding) activity {
	switch f.Action {
	case finding.Copy, finding.Create, finding.Download, finding.Extract, finding.Archive, finding.Receive, finding.Install:
		if f.Replaced != nil {
			return updated
		}
		return created
	case finding.Link:
		return created
	case finding.Save, finding.Write:
		return updated
	case finding.Move, finding.Rename, finding.Trash, finding.Restore:
		return renamed
	case finding.Delete, finding.EmptyTrash:
		return deleted
	case finding.Protect:
		if f.Method == finding.ByFlags {
			return setAttributes
		}
		return setSecurity
	case finding.Unquarantine:
		return setAttributes
	case finding.Read, finding.Send:
		return readIt
	case finding.Mount:
		return mounted
	case finding.Unmount:
		return unmounted
	case finding.Sync:
	}
	return activity{other, string(f.Action)}
}

// activityOfEvent is the activity of one message, by ES's name.
func activityOfEvent(name string) activity {
	switch name {
	case "create", "clone", "copyfile", "link":
		return created
	case "write", "truncate", "exchangedata":
		return updated
	case "unlink":
		return deleted
	case "rename":
		return renamed
	case "setextattr", "deleteextattr", "setflags", "utimes", "setattrlist":
		return setAttributes
	case "setmode", "setowner", "setacl":
		return setSecurity
	case "open":
		return opened
	case "mount", "remount":
		return mounted
	case "unmount":
		return unmounted
	case "":
		return activity{0, "Unknown"}
	}
	return activity{other, name}
}

// moves reports whether the activity gives a file another name: then the file is the one with the old name, and the
// result has the new one.
func moves(f *finding.Finding, a activity) bool { return a == renamed && f.SourcePath != "" }
