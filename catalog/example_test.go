package catalog_test

import (
	"fmt"
	"strings"

	"ascribe.example/catalog"
)

func ExampleCatalog_Match() {
	c := catalog.Default()
	p := c.Match(catalog.Identity{
		Path: "/usr/libexec/xpcproxy", SigningID: "com.apple.xpc.proxy", Platform: true, CSFlags: 0x26010301,
	})
	fmt.Println(p.Name, "·", p.Classes, "·", p.Strength)

	// An ad hoc signed program that merely carries the name and the id is not it.
	p = c.Match(catalog.Identity{Path: "/tmp/.xpcproxy", SigningID: "com.apple.xpc.proxy", CSFlags: 0x22000203})
	fmt.Println(p.Strength)

	// A script carries no signature, so the agent that node runs is known weakly.
	p = c.Match(catalog.Identity{
		Path: "/opt/homebrew/Cellar/node/25.1.0/bin/node", SigningID: "node", CSFlags: 0x22000203,
		Args: []string{"node", "/opt/homebrew/bin/gemini"},
	})
	fmt.Println(p.Name, "by", p.By, "·", p.Strength)
	// Output:
	// xpcproxy · starter · platform
	// unmatched
	// Gemini CLI by Node.js · weak
}

func ExampleCatalog_With() {
	c, err := catalog.Default().With(strings.NewReader(`
House Backup
  class   backup
  team    D ABCDE12345 com.example.backup
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	p := c.Match(catalog.Identity{SigningID: "com.example.backup", TeamID: "ABCDE12345", CSFlags: 0x22010301})
	fmt.Println(p.Name, p.Has(catalog.Backup))

	_, err = c.With(strings.NewReader("House Backup\n  class bakcup\n"))
	fmt.Println(strings.SplitAfter(err.Error(), `"bakcup"`)[0])
	// Output:
	// House Backup true
	// catalogue line 2: unknown class "bakcup"
}

func ExampleSaveTemp() {
	t, ok := catalog.SaveTemp("/Users/alice/plan.rtf.sb-3f9a12bc-Qx71aZ")
	fmt.Println(t.Final, ok)
	// Output: /Users/alice/plan.rtf true
}
