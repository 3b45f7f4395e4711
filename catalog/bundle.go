package catalog

import "strings"

// bundleExtensions are folders that Finder shows as one document or program. [R: the package types that Launch Services
// knows; those of documents may also be plain files, which the caller sees by their status]
var bundleExtensions = map[string]bool{
	// programs and their parts
	"app": true, "appex": true, "bundle": true, "framework": true, "kext": true, "plugin": true, "xpc": true,
	"prefpane": true, "qlgenerator": true, "mdimporter": true, "saver": true, "component": true, "wdgt": true,
	"dext": true, "systemextension": true, "action": true, "workflow": true, "osax": true, "scptd": true, "dsym": true,
	// documents
	"rtfd": true, "pages": true, "numbers": true, "key": true, "playground": true, "xcodeproj": true,
	"xcworkspace": true, "xcarchive": true, "graffle": true, "textbundle": true, "scriv": true, "ooutline": true,
	"logicx": true, "band": true, "fcpbundle": true, "dvdmedia": true,
	// libraries
	"photoslibrary": true, "aplibrary": true, "migratedphotolibrary": true, "imovielibrary": true, "theater": true,
	"tvlibrary": true, "musiclibrary": true, "abbu": true, "dtbase2": true,
	// downloads, installers, images, machines, backups
	"download": true, "pkg": true, "mpkg": true, "sparsebundle": true, "backupbundle": true, "vmwarevm": true,
	"pvm": true, "utm": true,
}

var libraryExtensions = map[string]bool{
	"photoslibrary": true, "aplibrary": true, "migratedphotolibrary": true, "imovielibrary": true, "theater": true,
	"tvlibrary": true, "musiclibrary": true,
}

// longestExtension bounds what is looked up.
const longestExtension = len("migratedphotolibrary")

// BundleOf is the outermost bundle that a canonical path lies in, or is: what a person would call one document. A stem and
// an extension, in any case, say so; a document of such a kind may also be a plain file, and then the path is the file itself.
func BundleOf(path string) (bundle string, ok bool) {
	// Components are many, and few of them have a dot.
	for from := 0; ; {
		i := strings.IndexByte(path[from:], '.')
		if i < 0 {
			return "", false
		}
		i += from
		from = i + 1
		end := from
		for end < len(path) && path[end] != '/' && path[end] != '.' {
			end++
		}
		stem := i > 0 && path[i-1] != '/'
		last := end == len(path) || path[end] == '/'
		if stem && last && knows(bundleExtensions, path[from:end]) {
			return path[:end], true
		}
	}
}

// IsLibrary reports whether a bundle is a library: a folder that its app fills and that nobody sends or saves as one document.
func IsLibrary(bundle string) bool {
	return knows(libraryExtensions, bundle[strings.LastIndexByte(bundle, '.')+1:])
}

// knows looks an extension up in lower case, without allocating.
func knows(set map[string]bool, ext string) bool {
	var buf [longestExtension]byte
	if len(ext) == 0 || len(ext) > len(buf) {
		return false
	}
	for i := range len(ext) {
		c := ext[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return set[string(buf[:len(ext)])]
}

// archiveExtensions are files that hold other files, or one file packed. Disk images are mounted, not unpacked, and are
// not among them.
var archiveExtensions = map[string]bool{
	"zip": true, "zipx": true, "tar": true, "tgz": true, "tbz": true, "tbz2": true, "txz": true, "tzst": true, "taz": true,
	"gz": true, "bz2": true, "xz": true, "zst": true, "lz4": true, "lzma": true, "lz": true, "z": true, "br": true,
	"7z": true, "rar": true, "cpio": true, "cpgz": true, "pax": true, "xar": true, "xip": true, "aar": true, "aea": true,
	"yaa": true, "cab": true, "arj": true, "lzh": true, "lha": true, "sit": true, "sitx": true, "hqx": true, "ar": true,
	"jar": true, "war": true, "whl": true, "gem": true, "crate": true, "ipa": true, "apk": true, "deb": true, "rpm": true,
	"cbz": true, "cbr": true,
}

// ArchiveName reports whether a path has an archive's extension.
func ArchiveName(path string) bool {
	_, base := cut(path)
	i := strings.LastIndexByte(base, '.')
	return i > 0 && knows(archiveExtensions, base[i+1:])
}
