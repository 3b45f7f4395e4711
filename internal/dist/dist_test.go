//go:build dist

package dist

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/macho"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const dir = "../../out/dist"

func version(t *testing.T) string {
	t.Helper()
	var meta struct{ Version string }
	if err := json.Unmarshal(read(t, "metadata.json"), &meta); err != nil || meta.Version == "" {
		t.Fatalf("no version: %v", err)
	}
	return meta.Version
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatalf("%v (make snapshot makes it)", err)
	}
	return b
}

// only is the one file that fits a pattern.
func only(t *testing.T, pattern string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %d files %v", pattern, len(all), err)
	}
	return filepath.Base(all[0])
}

func (c contents) want(t *testing.T, what, name string, executable bool) {
	t.Helper()
	f, ok := c[name]
	mode := os.FileMode(0o644)
	if executable {
		mode = 0o755
	}
	if !ok || f.mode != mode || f.data != nil && len(f.data) == 0 {
		t.Errorf("%s: %s is there: %v, mode %v, %d bytes", what, name, ok, f.mode, len(f.data))
	}
}

func TestArchives(t *testing.T) {
	v := version(t)
	for _, system := range []string{"macos_universal", "linux_amd64", "linux_arm64"} {
		name := "ascribe_" + v + "_" + system
		files, err := readTarGz(read(t, name+".tar.gz"))
		if err != nil {
			t.Fatal(err)
		}
		files.want(t, name, name+"/ascribe", true)
		for _, f := range []string{"LICENSE", "README.md", "man/ascribe.1", "man/ascribe-run.1", "completions/ascribe.bash", "completions/_ascribe", "completions/ascribe.fish"} {
			files.want(t, name, name+"/"+f, false)
		}
		if system == "macos_universal" {
			universal(t, files[name+"/ascribe"].data)
		}
		if runtime.GOOS == "linux" && system == "linux_"+runtime.GOARCH {
			runs(t, files[name+"/ascribe"].data, v)
		}
	}
}

// universal checks that both halves are there, and that the arm64 one is signed ad hoc: macOS kills it otherwise.
func universal(t *testing.T, program []byte) {
	fat, err := macho.NewFatFile(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	found := map[macho.Cpu]bool{}
	for _, a := range fat.Arches {
		found[a.Cpu] = true
		if a.Cpu == macho.CpuArm64 && !adHoc(program[a.Offset:][:a.Size], a.File) {
			t.Error("the arm64 half is not signed ad hoc")
		}
	}
	if !found[macho.CpuArm64] || !found[macho.CpuAmd64] || len(fat.Arches) != 2 {
		t.Errorf("the universal program holds %v", found)
	}
}

// adHoc reports whether a program has a code signature whose code directory says that it is ad hoc.
func adHoc(program []byte, f *macho.File) bool {
	const (
		codeSignature = 0x1d
		codeDirectory = 0xfade0c02
		adHocFlag     = 0x2
	)
	for _, l := range f.Loads {
		raw := l.Raw()
		if f.ByteOrder.Uint32(raw) != codeSignature {
			continue
		}
		blob := program[f.ByteOrder.Uint32(raw[8:]):]
		for i := range binary.BigEndian.Uint32(blob[8:]) {
			part := blob[binary.BigEndian.Uint32(blob[12+8*i+4:]):]
			if binary.BigEndian.Uint32(part) == codeDirectory {
				return binary.BigEndian.Uint32(part[12:])&adHocFlag != 0
			}
		}
	}
	return false
}

// runs runs a released program: it knows its version, and tells its story.
func runs(t *testing.T, program []byte, v string) {
	name := filepath.Join(t.TempDir(), "ascribe")
	if err := os.WriteFile(name, program, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), name, "version").Output(); err != nil || !strings.HasPrefix(string(out), "ascribe "+v+"\n") {
		t.Errorf("version: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), name, "demo", "--format", "json").Output(); err != nil || !bytes.Contains(out, []byte("DesktopServicesHelper")) {
		t.Errorf("demo: %v\n%.300s", err, out)
	}
}

func TestPackages(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		name := only(t, "ascribe_*_"+arch+".deb")
		control, files, err := readDeb(read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, l := range []string{"Package: ascribe\n", "Architecture: " + arch + "\n", "Section: utils\n"} {
			if !strings.Contains(control, l) {
				t.Errorf("%s: control lacks %q:\n%s", name, l, control)
			}
		}
		files.want(t, name, "usr/bin/ascribe", true)
		for _, f := range []string{"usr/share/man/man1/ascribe-run.1.gz", "usr/share/bash-completion/completions/ascribe", "usr/share/zsh/vendor-completions/_ascribe", "usr/share/fish/vendor_completions.d/ascribe.fish", "usr/share/doc/ascribe/copyright"} {
			files.want(t, name, f, false)
		}
	}
	for _, arch := range []string{"x86_64", "aarch64"} {
		name := only(t, "ascribe-*."+arch+".rpm")
		tags, files, err := readRPM(read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if tags[rpmName] != "ascribe" || tags[rpmArch] != arch || tags[rpmLicense] != "Apache-2.0" {
			t.Errorf("%s: %v", name, tags)
		}
		files.want(t, name, "usr/bin/ascribe", true)
		for _, f := range []string{"usr/share/man/man1/ascribe-run.1.gz", "usr/share/bash-completion/completions/ascribe", "usr/share/zsh/site-functions/_ascribe", "usr/share/licenses/ascribe/LICENSE"} {
			files.want(t, name, f, false)
		}
	}
}

// Every file that is given away has its checksum, and it is right.
func TestChecksums(t *testing.T) {
	sums := map[string]string{}
	for line := range strings.Lines(string(read(t, "SHA256SUMS"))) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
		b := sha256.Sum256(read(t, name))
		if got := hex.EncodeToString(b[:]); got != sum {
			t.Errorf("%s: %s, not %s", name, got, sum)
		}
	}
	for _, pattern := range []string{"*.tar.gz", "*.deb", "*.rpm", "*.cdx.json"} {
		all, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(all) == 0 {
			t.Errorf("no %s", pattern)
		}
		for _, f := range all {
			if sums[filepath.Base(f)] == "" {
				t.Errorf("%s has no checksum", f)
			}
		}
	}
	source := "ascribe_" + version(t) + "_source.tar.gz"
	if formula := string(read(t, "ascribe.rb")); !strings.Contains(formula, `sha256 "`+sums[source]+`"`) || strings.Contains(formula, "@") && strings.Contains(formula, "@VERSION@") {
		t.Errorf("the formula does not name %s, of %s:\n%s", sums[source], source, formula)
	}
}

// The source archive is what the formula builds: it must have what a build needs.
func TestSource(t *testing.T) {
	v := version(t)
	files, err := readTarGz(read(t, "ascribe_"+v+"_source.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"go.mod", "go.sum", "LICENSE", "cmd/ascribe/main.go"} {
		if len(files["ascribe-"+v+"/"+f].data) == 0 {
			t.Errorf("the source archive lacks %s", f)
		}
	}
}

// An SBOM lists every module that the binary itself says is linked into it.
func TestSBOMs(t *testing.T) {
	v := version(t)
	for system, binary := range map[string]string{
		"darwin_all": "universal_darwin_all/ascribe", "linux_amd64": "linux_linux_amd64_v1/ascribe", "linux_arm64": "linux_linux_arm64_v8.0/ascribe",
	} {
		var bom struct {
			BOMFormat  string `json:"bomFormat"`
			Components []struct{ Name, Version string }
		}
		if err := json.Unmarshal(read(t, "ascribe_"+v+"_"+system+".cdx.json"), &bom); err != nil || bom.BOMFormat != "CycloneDX" {
			t.Fatalf("%s: %v, %q", system, err, bom.BOMFormat)
		}
		listed := map[string]string{}
		for _, c := range bom.Components {
			listed[c.Name] = c.Version
		}
		b := read(t, binary)
		if system == "darwin_all" {
			fat, err := macho.NewFatFile(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			b = b[fat.Arches[0].Offset:][:fat.Arches[0].Size]
		}
		info, err := buildinfo.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range info.Deps {
			if listed[d.Path] != d.Version {
				t.Errorf("%s: %s %s is listed as %q", system, d.Path, d.Version, listed[d.Path])
			}
		}
		if len(info.Deps) < 5 {
			t.Errorf("%s is linked from %d modules", system, len(info.Deps))
		}
	}
}
