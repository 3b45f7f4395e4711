package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"syscall"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

// question is a command that asks something of findings.
type question struct {
	in  sourceFlags
	out outputFlags
	sel selectFlags
}

func (q *question) add(cmd *cobra.Command, all bool) {
	q.in.add(cmd)
	q.out.add(cmd, all)
	q.sel.add(cmd)
	q.sel.addWho(cmd)
}

// open finds what the question is asked of, and which findings it is about.
func (q *question) open(ctx context.Context, c console, verb string, names []string) (asked, *selection, error) {
	if err := q.out.check(); err != nil {
		return nil, nil, err
	}
	if f := q.out.format; f != "" && f != "text" && f != "json" {
		return nil, nil, usagef("--format %s: answers are written as text or json; run writes findings in other formats", f)
	}
	src, err := q.in.open(ctx, c, verb, names, nil)
	if err != nil {
		return nil, nil, err
	}
	sel, err := q.sel.resolve(ctx, src)
	if err != nil {
		return nil, nil, errors.Join(err, src.close())
	}
	q.out.zone = sel.zone
	return src, sel, nil
}

// answer writes an answer: lines of JSON, or text.
type answer struct {
	w    *bufio.Writer
	text *text.Writer // nil: lines of JSON
	line []byte
}

func (q *question) answer(c console) *answer {
	a := &answer{w: bufio.NewWriterSize(c.out, 64<<10)}
	if !q.out.json(c) {
		a.text = text.NewWriter(a.w, q.out.text(c))
	}
	return a
}

func (a *answer) json(line []byte) error {
	a.line = append(line, '\n')
	_, err := a.w.Write(a.line)
	return err
}

// close ends an answer, and says how the reading went.
func (a *answer) close(err error, src asked) error {
	if err == nil && a.text != nil {
		err = a.text.Close()
	}
	if err == nil {
		err = a.w.Flush()
	}
	if errors.Is(err, syscall.EPIPE) {
		err = nil // the reader has seen enough
	} else if err == nil {
		err = src.status()
	}
	return errors.Join(err, src.close())
}

// inOrder calls take for the operations and gaps that are meant, in the order of their time.
func inOrder(ctx context.Context, src asked, sel *selection, kinds query.Set[finding.Kind], take func(*finding.Finding) error) (err error) {
	var s query.Sorter
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := sel.each(ctx, src, query.Want{Kinds: kinds}, s.Add); err != nil {
		return err
	}
	for f, err := range s.All() {
		if err == nil {
			err = take(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nothing says on standard error that no finding was meant.
func nothing(c console, sel *selection) {
	switch {
	case sel.has > 0:
	case sel.looked == 0:
		fmt.Fprintln(c.err, "ascribe: no finding is as asked")
	default:
		fmt.Fprintf(c.err, "ascribe: of %s, none is as asked\n", plural(sel.looked, "finding"))
	}
}
