package es

// File types in st_mode [D: sys/stat.h].
const (
	ModeType    = 0o170000
	ModeFIFO    = 0o010000
	ModeChar    = 0o020000
	ModeDir     = 0o040000
	ModeBlock   = 0o060000
	ModeRegular = 0o100000
	ModeSymlink = 0o120000
	ModeSocket  = 0o140000
)

// SyntheticIno is the inode number that FAT volumes give to every empty file [D].
const SyntheticIno = 999999999

// File is es_file_t: a path and the file's status at the time of the event.
type File struct {
	Path          string
	PathTruncated bool // longer than 16 KiB
	Stat          Stat
}

// IsDir reports whether the status says directory.
func (f *File) IsDir() bool { return f.Stat.Mode&ModeType == ModeDir }

// Stat is struct stat with a 64-bit inode. In set* events it holds the values before the change.
type Stat struct {
	Dev       int32
	Mode      uint16
	Nlink     uint16
	Ino       uint64 // reaches 2^63 on real volumes; never by way of a float
	UID       uint32
	GID       uint32
	Rdev      int32
	ATime     Time
	MTime     Time
	CTime     Time
	BirthTime Time // 1970 (0) where the volume keeps none
	Size      int64
	Blocks    int64
	BlkSize   int32
	Flags     uint32
	Gen       uint32
}

// Statfs is struct statfs as far as ES prints it.
type Statfs struct {
	FSID      [2]int32 // [0] is the device number of the files on it
	Type      string   // f_fstypename: apfs, exfat, smbfs …
	MntOn     string
	MntFrom   string
	Flags     uint32 // MNT_* [D: sys/mount.h]
	Owner     uint32
	Blocks    uint64
	BlockSize uint32
}

// MountDisposition says where a volume comes from; from message version 8.
type MountDisposition int32

// Mount dispositions [D: ESTypes.h].
const (
	MountExternal           MountDisposition = 0
	MountInternal           MountDisposition = 1
	MountNetwork            MountDisposition = 2
	MountVirtual            MountDisposition = 3 // a disk image
	MountNullFS             MountDisposition = 4
	MountUnknown            MountDisposition = 5
	MountDispositionMissing MountDisposition = -1 // the message version has no such key
)

// Mount flags that rules read [D: sys/mount.h].
const (
	MntReadOnly   = 0x00000001
	MntLocal      = 0x00001000
	MntRootFS     = 0x00004000
	MntDontBrowse = 0x00100000
)
