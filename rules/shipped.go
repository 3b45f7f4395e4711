package rules

import (
	"embed"
	"io/fs"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// Shipped is the name under which the rules that come with the program are asked for.
const Shipped = "shipped"

// LoadShipped adds the rules that come with the program.
func (s *Set) LoadShipped() error {
	names, err := fs.Glob(shipped, "shipped/*.yaml")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := shipped.ReadFile(name)
		if err != nil {
			return err
		}
		if err := s.Load(name, text); err != nil {
			return err
		}
	}
	return nil
}
