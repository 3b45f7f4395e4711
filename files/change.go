package files

import (
	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Change says which files a message concerned, and what it changed. Refs are 0 where there is no such file or it cannot be
// named. Paths are canonical; they may point into the message.
type Change struct {
	Target   Ref // what the event is about; of a rename what moved; of a clone or copyfile what is made, 0 until confirmed
	Source   Ref // what a clone, copyfile or confirmed create was made from; the other file of an exchange
	Replaced Ref // the file whose name was taken by a rename, create or copyfile

	Volume VolumeRef // that the target lies on; that was mounted or unmounted

	Before string // the path before the message; "" for what was created
	After  string // the path after it; "" for what was unlinked

	Identity Identity // by what the target is known
	Known    bool     // the target was remembered before this message
	Reused   bool     // its inode number named another file before

	New      bool        // the target was created by this message
	Made     Making      // how, of a create, or where this message confirmed a clone or copyfile
	MadeAt   es.Moment   // of that clone or copyfile
	Maker    lineage.Ref // who asked for it; 0 none
	Gone     bool        // the target's last known name went with this message
	Unseen   bool        // the target's name had changed before this message, and no message in view told of it
	Was      string      // its last known path then
	Swapped  bool        // second half of a swap: Replaced has the target's old name now, and was never gone
	Retry    bool        // the same as a message just before, as when the kernel tries again: nothing was counted
	Awaiting bool        // told before the kernel tries: a create or a sighting must confirm it
	Denied   bool        // it did not happen: nothing was counted
}

// Identity says by what a file is known to be the one it was before.
type Identity uint8

// The identities, by rising strength.
const (
	ByNothing Identity = iota
	ByPath             // inode numbers of its volume are made up, or there was none
	ByInode            // volume and inode
)

// Making is how a file came to be.
type Making uint8

// The makings.
const (
	MadeUnknown    Making = iota
	MadeHere              // created, by a create message
	MadeByClone           // a clone, and the create that follows a successful one
	MadeByCopyfile        // a copyfile, and a sign of the file it made
	CloneSighted          // a clone, and the file seen later with no create in view
)

// Existence says whether a file was there before it was first seen.
type Existence uint8

// The existences.
const (
	ExistenceUnknown Existence = iota
	ExistedBefore              // its status had not changed since before the first message of the boot
	LikelyBefore               // its birth time says so, which programs that copy set back
	CreatedInView              // a create message told of it
	BornUnseen                 // its birth time lies within the recording, but no create was seen
)
