package accuracy

import (
	"context"

	"ascribe.example/internal/scenario"
	"ascribe.example/score"
)

// firstSeed is where the seeds of measured random scenarios begin: rules were mended by those of lower seeds.
const firstSeed = 3_000_000_000

// MeasureRandom lets n random scenarios happen, recorded in random ways: what a corpus is too small to show, that certain
// answers are right 999 times in 1,000, takes thousands of independent units.
func MeasureRandom(ctx context.Context, n int) (*score.Board, error) {
	boards := make([]*score.Board, n)
	err := each(ctx, n, func(i int) error {
		seed := uint64(firstSeed + i)
		b, err := scenario.Build(scenario.Random(seed, 4+int(seed%5)*4), scenario.RandomOptions(seed))
		if err != nil {
			return err
		}
		s := Story{Name: b.Name}
		boards[i] = &score.Board{}
		boards[i].Add(truthOf(&s, b), Answers(b))
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := &score.Board{Tool: "ascribe"}
	for _, b := range boards {
		all.Join(b)
	}
	return all, nil
}
