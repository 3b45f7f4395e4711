package redact

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestArgs(t *testing.T) {
	for _, c := range []struct{ in, want string }{ // arguments are separated by |
		{"ls|-la|/Users/alice", ""},
		{"/usr/bin/tool|--password=hunter2 and more|x", "/usr/bin/tool|--password=<redacted>|x"},
		{"tool|--password|hunter2|x", "tool|--password|<redacted>|x"},
		{"tool|--password|--verbose", ""},
		{"tool|--password-file|/etc/secret", ""},
		{"tool|--no-password|name", ""},
		{"tool|--ask-pass|name", ""},
		{"tool|--pass-through|name", ""},
		{"tool|--db-pass|x", "tool|--db-pass|<redacted>"},
		{"tool|--password=", ""},
		{"tool|--save-token=true", ""},
		{"tool|--github-token|x", "tool|--github-token|<redacted>"},
		{"tool|-apiKey|x", "tool|-apiKey|<redacted>"},
		{"sysadminctl|-addUser|bob|-newPassword|x|-adminPassword|y", "sysadminctl|-addUser|bob|-newPassword|<redacted>|-adminPassword|<redacted>"},
		{"env|DB_PASSWORD=a b|XPC_SERVICE_NAME=com.apple.token|prog", "env|DB_PASSWORD=<redacted>|XPC_SERVICE_NAME=com.apple.token|prog"},
		{"/usr/bin/curl|-u|bob:x|https://h", "/usr/bin/curl|-u|bob:<redacted>|https://h"},
		{"curl|-ubob:x", "curl|-ubob:<redacted>"},
		{"curl|--user=bob:x", "curl|--user=bob:<redacted>"},
		{"git|-u|bob:x", ""},
		{"curl|-H|Authorization: Basic abc=", "curl|-H|Authorization: <redacted>"},
		{"curl|-H|accept: text/html", ""},
		{"curl|https://h/p?api_key=abc&x=1#f", "curl|https://h/p?api_key=<redacted>&x=1#f"},
		{"curl|-d|{\"user\":\"u\",\"password\": \"p\\\"q\"}", "curl|-d|{\"user\":\"u\",\"password\": \"<redacted>\"}"},
		{"git|clone|https://bob:x@host/r.git", "git|clone|https://bob:<redacted>@host/r.git"},
		{"mount_smbfs|//bob:x@host/share|/mnt", "mount_smbfs|//bob:<redacted>@host/share|/mnt"},
		{"mysql|-uroot|-phunter2|db", "mysql|-uroot|-p<redacted>|db"},
		{"mkdir|-p|a/b", ""},
		{"security|unlock-keychain|-p|x", "security|unlock-keychain|-p|<redacted>"},
		{"openssl|enc|-pass|pass:x", "openssl|enc|-pass|<redacted>"},
		{"openssl|rsa|-in|k|-passin|pass:x", "openssl|rsa|-in|k|-passin|pass:<redacted>"},
		{"sh|-c|TOKEN=abc tool --password 'a b' https://u:p@h; ls", "sh|-c|TOKEN=<redacted> tool --password '<redacted>' https://u:<redacted>@h; ls"},
		{"x|ghp_0123456789abcdefghijABCDEFGHIJ", "x|<redacted>"},
		{"x|task-0123456789abcdefghijABCDEFGHIJ", ""},
		{"x|Bearer abc.def", "x|Bearer <redacted>"},
		{"x|-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "x|-----BEGIN RSA PRIVATE KEY-----<redacted>-----END RSA PRIVATE KEY-----"},
		{"x|-----BEGIN CERTIFICATE-----\nabc", ""},
		{"x|--max-tokens|4096", ""},
		{"x|--output|/tmp/password.txt", ""},
	} {
		in := strings.Split(c.in, "|")
		want := c.want
		if want == "" {
			want = c.in
		}
		out := Args(in)
		if got := strings.Join(out, "|"); got != want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, want)
		}
		if strings.Join(in, "|") != c.in {
			t.Errorf("%s: the argument was changed", c.in)
		}
		if again := Args(out); strings.Join(again, "|") != want {
			t.Errorf("%s: redacted twice it is %q", c.in, again)
		}
	}
	if Args(nil) != nil {
		t.Error("no arguments became some")
	}
}

func TestEnv(t *testing.T) {
	in := []string{
		"PATH=/usr/bin", "PWD=/Users/alice/token=x y", "OLDPWD=/", "SSH_AUTH_SOCK=/var/x", "AWS_SHARED_CREDENTIALS_FILE=/x",
		"GITHUB_TOKEN=abc", "AWS_SECRET_ACCESS_KEY=abc/d+e", "MYSQL_PWD=x", "OPENAI_API_KEY=x", "DATABASE_URL=postgres://u:p@h/db",
		"XPC_SERVICE_NAME=application.com.x.token.1.2", "__CFBundleIdentifier=com.x.password", "HTTPAUTH=x", "TOKENIZERS_PARALLELISM=off",
		"malformed", "EMPTY_TOKEN=", "npm_config__auth=x", "dbPassword=x", "SECURITYSESSIONID=186a3",
	}
	want := []string{
		"PATH=/usr/bin", "PWD=/Users/alice/token=<redacted> y", "OLDPWD=/", "SSH_AUTH_SOCK=/var/x", "AWS_SHARED_CREDENTIALS_FILE=/x",
		"GITHUB_TOKEN=<redacted>", "AWS_SECRET_ACCESS_KEY=<redacted>", "MYSQL_PWD=<redacted>", "OPENAI_API_KEY=<redacted>",
		"DATABASE_URL=postgres://u:<redacted>@h/db",
		"XPC_SERVICE_NAME=application.com.x.token.1.2", "__CFBundleIdentifier=com.x.password", "HTTPAUTH=<redacted>", "TOKENIZERS_PARALLELISM=off",
		"malformed", "EMPTY_TOKEN=", "npm_config__auth=<redacted>", "dbPassword=<redacted>", "SECURITYSESSIONID=186a3",
	}
	if diff := cmp.Diff(want, Env(in)); diff != "" {
		t.Error(diff)
	}
}

// TestList: every word of the published list does what the list says.
func TestList(t *testing.T) {
	hides := func(arg string) bool { return strings.Contains(Text(arg), Mark) }
	for _, r := range List() {
		for _, w := range r.Words {
			switch r.Name {
			case "secret-name", "secret-name-last", "secret-name-end":
				if name := strings.ReplaceAll(w, " ", "_"); !hides("MY_" + name + "=value") {
					t.Errorf("%s %s is not redacted", r.Name, name)
				}
			case "harmless-name":
				if hides(w+"=value") || slices.Contains(harmlessEnds, w) && hides("MY_TOKEN_"+w+"=value") {
					t.Errorf("%s %s is redacted", r.Name, w)
				}
			case "header":
				if !hides(strings.ToLower(w) + ": value") {
					t.Errorf("%s %s is not redacted", r.Name, w)
				}
			case "token":
				if !hides(w + strings.Repeat("a1B2", 10)) {
					t.Errorf("%s %s is not redacted", r.Name, w)
				}
			case "program-option":
				program, flag, _ := strings.Cut(w, " ")
				if !strings.Contains(strings.Join(Args([]string{program, flag + "a:b"}), " ")+strings.Join(Args([]string{program, flag, "a:b"}), " "), Mark) {
					t.Errorf("%s %s is not redacted", r.Name, w)
				}
			}
		}
	}
}

func TestLine(t *testing.T) {
	raw := `{"event":{"exec":{"args":["\/bin\/sh","-c","API_KEY=x \"args\":[1] y"],"env":["A=b","MY_TOKEN=x\/y","XPC_SERVICE_NAME=0"],"cwd":{"path":"\/"}}},"x":"args","process":{"signing_id":"\"env\":[\"T_TOKEN=x\"]"}}`
	want := `{"event":{"exec":{"args":["\/bin\/sh","-c","API_KEY=<redacted> \"args\":[1] y"],"env":["A=b","MY_TOKEN=<redacted>","XPC_SERVICE_NAME=0"],"cwd":{"path":"\/"}}},"x":"args","process":{"signing_id":"\"env\":[\"T_TOKEN=x\"]"}}`
	if got := string(Line(nil, []byte(raw))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(Line([]byte("x"), []byte(`{"event":{"sudo":{"command":"\/bin\/ls --token t"}}}`))); got != `x{"event":{"sudo":{"command":"\/bin\/ls --token <redacted>"}}}` {
		t.Errorf("got %s", got)
	}
	for _, same := range []string{
		"", "{", `{"args"`, `{"args":`, `{"args":[`, `{"args":["--password","x`, `{"args":7,"env":{},"command":["a"]}`, `{"env":["A=b"]}`, `{"env":[]}`,
		"{\"args\" : [ \"a\",\n \"b\" ]}", `{"args":null}`, `{"command":"ls \"`,
	} {
		if got := string(Line(nil, []byte(same))); got != same {
			t.Errorf("%s became %s", same, got)
		}
	}
	if got := string(Line(nil, []byte("{\"args\" : [ \"a\",\n \"--password\", \"x\" ] }"))); got != "{\"args\" : [\"a\",\"--password\",\"<redacted>\"] }" {
		t.Errorf("got %s", got)
	}
}

// TestLineProperty: redacting a raw line, and redacting what it says, is the same; and a line stays JSON.
func TestLineProperty(t *testing.T) {
	word := rapid.OneOf(
		rapid.String(), rapid.SampledFrom([]string{"curl", "-u", "a:b", "--password", "TOKEN=x", "//u:p@h", "\"args\":[", "\\", "Bearer x"}),
		rapid.StringOf(rapid.RuneFrom([]rune("-=:/@ \"'\\pP_KEY&{}"))),
	)
	rapid.Check(t, func(t *rapid.T) {
		type line struct {
			X    string   `json:"x"`
			Args []string `json:"args"`
			Env  []string `json:"env"`
		}
		in := line{X: word.Draw(t, "x"), Args: rapid.SliceOf(word).Draw(t, "args"), Env: rapid.SliceOf(word).Draw(t, "env")}
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var got line
		if err := json.Unmarshal(Line(nil, raw), &got); err != nil {
			t.Fatalf("%s: %v", Line(nil, raw), err)
		}
		if err := json.Unmarshal(raw, &in); err != nil { // as JSON carries it
			t.Fatal(err)
		}
		want := line{X: in.X, Args: Args(in.Args), Env: Env(in.Env)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if again := Args(got.Args); !cmp.Equal(again, got.Args) {
			t.Fatalf("redacted twice: %q, once %q", again, got.Args)
		}
	})
}

func TestMessage(t *testing.T) {
	m := &es.Message{Event: &es.Exec{Args: []string{"x", "--token=y"}, Env: []string{"A_SECRET=x"}}}
	Message(m)
	if diff := cmp.Diff(&es.Exec{Args: []string{"x", "--token=<redacted>"}, Env: []string{"A_SECRET=<redacted>"}}, m.Event); diff != "" {
		t.Error(diff)
	}
	b := &es.Become{Command: "/bin/x PASSWORD=y"}
	Message(&es.Message{Event: b})
	if b.Command != "/bin/x PASSWORD=<redacted>" {
		t.Error(b.Command)
	}
	Message(&es.Message{Event: &es.Exit{}})
}

func BenchmarkLine(b *testing.B) {
	process := `{"signing_id":"com.apple.Finder","audit_token":{"asid":100019,"pidversion":42958,"ruid":501,"euid":501,"rgid":20,"auid":501,"egid":20,"pid":1},"codesigning_flags":1,"executable":{"path":"\/System\/Library\/CoreServices\/Finder.app","stat":{"st_dev":1,"st_mtimespec":"2022-12-08T05:07:41.000000000Z"}},"is_es_client":false}`
	open := []byte(`{"event":{"open":{"file":{"path":"\/Users\/alice\/report.pdf"}},"mach_time":1,"global_seq_num":1,"version":7,"x":[` + strings.Repeat(process+",", 5) + `0]}}`)
	exec := []byte(`{"event":{"exec":{"args":["\/bin\/sh","-c","ls -la \/Users\/alice"],"env":["PATH=\/usr\/bin","A_TOKEN=x"]}},"x":[` + strings.Repeat(`{"y":"\/z"},`, 200) + "0]}")
	for name, line := range map[string][]byte{"open": open, "exec": exec} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = Line(dst[:0], line)
			}
		})
	}
}

func BenchmarkArgs(b *testing.B) {
	args := strings.Fields("/usr/bin/clang -c -O2 -Wall -I/usr/include -DNDEBUG=1 -o /tmp/build/objects/main.o /Users/alice/src/main.c --sysroot=/x -std=c17")
	b.ReportAllocs()
	for b.Loop() {
		Args(args)
	}
}
