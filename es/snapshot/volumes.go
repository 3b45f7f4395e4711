package snapshot

import (
	"strconv"
	"strings"

	"ascribe.example/es"
	"howett.net/plist"
)

// networkTypes are macOS's kinds of file systems whose files are elsewhere.
var networkTypes = map[string]bool{"smbfs": true, "nfs": true, "afpfs": true, "webdav": true, "ftp": true, "cifs": true}

// dispositionOf says where a volume comes from. images is what hdiutil lists; disk asks diskutil about a device, and is asked
// only where nothing else tells.
func dispositionOf(s *es.Statfs, images string, disk func(device string) (string, error)) es.MountDisposition {
	switch {
	case networkTypes[s.Type]:
		return es.MountNetwork
	case s.Type == "nullfs":
		return es.MountNullFS
	case s.MntFrom != "" && strings.HasPrefix(s.MntFrom, "/dev/disk") && listsDevice(images, s.MntFrom):
		return es.MountVirtual
	case s.Flags&es.MntRootFS != 0, s.MntOn == "/", strings.HasPrefix(s.MntOn, "/System/Volumes/"):
		return es.MountInternal
	case strings.HasPrefix(s.MntFrom, "/dev/disk"):
		if info, err := disk(s.MntFrom); err == nil {
			return diskOf(info)
		}
	}
	return es.MountUnknown
}

// diskOf reads diskutil's property list about a device [R: its key Internal, which is what DiskArbitration calls a device's
// being internal].
func diskOf(info string) es.MountDisposition {
	var d struct {
		Internal *bool  `plist:"Internal"`
		Bus      string `plist:"BusProtocol"`
	}
	switch _, err := plist.Unmarshal([]byte(info), &d); {
	case err != nil || d.Internal == nil:
		return es.MountUnknown
	case d.Bus == "Disk Image":
		return es.MountVirtual
	case *d.Internal:
		return es.MountInternal
	}
	return es.MountExternal
}

// listsDevice reports whether a device stands in hdiutil's list, at the begin of a line.
func listsDevice(images, device string) bool {
	for line := range strings.Lines(images) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); strings.TrimSpace(name) == device {
			return true
		}
	}
	return false
}

// parseUsers reads dscl's lists: a name and a value a line.
func parseUsers(ids, homes string) []es.User {
	home := map[string]string{}
	for line := range strings.Lines(homes) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		home[name] = strings.TrimSpace(value)
	}
	var all []es.User
	for line := range strings.Lines(ids) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		uid, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			continue // nobody's -2 is there, too, and fits
		}
		all = append(all, es.User{UID: uint32(uid), Name: name, Home: home[name]})
	}
	return all
}
