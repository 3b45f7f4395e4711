// Package recordings holds the recordings that ship with the project. None is from a real Mac: each is written by its
// scenario script under testdata/scenarios, and go generate writes it again.
package recordings

//go:generate go run ../internal/scenario/generate founding.jsonl ../testdata/scenarios/founding-c.txt
//go:generate go run ../internal/scenario/generate founding-closes-only.jsonl ../testdata/scenarios/founding-close-only.txt
//go:generate go run ../internal/scenario/generate blind-spots.jsonl ../testdata/scenarios/blind-spots.txt
