// Package live makes a recording of what happens on this host now: the lines of an Endpoint Security client as they come,
// with control lines around them. Whoever watches reads that recording while it is made, so that what was said live is
// said again, byte for byte, when the recording is replayed.
//
//	source (eslogger) ──> intake ──> Stream ──> Taker: a recording's writer, the text of one for the pipeline, a journal
//
// A [Source] starts a client of Endpoint Security; [Eslogger] is the one there is, a native client is to be another.
// A [Stream] keeps one running: it begins again after an end, with a told gap, and interleaves
//
//   - begin and snapshot lines, where a client's life begins;
//   - watermarks: [Probe] acts on a file of its own and waits to be told of it, which proves that all that was made before
//     has been delivered;
//   - facts, such as the value of a quarantine attribute, looked up after the message that they belong to.
//
// Nothing holds the client back: the intake only reads, into a bounded buffer; what does not fit is dropped whole and told.
package live
