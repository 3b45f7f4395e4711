package scenario

import (
	"encoding/binary"
	"strings"

	"ascribe.example/es"
)

// program is what a Mac has by this name: where it lies and who signed it.
type program struct {
	id   string // signing id, bundle id or launchd label
	path string
	team string // "": Apple's own
	root bool   // runs as root though it works for a user
}

// programs that scripts need not describe. Helpers are from the reference; Apple's own are platform binaries.
var programs = []program{
	{id: "com.apple.finder", path: "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder"},
	{id: "com.apple.dock", path: "/System/Library/CoreServices/Dock.app/Contents/MacOS/Dock"},
	{id: "com.apple.loginwindow", path: "/System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow"},
	{id: "com.apple.Terminal", path: "/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal"},
	{id: "com.apple.Safari", path: "/Applications/Safari.app/Contents/MacOS/Safari"},
	{id: "com.apple.mail", path: "/System/Applications/Mail.app/Contents/MacOS/Mail"},
	{id: "com.apple.MobileSMS", path: "/System/Applications/Messages.app/Contents/MacOS/Messages"},
	{id: "com.apple.archiveutility", path: "/System/Library/CoreServices/Applications/Archive Utility.app/Contents/MacOS/Archive Utility"},
	{id: "com.apple.installer", path: "/System/Library/CoreServices/Installer.app/Contents/MacOS/Installer"},
	{id: "com.apple.ScriptEditor2", path: "/System/Applications/Utilities/Script Editor.app/Contents/MacOS/Script Editor"},
	{id: "com.google.Chrome", path: "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", team: "EQHXZ8M8AV"},
	{id: "com.microsoft.edgemac", path: "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge", team: "UBF8T346G9"},
	{id: "com.brave.Browser", path: "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser", team: "KL8N8XSYF4"},
	{id: "org.mozilla.firefox", path: "/Applications/Firefox.app/Contents/MacOS/firefox", team: "43AQ936H96"},
	{id: "com.microsoft.VSCode", path: "/Applications/Visual Studio Code.app/Contents/MacOS/Electron", team: "UBF8T346G9"},
	{id: "com.microsoft.Word", path: "/Applications/Microsoft Word.app/Contents/MacOS/Microsoft Word", team: "UBF8T346G9"},
	{id: "com.googlecode.iterm2", path: "/Applications/iTerm.app/Contents/MacOS/iTerm2", team: "H7V7XYVQ7D"},
	{id: "com.mitchellh.ghostty", path: "/Applications/Ghostty.app/Contents/MacOS/ghostty", team: "24VZTF6M5V"},
	{id: "com.todesktop.230313mzl4w4u92", path: "/Applications/Cursor.app/Contents/MacOS/Cursor", team: "VDXQ22DGB9"},
	{
		id: "com.apple.DesktopServicesHelper", root: true,
		path: "/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper",
	},
	{id: "com.apple.WebKit.Networking", path: "/System/Library/Frameworks/WebKit.framework/Versions/A/XPCServices/com.apple.WebKit.Networking.xpc/Contents/MacOS/com.apple.WebKit.Networking"},
	{id: "com.apple.appkit.xpc.openAndSavePanelService", path: "/System/Library/Frameworks/AppKit.framework/Versions/C/XPCServices/com.apple.appkit.xpc.openAndSavePanelService.xpc/Contents/MacOS/com.apple.appkit.xpc.openAndSavePanelService"},
	{id: "com.apple.AUHelperService", path: "/System/Library/CoreServices/Applications/Archive Utility.app/Contents/XPCServices/AUHelperService.xpc/Contents/MacOS/AUHelperService"},
	{id: "com.apple.sharingd", path: "/usr/libexec/sharingd"},
	{id: "com.apple.bird", path: "/System/Library/PrivateFrameworks/CloudDocsDaemon.framework/Versions/A/Support/bird"},
	{id: "com.apple.FileProvider", path: "/System/Library/PrivateFrameworks/FileProviderDaemon.framework/Support/fileproviderd"},
	{id: "com.apple.cloudd", path: "/System/Library/PrivateFrameworks/CloudKitDaemon.framework/Support/cloudd"},
	{id: "com.apple.smbd", path: "/usr/sbin/smbd", root: true},
	{id: "com.apple.backupd", path: "/System/Library/CoreServices/backupd.bundle/Contents/Resources/backupd", root: true},
	{id: "com.apple.installd", path: "/System/Library/PrivateFrameworks/PackageKit.framework/Resources/installd", root: true},
	{id: "com.apple.package_script_service", path: "/System/Library/PrivateFrameworks/PackageKit.framework/Versions/A/XPCServices/package_script_service.xpc/Contents/MacOS/package_script_service", root: true},
	{id: "com.apple.revisiond", path: "/System/Library/PrivateFrameworks/GenerationalStorage.framework/Versions/A/Support/revisiond", root: true},
	{id: "com.apple.filecoordinationd", path: "/usr/sbin/filecoordinationd", root: true},
	{id: "com.apple.diskarbitrationd", path: "/usr/libexec/diskarbitrationd", root: true},
	{id: "com.apple.screencaptureui", path: "/System/Library/CoreServices/screencaptureui.app/Contents/MacOS/screencaptureui"},
	{id: "com.apple.mds", path: "/System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Versions/A/Support/mds", root: true},
	{id: "com.apple.mds_stores", path: "/System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Versions/A/Support/mds_stores", root: true},
	{id: "com.apple.mdworker.shared", path: "/System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Versions/A/Support/mdworker_shared"},
	{id: "com.apple.cfprefsd", path: "/usr/sbin/cfprefsd"},
	{id: "com.apple.cron", path: "/usr/sbin/cron", root: true},
	{id: "com.apple.atrun", path: "/usr/libexec/atrun", root: true},
	{id: "com.apple.opendirectoryd", path: "/usr/libexec/opendirectoryd", root: true},
	{id: "com.apple.syspolicyd", path: "/usr/libexec/syspolicyd", root: true},
	{id: "com.apple.tccd", path: "/System/Library/PrivateFrameworks/TCC.framework/Support/tccd"},
	{id: "com.apple.screensharing", path: "/System/Library/CoreServices/RemoteManagement/screensharingd.bundle/Contents/MacOS/screensharingd", root: true},
	{id: "com.apple.oahd", path: "/usr/libexec/rosetta/oahd", root: true},
	{id: "com.apple.Virtualization.VirtualMachine", path: "/System/Library/Frameworks/Virtualization.framework/Versions/A/XPCServices/com.apple.Virtualization.VirtualMachine.xpc/Contents/MacOS/com.apple.Virtualization.VirtualMachine"},
	{id: "com.docker.backend", path: "/Applications/Docker.app/Contents/MacOS/com.docker.backend", team: "9BNSXJN65R"},
}

var programOf = func() map[string]*program {
	t := make(map[string]*program, len(programs))
	for i := range programs {
		t[programs[i].id] = &programs[i]
	}
	return t
}()

// agents by the word that scripts use. Only those that are signed binaries of their own have a team; the others are
// scripts that node or python runs.
var agents = map[string]struct{ path, id, team, script string }{
	"claude":   {"~/.local/bin/claude", "com.anthropic.claude-code", "Q6L2SF6YDW", ""},
	"codex":    {"/opt/homebrew/bin/codex", "codex", "2DC432GLL2", ""},
	"gemini":   {"/opt/homebrew/bin/node", "node", "", "/opt/homebrew/bin/gemini"},
	"copilot":  {"/opt/homebrew/bin/node", "node", "", "/opt/homebrew/bin/copilot"},
	"aider":    {"/opt/homebrew/bin/python3.12", "python3.12", "", "~/.local/bin/aider"},
	"goose":    {"/opt/homebrew/bin/goose", "goose", "", ""},
	"opencode": {"/opt/homebrew/bin/opencode", "opencode", "", ""},
}

// toolDirs are where a command's name is looked for.
var toolDirs = map[string]string{
	"cp": "/bin", "mv": "/bin", "rm": "/bin", "ln": "/bin", "mkdir": "/bin", "rmdir": "/bin", "cat": "/bin", "chmod": "/bin", "date": "/bin",
	"sh": "/bin", "bash": "/bin", "zsh": "/bin", "ls": "/bin", "echo": "/bin", "dd": "/bin", "pax": "/bin", "ps": "/bin", "sleep": "/bin",
	"chown": "/usr/sbin", "installer": "/usr/sbin", "screencapture": "/usr/sbin", "diskutil": "/usr/sbin",
	"mount": "/sbin", "umount": "/sbin", "fish": "/opt/homebrew/bin", "node": "/opt/homebrew/bin", "npm": "/opt/homebrew/bin",
	"brew": "/opt/homebrew/bin", "wget": "/opt/homebrew/bin", "7zz": "/opt/homebrew/bin", "python3": "/usr/bin", "nvim": "/opt/homebrew/bin",
	"pip": "/opt/homebrew/bin", "emacs": "/opt/homebrew/bin",
	"touch": "/usr/bin", "tee": "/usr/bin", "sed": "/usr/bin", "curl": "/usr/bin", "rsync": "/usr/bin", "scp": "/usr/bin", "sftp": "/usr/bin",
	"git": "/usr/bin", "tar": "/usr/bin", "zip": "/usr/bin", "unzip": "/usr/bin", "ditto": "/usr/bin", "vim": "/usr/bin", "vi": "/usr/bin",
	"nano": "/usr/bin", "xattr": "/usr/bin", "chflags": "/usr/bin", "install": "/usr/bin", "sudo": "/usr/bin", "su": "/usr/bin", "env": "/usr/bin",
	"login": "/usr/bin", "open": "/usr/bin", "osascript": "/usr/bin", "make": "/usr/bin", "clang": "/usr/bin", "head": "/usr/bin",
	"defaults": "/usr/bin", "gzip": "/usr/bin", "sort": "/usr/bin", "perl": "/usr/bin", "awk": "/usr/bin", "nohup": "/usr/bin",
	"truncate": "/usr/bin", "hdiutil": "/usr/bin", "at": "/usr/bin", "mktemp": "/usr/bin", "grep": "/usr/bin",
}

func homely(path, home string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return join(home, rest)
	}
	return path
}

// toolPath is where a command lies.
func toolPath(cmd, home string) string {
	if strings.HasPrefix(cmd, "/") || strings.HasPrefix(cmd, "~/") {
		return homely(cmd, home)
	}
	cmd = strings.TrimPrefix(cmd, "./")
	if d, ok := toolDirs[cmd]; ok {
		return join(d, cmd)
	}
	return join("/opt/homebrew/bin", cmd)
}

// system reports whether a path lies where only Apple's own programs lie.
func systemPath(path string) bool {
	for _, p := range [...]string{"/System/", "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/libexec/"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return strings.HasPrefix(path, "/Applications/Safari.app/")
}

// program makes an image. id "" takes what the path suggests, team "" Apple where the path is Apple's.
func (m *mac) program(path, id, team string) *image {
	path = canonical(path)
	if img := m.images[path]; img != nil && (id == "" || img.signingID == id) && (team == "" || img.team == team) {
		return img
	}
	f := m.there(path)
	f.mode = es.ModeRegular | 0o755
	if f.size < 16384 {
		f.size += 65536
	}
	img := &image{path: path, file: f, signingID: id, team: team, category: -1}
	h := hash(path + "\x00" + id + "\x00" + team)
	binary.BigEndian.PutUint64(img.cdhash[:], h)
	binary.BigEndian.PutUint64(img.cdhash[8:], mix(h))
	binary.BigEndian.PutUint32(img.cdhash[16:], uint32(mix(h+1)))
	switch {
	case systemPath(path) && team == "":
		if img.signingID == "" {
			img.signingID = "com.apple." + base(path)
		}
		img.platform, img.flags, img.category = true, 0x22010311, 1
		f.compressed = true
	case team != "":
		if img.signingID == "" {
			img.signingID = base(path)
		}
		img.flags, img.category = 0x22010301, 6
	default:
		if img.signingID == "" {
			img.signingID = base(path)
		}
		img.flags, img.category = 0x22000203, 10 // ad hoc
	}
	switch path {
	case "/usr/bin/sudo", "/usr/bin/su", "/usr/bin/login", "/usr/bin/at":
		f.mode |= 0o4000
	case "/usr/libexec/xpcproxy":
		img.signingID = "com.apple.xpc.proxy"
	case "/sbin/launchd":
		img.signingID = "com.apple.xpc.launchd"
	}
	m.images[path] = img
	return img
}
