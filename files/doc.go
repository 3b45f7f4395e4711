// Package files knows which file was where on one Mac: identity, names over time, who opened, wrote, created and mapped it,
// volumes and mounts, kept from messages alone.
//
// A [Table] is fed with messages in order ([Table.Observe], [Table.Forked], [Table.Execed], [Table.Exited],
// [Table.Snapshot]) and answers questions about [Ref]s: [Table.Path] and [Table.History], [Table.Deeds] and
// [Table.ContentDeeds], [Table.OpenForWriting] and [Table.HeldFrom], [Table.ReadsBy]. Each message yields a [Change] that
// names the files it concerned. The table is a pure state machine; it copies what it keeps.
//
// # Which file is which
//
// A file is a volume and an inode number, and a volume is one mount: device numbers are given out again after an unmount.
// Where inode numbers are made up (FAT, exFAT, SMB, an empty FAT file's 999999999 [D]) a file is its path. A number names
// another file once a create says so, or its birth time lies after the old file was last seen; a birth time set back, as
// copying tools do, means nothing.
//
// # Names
//
// A name is a folder and a last component, and folders form a tree: when a folder moves, what is in it has moved. Paths are
// canonical ([Canonical]); names compare as their volume compares, and keep the form they were given. A file may have
// several names (hard links). A file that turns up under another name, with no rename in view, got it unseen
// ([Change.Unseen]); one that had lost its name to another and turns up again was not gone.
//
// # Who did what
//
// A [Deed] is what one execution did with one file, with its first and last moment and a count. A descriptor lives from open
// to close and passes to children and to the next image: closes are told under the name of a dying image for descriptors that
// live on [S], writes come through descriptors that somebody else opened. So who holds a file is said "as far as messages
// show". Clones and copyfiles are told before the kernel tries; they count when a create, or a sighting, confirms them.
//
// # Bounds
//
// Files, text, executions and each file's facts are bounded ([Limits], [MaxDeeds] and the other constants). What was only
// read is forgotten before what was changed, the longest unused first, counted by messages and never by the heap.
// [Table.ForgottenSince], [File.Forgot] and [Stats] say what is missing. What a draft needs it retains ([Table.Retain]).
package files
