package redact

// Name names the list and its version. It stands in the header of a recording that was redacted by it.
const Name = "ascribe.redaction/1"

// Mark stands where a secret stood.
const Mark = "<redacted>"

// Rule is one line of the published list.
type Rule struct {
	Name  string
	Finds string   // what it is applied to, and what it replaces
	Words []string // what it knows
}

// List is the published list. What is on it is redacted; XPC_SERVICE_NAME and __CFBundleIdentifier are never touched.
func List() []Rule {
	programs := make([]string, 0, len(programFlags))
	for _, p := range programFlags {
		programs = append(programs, p.program+" "+p.flag)
	}
	prefixes := make([]string, 0, len(tokenPrefixes))
	for _, p := range tokenPrefixes {
		prefixes = append(prefixes, p.prefix)
	}
	return []Rule{
		{"secret-name", "the value of a variable, an option, a query parameter or a JSON member whose name has one of these words", secretWords},
		{"secret-name-last", "the same, where the last words of the name are these", append(append([]string{}, secretLast...), secretPairs...)},
		{"secret-name-end", "the same, where the name ends with one of these", secretEnds},
		{"harmless-name", "names that end with, or are, one of these are not secret, whatever else they hold", append(append([]string{}, harmlessEnds...), harmlessNames...)},
		{"program-option", "the value of these options of these programs", programs},
		{"header", "the value of these HTTP headers", secretHeaders},
		{"openssl-pass", "the password in an argument pass:password", nil},
		{"url-password", "the password in scheme://user:password@host and //user:password@host", nil},
		{"token", "words that begin like this and are long enough to be a token", prefixes},
		{"private-key", "PEM private keys", []string{"-----BEGIN … PRIVATE KEY-----"}},
	}
}

// The words of names, upper case; my-apiKey.v2 has the words MY, API, KEY and V2.
var (
	secretWords = []string{
		"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "CREDENTIALS", "CREDS", "APIKEY", "COOKIE",
		"COOKIES", "JWT", "BEARER", "CONNSTR",
	}
	secretLast  = []string{"PASS", "PWD", "OTP", "DSN"}
	secretEnds  = []string{"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "STOREPASS", "KEYPASS", "AUTH"}
	secretPairs = []string{
		"API KEY", "ACCESS KEY", "PRIVATE KEY", "ENCRYPTION KEY", "SIGNING KEY", "MASTER KEY", "ACCOUNT KEY", "LICENSE KEY",
		"AUTH KEY", "SERVICE KEY", "STORAGE KEY", "SHARED KEY", "SESSION KEY", "CONNECTION STRING",
	}
	harmlessEnds = []string{
		"FILE", "PATH", "DIR", "SOCK", "STDIN", "FD", "COMMAND", "HELPER", "PROMPT", "TTL", "TIMEOUT", "LENGTH", "TYPE", "EXPIRY",
	}
	harmlessNames = []string{"PWD", "OLDPWD", "XPC_SERVICE_NAME", "__CFBundleIdentifier"}
	harmlessFirst = []string{"NO", "ASK", "PROMPT", "SKIP", "DISABLE"} // of options
)

// programFlags are options that only their program makes secret. An attached one has its value in the same argument.
var programFlags = []struct {
	program, flag string
	attached      bool // -pVALUE
	separate      bool // -p VALUE
	user          bool // the value is user:password
}{
	{"curl", "-u", true, true, true},
	{"curl", "--user", false, true, true},
	{"curl", "-U", true, true, true},
	{"curl", "--proxy-user", false, true, true},
	{"curl", "-b", true, true, false},
	{"mysql", "-p", true, false, false},
	{"mysqldump", "-p", true, false, false},
	{"mysqladmin", "-p", true, false, false},
	{"mariadb", "-p", true, false, false},
	{"sshpass", "-p", true, true, false},
	{"security", "-w", false, true, false},
	{"security", "-p", false, true, false},
	{"security", "-P", false, true, false},
	{"openssl", "-k", false, true, false},
	{"openssl", "-K", false, true, false},
	{"redis-cli", "-a", false, true, false},
	{"ldapsearch", "-w", false, true, false},
	{"ldapmodify", "-w", false, true, false},
	{"zip", "-P", false, true, false},
	{"unzip", "-P", false, true, false},
	{"7z", "-p", true, false, false},
	{"7zz", "-p", true, false, false},
	{"sqlcmd", "-P", true, true, false},
	{"az", "-p", false, true, false},
	{"smbclient", "-U", true, true, true},
}

// secretHeaders are HTTP headers whose value is a secret.
var secretHeaders = []string{
	"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token", "Private-Token", "X-Amz-Security-Token",
}

// tokenPrefixes begin tokens that services hand out, with the least length of what follows.
var tokenPrefixes = []struct {
	prefix string
	least  int
}{
	{"ghp_", 20},
	{"gho_", 20},
	{"ghu_", 20},
	{"ghs_", 20},
	{"ghr_", 20},
	{"github_pat_", 20},
	{"glpat-", 15},
	{"xoxa-", 10},
	{"xoxb-", 10},
	{"xoxp-", 10},
	{"xoxr-", 10},
	{"xoxs-", 10},
	{"xapp-", 10},
	{"sk-", 20},
	{"sk_live_", 16},
	{"rk_live_", 16},
	{"AKIA", 16},
	{"ASIA", 16},
	{"AIza", 30},
	{"ya29.", 20},
	{"npm_", 30},
	{"pypi-", 30},
	{"dop_v1_", 30},
	{"hf_", 30},
	{"eyJ", 30},
}
