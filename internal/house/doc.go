// Package house holds no code: its tests keep the repository in order. They say which package may import which, what the
// inference may not touch, that every dependency has its reason, and that the documents speak of what exists. Each rule
// gives its reason when it fails.
package house
