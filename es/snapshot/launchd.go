package snapshot

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ascribe.example/es"
	"howett.net/plist"
)

// jobFolders are where launchd finds its jobs [D: launchd.plist(5)], and the domain they run in.
var jobFolders = []struct{ folder, domain string }{
	{"/System/Library/LaunchDaemons", "system"},
	{"/Library/LaunchDaemons", "system"},
	{"/System/Library/LaunchAgents", ""},
	{"/Library/LaunchAgents", ""},
}

// job is what a launchd plist says, as far as it matters here.
type job struct {
	Label            string
	Program          string
	ProgramArguments []string
	MachServices     map[string]any
	UserName         string
}

// jobs reads the plists below root, and gives those that run their pid: running holds pids by label, as launchctl lists
// them. Agents' domain is their user's, and one plist has as many jobs as there are users; they are listed once, without.
func jobs(root string, users []es.User, running map[string]int32) []es.Job {
	var all []es.Job
	read := func(folder, domain string) {
		names, _ := filepath.Glob(filepath.Join(root, folder, "*.plist"))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				continue
			}
			var j job
			if _, err := plist.Unmarshal(text, &j); err != nil || j.Label == "" {
				continue
			}
			if j.Program == "" && len(j.ProgramArguments) > 0 {
				j.Program = j.ProgramArguments[0]
			}
			out := es.Job{Label: j.Label, Program: j.Program, Domain: domain}
			out.MachServices = slices.Sorted(maps.Keys(j.MachServices))
			if domain == "system" {
				out.PID = running[j.Label]
				for _, u := range users {
					if u.Name == j.UserName {
						out.UID = u.UID
					}
				}
			}
			all = append(all, out)
		}
	}
	for _, f := range jobFolders {
		read(f.folder, f.domain)
	}
	for _, u := range users {
		if u.UID >= 500 && u.Home != "" {
			read(filepath.Join(u.Home, "Library/LaunchAgents"), "gui/"+strconv.FormatUint(uint64(u.UID), 10))
		}
	}
	slices.SortStableFunc(all, func(a, b es.Job) int { return strings.Compare(a.Label, b.Label) })
	return all
}

// parseLaunchctl reads `launchctl list`: a pid or -, a status and a label a line.
func parseLaunchctl(out string) map[string]int32 {
	running := map[string]int32{}
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		if pid, err := strconv.ParseInt(f[0], 10, 32); err == nil && pid > 0 {
			running[f[2]] = int32(pid)
		}
	}
	return running
}
