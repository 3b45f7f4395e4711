package accuracy

import (
	"crypto/sha256"
	"encoding/binary"

	"ascribe.example/internal/scenario"
)

// Condition is a way in which every story is recorded.
type Condition struct {
	Name string

	kinds   string  // subscribed
	loss    float64 // of the plain recording's messages
	shuffle int     // no message further from its place
	late    bool    // begins somewhere, every other time without a snapshot
}

// Plain is the first condition: everything subscribed, nothing lost, in order, from the beginning.
var Plain = Condition{Name: "everything, nothing lost", kinds: "everything"}

// Conditions are all of them, the plain one first.
var Conditions = []Condition{
	Plain,
	{Name: "loss 0.1 %", kinds: "everything", loss: 0.001},
	{Name: "loss 1 %", kinds: "everything", loss: 0.01},
	{Name: "loss 10 %", kinds: "everything", loss: 0.1},
	{Name: "shuffled within 40 places", kinds: "everything", shuffle: 40},
	{Name: "late start, anywhere", kinds: "everything", late: true},
	{Name: "close only", kinds: "close only"},
	{Name: "close, exec, fork, exit", kinds: "close exec"},
	{Name: "EDR-like", kinds: "edr"},
}

// options say how a story is recorded; plain is how many messages its plain recording has. What is left to chance follows
// from names, so that it is the same each time and another for each story and condition.
func (c Condition) options(s *Story, noise float64, plain int) scenario.Options {
	o := scenario.Options{Subscribed: c.kinds, Noise: scenario.Noise{Ratio: noise, Seed: dice(s.Name, "noise")}}
	seed := dice(s.Name, c.Name)
	if c.loss > 0 {
		o.Loss = scenario.Loss{Rate: c.loss, Seed: seed}
	}
	if c.shuffle > 0 {
		o.Shuffle = scenario.Shuffle{Window: c.shuffle, Seed: seed}
	}
	if c.late && plain > 1 {
		o.Start = scenario.Start{Message: 1 + seed%uint64(plain-1), NoSnapshot: seed>>32&1 == 0}
	}
	return o
}

// dice is a number that follows from words.
func dice(words ...string) uint64 {
	h := sha256.New()
	for _, w := range words {
		h.Write(append([]byte(w), 0))
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}
