// Package recording is the recording format: the lines of eslogger as they came, with control lines of ours around them.
// docs/recording.md describes it for other implementations.
//
// To read any stream: [Decompress] tells how it is compressed; a [Scanner] yields its values one at a time, or a
// [Splitter] by the block; [IsControl] and [ParseControl] tell and read control lines; all other values are messages, for
// package eslogger. What is unreadable comes as a [Piece] with its place and the reason, and the rest goes on.
//
// To write: a [Writer] takes raw lines and control lines, compresses, begins new files by size and age, and redacts.
package recording
