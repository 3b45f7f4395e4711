package files

import "ascribe.example/es"

// VolumeKind says where a volume comes from; the words of the findings.
type VolumeKind string

// The volume kinds.
const (
	Internal    VolumeKind = "internal"
	External    VolumeKind = "external"
	Network     VolumeKind = "network"
	Image       VolumeKind = "image"
	Virtual     VolumeKind = "virtual"
	UnknownKind VolumeKind = "unknown"
)

// VolumeOrigin says how a volume came to be known.
type VolumeOrigin uint8

// The origins, by rising authority.
const (
	VolumeInferred VolumeOrigin = iota // a device number that no mount told of; mount point and kind are read from paths
	VolumeSnapshot
	VolumeMounted
)

// Volume is one mount, from mount to unmount. A device number mounted again is another volume.
type Volume struct {
	Ref           VolumeRef
	Mount         string // canonical mount point; of the system and data volumes "/"
	Kind          VolumeKind
	FS            string // apfs, exfat, smbfs …; "" unknown
	Device        string // what was mounted: /dev/disk4s1, //alice@server/share; "" unknown
	Dev           int32
	Origin        VolumeOrigin
	ReadOnly      bool
	CaseSensitive bool      // as far as the file system says or files showed
	MadeUpInodes  bool      // FAT, exFAT, SMB and the like: identity falls back to the path
	From          es.Moment // mounted, or first seen
	Until         es.Moment // unmounted; meaningful only if Unmounted
	Unmounted     bool
}

// Volume is a volume by its handle; false for 0 and for one that nothing refers to any more.
func (t *Table) Volume(ref VolumeRef) (Volume, bool) { return Volume{}, false }

// VolumeOf is the volume that a file lies on.
func (t *Table) VolumeOf(ref Ref) (Volume, bool) { return Volume{}, false }

// VolumeAt is the mounted volume that a path lies on, by the longest mount point above it.
func (t *Table) VolumeAt(path string) (Volume, bool) { return Volume{}, false }
