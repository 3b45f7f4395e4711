package accuracy

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/internal/judge"
	"ascribe.example/internal/scenario"
	"ascribe.example/score"
	"ascribe.example/score/baseline"
)

// DefaultNoise is how many messages of other processes come to one of a story's: Spotlight, preferences and starting services,
// in the shares of a real recording.
const DefaultNoise = 50

// Result is what came of a corpus: for each condition the boards of ascribe and then of each baseline.
type Result struct {
	Stories    []Story
	Conditions []Condition
	Boards     [][]*score.Board
	Messages   uint64
	Wrong      []string // what ascribe got wrong or did not tell, of the part that rules may be tuned on
}

// tools are the names of the boards.
func tools() []string {
	l := []string{"ascribe"}
	for _, b := range baseline.Tools {
		l = append(l, b.Name)
	}
	return l
}

// Measure lets every story happen under every condition.
func Measure(ctx context.Context, stories []Story, conditions []Condition, noise float64) (*Result, error) {
	r := &Result{Stories: stories, Conditions: conditions}
	for range conditions {
		var l []*score.Board
		for _, name := range tools() {
			l = append(l, &score.Board{Tool: name})
		}
		r.Boards = append(r.Boards, l)
	}
	parts := make([]*Result, len(stories))
	err := each(ctx, len(stories), func(i int) (err error) {
		parts[i], err = measureOne(&stories[i], conditions, noise)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		r.Messages += p.Messages
		r.Wrong = append(r.Wrong, p.Wrong...)
		for c := range conditions {
			for t := range r.Boards[c] {
				r.Boards[c][t].Join(p.Boards[c][t])
			}
		}
	}
	return r, nil
}

func measureOne(s *Story, conditions []Condition, noise float64) (*Result, error) {
	r := &Result{}
	plain := 0
	for _, c := range conditions {
		if c.late && plain == 0 {
			b, err := scenario.Build(s.Script, Plain.options(s, noise, 0))
			if err != nil {
				return nil, err
			}
			plain = len(b.Messages)
		}
		b, err := scenario.Build(s.Script, c.options(s, noise, plain))
		if err != nil {
			return nil, err
		}
		if c == Plain {
			plain = len(b.Messages)
		}
		r.Messages += uint64(len(b.Messages))
		truth := truthOf(s, b)
		answers := Answers(b)
		if !s.Held {
			r.Wrong = append(r.Wrong, wrong(s.Name+", "+c.Name, truth, answers)...)
		}
		boards := []*score.Board{{}}
		boards[0].Add(truth, answers)
		for _, t := range baseline.Tools {
			n := &score.Board{}
			n.Add(truth, t.Answers(b.Snapshot, b.Messages))
			boards = append(boards, n)
		}
		r.Boards = append(r.Boards, boards)
	}
	return r, nil
}

// truthOf is the truth about a story as it was recorded.
func truthOf(s *Story, b *scenario.Result) *score.Truth {
	t := judge.Truth(b)
	t.Name, t.Held, t.Weakest, t.Facts = s.Name, s.Held, s.Weakest, s.Facts
	return t
}

// Answers are what the engine says of a recording.
func Answers(b *scenario.Result) []score.Answer {
	var l []score.Answer
	e := engine.New(engine.Options{}, func(f *finding.Finding) {
		if a, ok := score.FromFinding(f.Clone()); ok {
			l = append(l, a)
		}
	})
	if b.Header != nil {
		e.Begin(b.Header)
	}
	if b.Snapshot != nil {
		e.Snapshot(b.Snapshot)
	}
	for _, m := range b.Messages {
		e.Add(m)
	}
	e.Drain()
	return l
}

// wrong lists what is wrong in the answers about one story, and what is missing.
func wrong(where string, t *score.Truth, answers []score.Answer) []string {
	var l []string
	say := func(format string, args ...any) { l = append(l, where+": "+fmt.Sprintf(format, args...)) }
	told := make([]bool, len(t.Operations))
	for i := range answers {
		a := &answers[i]
		at := t.Of(a)
		if at < 0 {
			if a.Action != "" {
				say("%s %s: no such operation; %s", a.Action, a.Path, a.Levels.Action)
			}
			continue
		}
		o := &t.Operations[at]
		told[at] = told[at] || a.Action != ""
		for _, c := range []finding.Certainty{finding.Certain, finding.Likely, finding.Possible} {
			for _, role := range o.Mistakes(a, c) {
				say("%s %s by %v: %s %s, truly %s", a.Action, a.Path, a.Actor, c, role, o.Holder(role))
			}
		}
	}
	for i := range t.Operations {
		if o := &t.Operations[i]; o.Due() && !told[i] {
			say("%s %s: not told", o.Action, o.Path)
		}
	}
	return l
}

// each calls f for 0 to n-1, on all processors. The first error, by number, is returned.
func each(ctx context.Context, n int, f func(int) error) error {
	errs := make([]error, n)
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				errs[i] = f(i)
			}
		})
	}
feeding:
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			break feeding
		}
	}
	close(next)
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
