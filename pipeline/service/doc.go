// Package service watches a host for as long as it runs, and loses and repeats nothing that was taken, however often it is
// killed.
//
//	stream ──> journal (on the disk) ──> pipeline ──> engine ──> findings (on the disk)
//	                                                     └──> checkpoint: state, place in the journal, place in the findings
//
// What comes is written to the journal before the engine sees it. Now and then a checkpoint is made: the engine's whole
// state, open drafts and all, with how far it had read the journal and written the findings. A service that begins again
// takes the checkpoint, reads on in the journal where that was made, and so comes to the same findings once more: as many of
// them as are written already are compared and not written again. Then it goes on live, with the time in between told as a
// gap. Journal that lies before the checkpoint is deleted.
package service
