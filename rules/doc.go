// Package rules is named conditions over findings: each has a severity, a message with parts of the finding in it, and tags.
// docs/rules.md is the manual of their files.
//
// A [Set] is asked about each finding in turn ([Set.Mark]). What a condition needs is read out of it once, so that most
// rules are passed over by the finding's kind, action and initiator without being looked at.
package rules
