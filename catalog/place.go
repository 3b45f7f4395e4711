package catalog

import "strings"

// Place says what sort of place a path lies in, where that tells of a file's life.
type Place uint8

// The places.
const (
	Elsewhere    Place = iota
	Temporary          // a folder for temporary files: /private/tmp, $TMPDIR, TemporaryItems
	Cache              // a folder of caches
	VersionStore       // .DocumentRevisions-V100: the old versions of documents
	SystemVolume       // the signed system volume, which nothing but an update changes
	Index              // Spotlight's and the file system events' own books
)

// PlaceOf is the sort of place that a canonical path lies in. [R]
func PlaceOf(path string) Place {
	switch {
	case hasDir(path, "/.DocumentRevisions-V100/"):
		return VersionStore
	case hasDir(path, "/.Spotlight-V100/"), hasDir(path, "/.fseventsd/"):
		return Index
	case strings.HasPrefix(path, "/private/tmp/"), strings.HasPrefix(path, "/private/var/tmp/"):
		return Temporary
	case strings.HasPrefix(path, "/private/var/folders/"):
		// /private/var/folders/xx/yyyy/T: T is for temporary files, C for caches. [D: confstr(3)]
		if kind, ok := letterBelowTwo(path[len("/private/var/folders/"):]); ok && kind == 'C' {
			return Cache
		}
		return Temporary
	case hasDir(path, "/TemporaryItems/"), hasDir(path, "/.TemporaryItems/"):
		return Temporary
	case hasDir(path, "/Library/Caches/"):
		return Cache
	case onSealed(path) && !strings.HasPrefix(path, "/System/Volumes/"):
		return SystemVolume
	}
	return Elsewhere
}

// IsMailStore reports whether a canonical path lies where Mail and Messages keep what arrives: nobody saves there by hand.
// [R]
func IsMailStore(path string) bool {
	return hasDir(path, "/Library/Mail/") || hasDir(path, "/Library/Messages/") ||
		hasDir(path, "/Library/Containers/com.apple.mail/Data/")
}

// hasDir reports whether "/name/" stands in the path.
func hasDir(path, dir string) bool { return strings.Contains(path, dir) }

// letterBelowTwo is the one letter that follows two components.
func letterBelowTwo(rest string) (byte, bool) {
	for range 2 {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			return 0, false
		}
		rest = rest[i+1:]
	}
	if len(rest) == 0 || len(rest) > 1 && rest[1] != '/' {
		return 0, false
	}
	return rest[0], true
}
