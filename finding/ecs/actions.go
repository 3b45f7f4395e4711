package ecs

import "ascribe.example/finding"

// categories are event.category of an action, as JSON.
func categories(a finding.Action) string {
	if a == finding.Install {
		return `["file","package"]`
	}
	return `["file"]`
}

// typeOf is event.type of an operation, as JSON. What replaced an existing file has changed it, whatever the action made.
func typeOf(f *finding.Finding) string {
	switch f.Action {
	case finding.Copy, finding.Create, finding.Download, finding.Extract, finding.Archive, finding.Receive:
		if f.Replaced != nil {
			return `["change"]`
		}
		return `["creation"]`
	case finding.Link:
		return `["creation"]`
	case finding.Install:
		return `["installation"]`
	case finding.Move, finding.Rename, finding.Save, finding.Write, finding.Trash, finding.Restore, finding.Protect,
		finding.Unquarantine, finding.Sync:
		return `["change"]`
	case finding.Delete, finding.EmptyTrash:
		return `["deletion"]`
	case finding.Read, finding.Send:
		return `["access"]`
	case finding.Mount, finding.Unmount:
	}
	return `["info"]`
}

// typeOfEvent is event.type of one message, by ES's name.
func typeOfEvent(name string) string {
	switch name {
	case "create", "clone", "copyfile", "link":
		return `["creation"]`
	case "unlink":
		return `["deletion"]`
	case "open":
		return `["access"]`
	case "write", "truncate", "rename", "exchangedata", "setextattr", "deleteextattr", "setmode", "setowner", "setflags",
		"setacl", "utimes", "setattrlist":
		return `["change"]`
	}
	return `["info"]`
}
