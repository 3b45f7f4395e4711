package scenario

// noise is other processes' traffic between the script's messages.
type noise struct {
	ratio float64
	owed  float64
	rng   rng
	busy  bool
}

func newNoise(n Noise) *noise { return &noise{ratio: n.Ratio, rng: rng{n.Seed ^ 0x2015e}} }

func (n *noise) before(m *mac) {}
