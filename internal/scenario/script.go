package scenario

import "errors"

type sentence struct{}

var errEmpty = errors.New("empty script")

func parse(name, text string) (*Script, error) { return nil, errEmpty }
func build(s *Script, o Options) (*Result, error) { return nil, errEmpty }
