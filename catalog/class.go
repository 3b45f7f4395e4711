package catalog

import (
	"math/bits"
	"strings"
)

// Class is a set of what a program is for. A program may have several.
type Class uint64

// The classes.
const (
	Starter        Class = 1 << iota // becomes another program, whose acts are not its own: xpcproxy, login, sudo, env
	Broker                           // does file work for others that ask over XPC: DesktopServicesHelper, the open panel
	FileManager                      // where a person handles files: Finder, Path Finder
	Shell                            // reads commands from a person or a script
	Interpreter                      // runs scripts that carry no signature
	Terminal                         // an app that a person types in, with shells below it
	Multiplexer                      // holds terminals that outlive the app: tmux, screen
	RemoteDaemon                     // lets a person elsewhere run things here: sshd, ARDAgent
	FileServer                       // reads and writes files for clients elsewhere: smbd
	Scheduler                        // runs things at a time: cron, atrun
	Sync                             // brings files from other devices: bird, fileproviderd, Dropbox
	Receiver                         // takes files that other people or devices send: sharingd, Mail, Messages
	Browser                          // a web browser and its own helpers
	Helper                           // a part of an app that works for it alone, besides its other classes
	Downloader                       // only fetches: curl, wget, nsurlsessiond
	Archiver                         // packs and unpacks
	Editor                           // changes documents that a person has open
	Installer                        // puts software in place
	VersionControl                   // git and its like
	PackageManager                   // npm, pip, Homebrew
	CopyTool                         // makes copies: cp, ditto, rsync
	Mover                            // mv: renames, or copies and removes, also through children
	Remover                          // rm and its like
	Guest                            // does I/O for a guest system whose programs are not seen
	Backup                           // Time Machine and its like
	Indexer                          // reads everything: Spotlight, Quick Look, virus scanners
	Cleaner                          // removes what it thinks nobody needs
	Uploader                         // sends files elsewhere
	Agent                            // an AI agent that changes files and runs commands by itself
	Debugger                         // takes hold of other programs as its work
	Automation                       // acts for a script or a workflow: osascript, Shortcuts
	SessionHost                      // holds a login session: loginwindow
	Privilege                        // changes the user: sudo, su
	Opener                           // has an app or a document opened by the system: open
	Translator                       // translates programs of another processor when they start: Rosetta's daemon
)

// classNames are the words of the format, in the order of the bits.
var classNames = [...]string{
	"starter", "broker", "file-manager", "shell", "interpreter", "terminal", "multiplexer", "remote-daemon", "file-server",
	"scheduler", "sync", "receiver", "browser", "helper", "downloader", "archiver", "editor", "installer",
	"version-control", "package-manager", "copy-tool", "mover", "remover", "guest", "backup", "indexer", "cleaner",
	"uploader", "agent", "debugger", "automation", "session-host", "privilege",
	"opener", "translator",
}

// ClassOf is the class that a word of the format names.
func ClassOf(word string) (Class, bool) {
	for i, n := range classNames {
		if n == word {
			return 1 << i, true
		}
	}
	return 0, false
}

// Classes are the words of all classes, in order.
func Classes() []string { return append([]string(nil), classNames[:]...) }

// String is the words of the set, in order, parted by spaces.
func (c Class) String() string {
	words := make([]string, 0, bits.OnesCount64(uint64(c)))
	for i, n := range classNames {
		if c&(1<<i) != 0 {
			words = append(words, n)
		}
	}
	return strings.Join(words, " ")
}
