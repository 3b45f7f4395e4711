// Package score says how often answers about file operations are right: ascribe's own, or any other tool's.
//
// It compares a [Truth], what happened in one recording, with [Answer] values, and knows nothing of how either came about:
// answers are made of findings by [FromFinding], or read from plain CSV by [ReadCSV]. A [Board] counts over many recordings
// and gives precision, recall and coverage for the action and for each role, and for each level of certainty how often it
// was right, with intervals whose unit is the recording.
package score
