package scenario

import (
	"fmt"
	"strings"
	"time"
)

// Random is a script of random activity: a Mac with a random set of people, volumes, apps and services, and about size
// sentences of what they do. It always parses and always builds, and every operation in it has its truth. The same seed
// and size give the same script.
func Random(seed uint64, size int) *Script {
	g := &gen{rng: rng{mix(seed + 0x52616e)}, size: size}
	text := g.script()
	s, err := Parse(fmt.Sprintf("random-%d", seed), text)
	if err != nil {
		panic("scenario: " + err.Error() + "\n" + text)
	}
	return s
}

// RandomOptions draws how a recording is made: version, token form, key order, subscription, order, loss, doubles, start,
// noise, retries. Much of it is mostly left alone.
func RandomOptions(seed uint64) Options {
	g := rng{mix(seed + 0x4f7074)}
	sub := func() uint64 { return g.next() }
	o := Options{Version: 6 + g.n(6), Tokens: TokenForm(1 + g.n(2))}
	if g.n(4) == 0 {
		o.KeySeed = sub()
	}
	if g.n(6) == 0 {
		o.Bare = true
	}
	if g.n(4) == 0 {
		o.Subscribed = []string{"close only", "close exec", "edr", "", "", ""}[g.n(6)]
		if o.Subscribed == "" {
			o.Subscribed = without(&g, 1+g.n(4))
		}
	}
	if g.n(4) == 0 {
		o.Shuffle = Shuffle{Window: 1 + g.n(30), Seed: sub()}
	}
	if g.n(3) == 0 {
		o.Loss = Loss{Rate: []float64{0.002, 0.01, 0.05, 0.3}[g.n(4)], Seed: sub()}
	}
	if g.n(6) == 0 { // runs of messages, as a client loses them
		for range 1 + g.n(3) {
			for i, n := 0, g.n(400); i < 1+g.n(25); i++ {
				o.Loss.Seqs = append(o.Loss.Seqs, uint64(n+i))
			}
		}
	}
	if g.n(5) == 0 {
		o.Duplicate = Duplicate{Rate: 0.02, Seed: sub()}
	}
	switch g.n(8) {
	case 0:
		o.Start = Start{Message: uint64(g.n(120)), NoSnapshot: g.n(2) == 0}
	case 1:
		o.Start = Start{After: time.Duration(g.n(40)) * time.Millisecond, NoSnapshot: g.n(2) == 0}
	}
	if g.n(5) == 0 {
		o.Noise = Noise{Ratio: []float64{0.5, 2, 6}[g.n(3)], Seed: sub()}
	}
	if g.n(6) == 0 {
		o.Retries = Rate{Rate: 0.1, Seed: sub()}
	}
	return o
}

// gen writes a random script. It keeps just enough of the world to say only what can happen.
type gen struct {
	rng      rng
	size     int
	b        strings.Builder
	n        int
	home     []string // files in alice's home
	vols     []string
	apps     []string // apps of alice
	browsers []string
	shell    []string // shells, of whomever
	tools    []string // shells whose user is alice, in her terminal
	mine     []string // shells that alice herself types in, from wherever
	bob      bool
	slow     bool // one thing after the other, as people do, and not all at once, as machines do
	own      bool // DSH is Finder's own service
	gone     map[string]bool
}

func (g *gen) line(format string, a ...any) {
	fmt.Fprintf(&g.b, format, a...)
	g.b.WriteByte('\n')
}

func (g *gen) pick(l []string) string { return l[g.rng.n(len(l))] }

// odds is true once in n.
func (g *gen) odds(n int) bool { return g.rng.n(n) == 0 }

var (
	stems = []string{"plan", "report", "letter", "photo", "notes", "budget", "draft", "song"}
	exts  = []string{".pdf", ".txt", ".rtf", ".jpg", ".docx", "", ".tar.gz"}
	dirs  = []string{"/Users/alice", "/Users/alice/Documents", "/Users/alice/Desktop", "/Users/alice/Downloads", "/Users/alice/Projects/x"}
)

// like is a fresh path in a folder with the extension of another, mostly: a copy of a letter is rarely called an archive.
func (g *gen) like(path, dir string) string {
	if g.odds(12) {
		return g.fresh(dir)
	}
	_, ext := cutExt(base(path))
	stem, _ := cutExt(base(g.fresh(dir)))
	return dir + "/" + stem + ext
}

// fresh is a path that was never spoken of.
func (g *gen) fresh(dir string) string {
	g.n++
	return fmt.Sprintf("%s/%s-%d%s", dir, stems[g.rng.n(len(stems))], g.n, exts[g.rng.n(len(exts))])
}

func (g *gen) newHome() string { return g.fresh(g.pick(dirs)) }

// file is a file in the home, old or new; it is taken out of the list if it is going away.
func (g *gen) file(goes bool) string {
	if len(g.home) == 0 || g.odds(4) {
		p := g.newHome()
		if !goes {
			g.home = append(g.home, p)
		}
		return p
	}
	i := g.rng.n(len(g.home))
	p := g.home[i]
	if goes {
		g.home[i] = g.home[len(g.home)-1]
		g.home = g.home[:len(g.home)-1]
	}
	return p
}

func (g *gen) name(prefix string) string {
	g.n++
	return fmt.Sprintf("%s%d", prefix, g.n)
}

func (g *gen) script() string {
	g.line("seed %d", 1+g.rng.n(1000))
	if g.odds(3) {
		g.line("dying images close %s the exec", []string{"before", "after"}[g.rng.n(2)])
	}
	if g.odds(4) {
		g.line("timebase 1/1")
	}
	g.slow = g.odds(2)
	g.line("user alice 501 console")
	if g.odds(2) {
		g.bob = true
		g.line("user bob 502%s", []string{"", " console"}[g.rng.n(2)])
	}
	for _, v := range []string{"/Volumes/USB external exfat", "/Volumes/Disk external apfs", "/Volumes/Share network smbfs", "/Volumes/Old external msdos"} {
		if len(g.vols) == 0 || g.odds(4) {
			g.line("volume %s", v)
			path, _, _ := strings.Cut(v, " ")
			g.vols = append(g.vols, path)
		}
	}
	apps := []string{
		"Finder com.apple.finder", "TextEdit com.apple.TextEdit", "Chrome com.google.Chrome", "Firefox org.mozilla.firefox", "Safari com.apple.Safari",
		"Code com.microsoft.VSCode", "Drawer com.example.drawer",
	}
	begun := false
	for i, a := range apps {
		if i == 0 || g.odds(3) {
			name, _, _ := strings.Cut(a, " ")
			already := ""
			if !begun && g.odds(2) {
				already = ", already running"
			}
			begun = begun || already == ""
			g.line("app %s of alice%s", a, already)
			g.apps = append(g.apps, name)
			if name == "Chrome" || name == "Firefox" || name == "Safari" {
				g.browsers = append(g.browsers, name)
			}
		}
	}
	switch g.rng.n(3) {
	case 0:
		g.own = true
		g.line("service DSH com.apple.DesktopServicesHelper for Finder")
	case 1:
		g.line("daemon DSH com.apple.DesktopServicesHelper, in the session of alice")
	default:
		g.line("daemon DSH com.apple.DesktopServicesHelper")
	}
	g.line("app Terminal com.apple.Terminal of alice")
	g.line("shell Z in Terminal")
	g.shell, g.tools, g.mine = append(g.shell, "Z"), append(g.tools, "Z"), append(g.mine, "Z")
	for range g.size {
		g.sentence()
	}
	if g.odds(2) {
		g.line("Z exits")
	}
	if g.odds(3) {
		g.line("DSH exits")
	}
	if g.odds(6) { // what a terminal started runs on without it
		g.line("Terminal exits")
		for _, sh := range g.shell[1:] {
			g.line("%s makes file %s", sh, g.newHome())
		}
	}
	return g.b.String()
}

// sentence adds one thing that happens.
func (g *gen) sentence() {
	if g.slow {
		g.line("wait %dms", 2200+g.rng.n(9000))
	}
	switch g.rng.n(12) {
	case 0:
		g.line("wait %dms", 1+g.rng.n(4000))
	case 1:
		g.arrival()
	}
	deeds[g.rng.n(len(deeds))](g)
}

// arrival brings somebody new.
func (g *gen) arrival() {
	name := g.name("X")
	user := "alice"
	if g.bob && g.odds(2) {
		user = "bob"
	}
	switch g.rng.n(7) {
	case 6: // somebody becomes another, and perhaps another again
		who := "root"
		if g.bob && g.odds(2) {
			who = "bob"
		}
		g.line("%s becomes %s by su as %s", g.pick(g.shell), who, name)
	case 0:
		g.line("ssh %s of %s from 203.0.113.%d", name, user, 1+g.rng.n(200))
		if user == "alice" {
			g.mine = append(g.mine, name)
		}
	case 1:
		g.line("cron %s of %s", name, user)
	case 2:
		g.line("agent %s %s in %s", name, []string{"claude", "codex", "gemini", "aider"}[g.rng.n(4)], g.pick(g.tools))
	case 3:
		g.line("shell %s in %s bash", name, g.pick(g.shell))
	case 4:
		g.line("%s becomes root by sudo as %s", g.pick(g.tools), name)
	default:
		g.line("shell %s in Terminal", name)
		g.tools, g.mine = append(g.tools, name), append(g.mine, name)
	}
	g.shell = append(g.shell, name)
}
