//go:build !linux

package main

// largePages does nothing: the system has large pages by itself, or none.
func largePages() {}
