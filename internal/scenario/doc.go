// Package scenario is a small language of Mac activity. A script says in plain words what people, apps and services did;
// building it yields the Endpoint Security messages that a Mac would have told of it, and the truth beside them.
//
// The model of the Mac (processes, descriptors, files, volumes, sessions, launchd) follows documented and measured
// behaviour of macOS, never the rules of the engine that is tested with it. docs/scenarios.md is the language's manual.
package scenario
